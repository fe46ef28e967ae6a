//! `undercroft agent`: hosts a vault in the foreground, on machines without a display.

use std::{process::ExitCode, sync::Arc};

use undercroft_agent::{BindError, Limits, Server};
use undercroft_aws::{AwsConsole, AwsIam, AwsSts, HttpClient, HttpSettings};
use undercroft_host::{Door, Host};
use undercroft_secret::SecretString;
use undercroft_session::{
    Cleared, ClipboardError, Event, LockReason, Parts, Places, Platform, Session, SessionError,
    SystemClock,
};
use undercroft_vault::OsDisk;

use crate::{
    arguments::{AgentArgs, Common},
    connection::{named_vault, socket},
    failure::Failure,
    hardening::harden,
    password,
    terminal::Terminal,
};

/// Serves programs in the foreground, until it is told to end.
pub(crate) fn run(
    common: &Common,
    arguments: AgentArgs,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    harden(terminal);
    let places = places(common);
    let vault = places.vault.clone();
    runtime()?.block_on(async {
        let server = server(common)?;
        let session = session(places)?;
        if let Err(error @ SessionError::InUse { .. }) = session.check_free().await {
            let refusal = undercroft_host::refusal(&error);
            // Whoever had systemd start this program is waiting.
            server.refuse(&refusal);
            return Err(Failure::Refused(refusal));
        }
        if !arguments.locked {
            let password = if arguments.password_stdin {
                password::from_stdin()?
            } else {
                password::ask(&format!("Master password of {}: ", vault.display()))?
            };
            let unlocked = session.unlock(password).await;
            unlocked.map_err(|error| failure(&error))?;
        }
        let state = if arguments.locked {
            "locked"
        } else {
            "unlocked"
        };
        terminal.note(&format!(
            "serving {} ({state}); Ctrl-C ends",
            vault.display()
        ));
        let host = Host::new(session.clone(), Arc::new(Terminals));
        let ended = ended();
        let served = tokio::select! {
            served = host.serve(server) => Some(served),
            () = ended => None,
        };
        session.lock(LockReason::Quit).await;
        if let Some(served) = served {
            served.map_err(Failure::io("programs can't be answered"))?;
            terminal.note("handed over to the app");
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// The socket: systemd's where it hands one over, else a new one.
fn server(common: &Common) -> Result<Server, Failure> {
    #[cfg(unix)]
    {
        let handed = undercroft_agent::activated();
        let handed = handed.map_err(Failure::io("the socket that systemd handed over"))?;
        if let Some(listener) = handed {
            return Ok(Server::from_listener(listener, Limits::default()));
        }
    }
    let path = socket(common)?;
    Server::bind(&path, Limits::default()).map_err(|error| match error {
        BindError::InUse => Failure::InUse(format!(
            "the app or another agent answers at {} already",
            path.display()
        )),
        other @ (BindError::NotASocket
        | BindError::SocketOfAnother
        | BindError::NotAFolder
        | BindError::FolderOfAnother
        | BindError::FolderOpen
        | BindError::Unsupported
        | BindError::Io(_)
        | _) => Failure::Failed(format!("{}: {other}", path.display())),
    })
}

/// Returns when the process is asked to end.
#[cfg(unix)]
async fn ended() {
    use tokio::signal::unix::{SignalKind, signal};

    let kinds = [
        SignalKind::terminate(),
        SignalKind::interrupt(),
        SignalKind::hangup(),
    ];
    let mut waiting = tokio::task::JoinSet::new();
    for kind in kinds {
        waiting.spawn(async move {
            match signal(kind) {
                Ok(mut signals) => signals.recv().await,
                // Then this signal ends the process by itself.
                Err(_) => std::future::pending().await,
            }
        });
    }
    waiting.join_next().await;
}

/// Returns when the process is asked to end: by Ctrl-C, with its console, or with the user's login.
#[cfg(windows)]
async fn ended() {
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_logoff, ctrl_shutdown};

    let all = (
        ctrl_c(),
        ctrl_break(),
        ctrl_close(),
        ctrl_logoff(),
        ctrl_shutdown(),
    );
    let (Ok(mut c), Ok(mut r#break), Ok(mut close), Ok(mut logoff), Ok(mut shutdown)) = all else {
        // Then it ends without a word.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = c.recv() => {}
        _ = r#break.recv() => {}
        _ = close.recv() => {}
        _ = logoff.recv() => {}
        _ = shutdown.recv() => {}
    }
}

/// Where the vault is, and what belongs to this machine.
pub(crate) fn places(common: &Common) -> Places {
    let places = Places::from_env();
    match named_vault(common) {
        Some(vault) => Places { vault, ..places },
        None => places,
    }
}

pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Failure::io("the program can't start its threads"))
}

/// A session without a desktop.
pub(crate) fn session(places: Places) -> Result<Session, Failure> {
    let http = HttpClient::new(&HttpSettings::default())
        .map_err(|error| Failure::Failed(error.to_string()))?;
    let clock = || Arc::new(undercroft_aws::SystemClock);
    Ok(Session::start(Parts {
        places,
        platform: Arc::new(NoDesktop),
        clock: Arc::new(SystemClock::new()),
        sts: Arc::new(AwsSts::new(http.clone(), clock())),
        iam: Arc::new(AwsIam::new(http.clone(), clock())),
        console: Arc::new(AwsConsole::new(http.clone(), clock())),
        http,
        disk: Arc::new(OsDisk),
        kdf: None,
    }))
}

/// What a session's error means for the exit code.
pub(crate) fn failure(error: &SessionError) -> Failure {
    Failure::Refused(undercroft_host::refusal(error))
}

/// A machine without a display.
struct NoDesktop;

impl Platform for NoDesktop {
    fn copy(&self, _: SecretString, _: bool) -> Result<(), ClipboardError> {
        Err(ClipboardError)
    }

    fn clear_if_ours(&self) -> Cleared {
        Cleared::NotOurs
    }

    fn notify(&self, event: Event) {
        if let Event::Locked(reason) = event {
            tracing::info!(?reason, "the vault is locked");
        }
    }
}

/// There is nobody to ask but at another terminal, with `undercroft unlock`.
struct Terminals;

impl Door for Terminals {
    fn knock(&self) -> bool {
        false
    }

    fn takes_password(&self) -> bool {
        true
    }

    fn hands_over(&self) -> bool {
        true
    }
}
