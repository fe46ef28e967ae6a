//! The web console, signed in with a profile's credentials.

use tauri::State;
use undercroft_loopback::{Browser, BrowserError};
use undercroft_session::{self as session, ConsoleCopy, Preferences, Session};

use crate::App;
use crate::convert::copied;
use crate::error::UiError;
use crate::quick::window;
use crate::view::{ConsoleAnswer, ConsoleWish};

/// Opens the console in the browser, signed in. The address crosses to no window: the browser is sent on to it by a page of
/// this process that is there once.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_console(
    app: App,
    session: State<'_, Session>,
    wish: ConsoleWish,
) -> Result<ConsoleAnswer, UiError> {
    let browser = match Preferences::read(session.state_dir()).browser {
        Some(command) => Browser::parse(&command).map_err(|_| UiError::NoBrowser)?,
        None => Browser::usual(),
    };
    let url = match session.console_url(wish.try_into()?).await? {
        session::ConsoleAnswer::Ready { url, .. } => url,
        session::ConsoleAnswer::Wait { secs } => return Ok(ConsoleAnswer::Wait { secs }),
    };
    let open = session.inner().clone();
    let opening = tauri::async_runtime::spawn_blocking(move || {
        // What signs in goes with the lock.
        undercroft_loopback::open_while(|| open.is_unlocked(), url, &browser)
    });
    match opening.await.map_err(|_| UiError::Internal)? {
        Ok(()) => {
            window::hide(&app);
            Ok(ConsoleAnswer::Opened)
        }
        Err(BrowserError::Late) if !session.is_unlocked() => Err(UiError::Locked),
        Err(BrowserError::Late) => Err(UiError::BrowserLate),
        Err(error) => {
            tracing::warn!(%error, "no browser shows the console");
            Err(UiError::NoBrowser)
        }
    }
}

/// Copies the address that opens the console signed in.
#[tauri::command]
#[specta::specta]
pub(crate) async fn copy_console_address(
    session: State<'_, Session>,
    wish: ConsoleWish,
) -> Result<ConsoleAnswer, UiError> {
    Ok(match session.copy_console_url(wish.try_into()?).await? {
        ConsoleCopy::Copied(done) => ConsoleAnswer::Copied {
            copied: copied(done),
        },
        ConsoleCopy::Wait { secs } => ConsoleAnswer::Wait { secs },
    })
}
