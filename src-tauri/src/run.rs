//! The life of the app: start, windows coming and going, quitting.

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use tauri::{Manager, RunEvent};
use undercroft_aws::{AwsConsole, AwsIam, AwsSts, HttpClient, HttpSettings, HttpSetupError};
use undercroft_session::{Parts, Places, Session, SystemClock};
use undercroft_vault::OsDisk;

use crate::options::{Answer, Options};
use crate::platform::{self, Desktop};
use crate::recovery_kit::ShownKit;
use crate::{App, configure, dropping, opening, programs, quick, shortcut, tray, windows};

/// Runs the app until the user quits it.
pub fn run() -> ExitCode {
    undercroft_secret::use_one_arena();
    #[cfg(target_os = "linux")]
    if let Some(code) = platform::capture::portal::helper(std::env::args().skip(1))
        .or_else(|| shortcut::portal::helper(std::env::args().skip(1)))
    {
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
    let built = built.plugin(windows::remembered_place());
    #[cfg(not(target_os = "linux"))]
    let built = built.plugin(shortcut::plugin());
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

/// A second start raises the first, opens its quick search, or does nothing where it was to stay in the background.
fn started_again(app: &App, arguments: Vec<String>) {
    let Ok(options) = Options::parse(arguments.into_iter().skip(1)) else {
        return;
    };
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        if app.try_state::<Session>().is_none() {
            return;
        }
        if options.quick {
            quick::shortcut(&app).await;
        } else if !options.background {
            opening::show(&app).await;
        }
    });
}

/// Starts the session and, unless it is to stay in the background, opens the first window.
fn start(app: &App, options: Options) -> Result<(), HttpSetupError> {
    // Tauri has the web engine keep its files there.
    if let Ok(folder) = app.path().app_local_data_dir() {
        platform::own_files::close_to_others(&folder);
    }
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
        console: Arc::new(AwsConsole::new(
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
    shortcut::start(app);
    #[cfg(target_os = "linux")]
    platform::screen_lock::watch(app);
    tray::start(app);
    programs::start(app);
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        if options.quick {
            quick::search(&app).await;
        } else if !options.background {
            opening::show(&app).await;
        }
    });
    Ok(())
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
                opening::quit(&app).await;
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
        // A window that came up without the focus hands it to its page only when it is told to.
        RunEvent::WindowEvent {
            label,
            event: tauri::WindowEvent::Focused(true),
            ..
        } => {
            if let Some(window) = app.get_webview_window(label) {
                // Then the user clicks into the page.
                let _ = window.as_ref().set_focus();
            }
        }
        RunEvent::WindowEvent {
            label,
            event: tauri::WindowEvent::Focused(false),
            ..
        } if label == quick::window::QUICK => quick::window::lost_focus(app),
        RunEvent::WindowEvent {
            label,
            event: tauri::WindowEvent::CloseRequested { api, .. },
            ..
        } if label == quick::window::QUICK => {
            api.prevent_close();
            quick::window::hide(app);
        }
        RunEvent::WindowEvent {
            label,
            event: tauri::WindowEvent::CloseRequested { api, .. },
            ..
        } if windows::closing_leaves(app, label) => {
            api.prevent_close();
            let (app, label) = (app.clone(), label.clone());
            tauri::async_runtime::spawn(async move { opening::close(&app, &label).await });
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
