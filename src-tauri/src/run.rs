//! The life of the app: start, windows coming and going, quitting.

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use tauri::{Manager, RunEvent};
use undercroft_aws::{AwsIam, AwsSts, HttpClient, HttpSettings, HttpSetupError};
use undercroft_session::{LockReason, Parts, Places, Session, SystemClock, VaultState};
use undercroft_vault::OsDisk;

use crate::options::{Answer, Options};
use crate::platform::{self, Desktop};
use crate::recovery_kit::ShownKit;
use crate::view::PasswordMode;
use crate::windows::Windows;
use crate::{App, configure, dropping, windows};

/// Runs the app until the user quits it.
pub fn run() -> ExitCode {
    undercroft_secret::use_one_arena();
    #[cfg(target_os = "linux")]
    if let Some(code) = platform::capture::portal::helper(std::env::args().skip(1)) {
        return code;
    }
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(answer) => return answer.print(),
    };
    if let Some(name) = platform::remote_control() {
        return Answer::RemoteControl(name).print();
    }
    platform::harden();
    let built = tauri::Builder::default().plugin(tauri_plugin_single_instance::init(
        |app, arguments, _folder| started_again(app, arguments),
    ));
    match configure(built).build(tauri::generate_context!()) {
        Ok(app) => {
            if let Err(error) = start(app.handle(), options) {
                return failed(&error);
            }
            app.run(|app, event| on_run_event(app, &event));
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    }
}

/// Says on the terminal why there is no app.
fn failed(error: &dyn Display) -> ExitCode {
    // Nobody is left to tell when the terminal is gone.
    let _ = writeln!(std::io::stderr(), "undercroft-app: can't start: {error}");
    ExitCode::FAILURE
}

/// A second start raises the first, unless it was to stay in the background itself.
fn started_again(app: &App, arguments: Vec<String>) {
    if Options::parse(arguments.into_iter().skip(1)).is_ok_and(|options| !options.background) {
        show(app);
    }
}

/// Starts the session and, unless it is to stay in the background, opens the first window.
fn start(app: &App, options: Options) -> Result<(), HttpSetupError> {
    let desktop = Arc::new(Desktop::default());
    desktop.attach(app.clone());
    let http = HttpClient::new(&HttpSettings::default())?;
    let parts = Parts {
        places: Places::from_env(),
        platform: desktop,
        clock: Arc::new(SystemClock::new()),
        sts: Arc::new(AwsSts::new(
            http.clone(),
            Arc::new(undercroft_aws::SystemClock),
        )),
        iam: Arc::new(AwsIam::new(
            http.clone(),
            Arc::new(undercroft_aws::SystemClock),
        )),
        http,
        disk: Arc::new(OsDisk),
        kdf: None,
    };
    let session = tauri::async_runtime::block_on(async { Session::start(parts) });
    app.manage(session);
    app.manage(options);
    #[cfg(unix)]
    leave_on_signals(app);
    if !options.background {
        show(app);
    }
    Ok(())
}

/// Brings a window to the user: the open one, or the one that the vault's state asks for.
fn show(app: &App) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        // A second start can come before the first one is set up; then the first shows its window by itself.
        let Some(session) = app.try_state::<Session>() else {
            return;
        };
        let windows = app.state::<Windows>();
        let _one_at_a_time = windows.opening.lock().await;
        if windows::raise_any(&app) {
            return;
        }
        let status = session.status().await;
        windows::apply_theme(&app, status.theme.into());
        let shown = match status.state {
            VaultState::NoVault if !status.is_known => {
                windows::show_password(&app, PasswordMode::FirstRun, true)
            }
            // The unlock window says that a known vault is gone, and what to do.
            VaultState::NoVault | VaultState::Locked => {
                windows::show_password(&app, PasswordMode::Unlock, true)
            }
            VaultState::Unlocked => windows::show_main(&app),
        };
        if let Err(error) = shown {
            failed(&error);
            session.lock(LockReason::Quit).await;
            app.exit(1);
        }
    });
}

/// Leaves when the system asks the program to end.
#[cfg(unix)]
fn leave_on_signals(app: &App) {
    use tokio::signal::unix::{SignalKind, signal};
    for kind in [
        SignalKind::terminate(),
        SignalKind::interrupt(),
        SignalKind::hangup(),
    ] {
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            if let Ok(mut signals) = signal(kind)
                && signals.recv().await.is_some()
            {
                app.state::<Session>().lock(LockReason::Quit).await;
                app.exit(0);
            }
        });
    }
}

fn on_run_event(app: &App, event: &RunEvent) {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "Tauri's list of events grows"
    )]
    match event {
        // The last window goes away when the vault locks, too; only `exit` ends the app.
        RunEvent::ExitRequested {
            api, code: None, ..
        } => api.prevent_exit(),
        // A recovery key is shown this once: it is put away by the button, not lost by a slip.
        RunEvent::WindowEvent {
            label,
            event: tauri::WindowEvent::CloseRequested { api, .. },
            ..
        } if label == windows::PASSWORD && app.state::<ShownKit>().is_shown() => {
            api.prevent_close();
        }
        RunEvent::WindowEvent {
            label,
            event: tauri::WindowEvent::DragDrop(event),
            ..
        } if label == windows::MAIN => dropping::heard(app, event),
        RunEvent::WindowEvent { label, event, .. }
            if windows::closing_leaves(app, label, event) =>
        {
            leave(app);
        }
        RunEvent::WindowEvent {
            label,
            event: tauri::WindowEvent::Destroyed,
            ..
        } if label == windows::PASSWORD => {
            app.state::<ShownKit>().clear();
            let app = app.clone();
            tauri::async_runtime::spawn(async move {
                if let Err(error) = windows::after_password(&app) {
                    failed(&error);
                    app.exit(1);
                }
                // What the window needed is not needed any more, and the app may rest without one for long.
                undercroft_secret::release_freed();
            });
        }
        _ => {}
    }
}

/// Locks first, so that the clipboard is cleared while this program still owns it. What was started in the background
/// stays there, without a window.
fn leave(app: &App) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        app.state::<Session>().lock(LockReason::Quit).await;
        if app.state::<Options>().background {
            windows::destroy(&app, windows::PASSWORD);
        } else {
            app.exit(0);
        }
    });
}
