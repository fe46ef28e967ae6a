//! What the desktop does for the program: tray, shortcut, starting at login, the browser.

use tauri::State;
use undercroft_loopback::Browser;
use undercroft_session::{Preferences, Session};

use crate::App;
use crate::convert::id;
use crate::error::{FieldProblem, UiError};
use crate::shortcut::{self, Shortcut};
use crate::start_at_login;
use crate::tray::Tray;
use crate::view::{DesktopView, SearchHit};

/// Whether the tray icon shows, which keys open quick search, whether the program starts at login, and what opens the
/// console.
#[tauri::command]
#[specta::specta]
pub(crate) async fn desktop(
    session: State<'_, Session>,
    tray: State<'_, Tray>,
    shortcut: State<'_, Shortcut>,
) -> Result<DesktopView, UiError> {
    session.demand_unlocked().await?;
    let (shortcut, shortcut_state) = shortcut.present();
    Ok(DesktopView {
        tray: tray.is_shown(),
        shortcut,
        shortcut_state,
        starts_at_login: start_at_login::present(),
        browser: Preferences::read(session.state_dir()).browser,
    })
}

/// Sets the keys of the global shortcut, such as `Ctrl+Alt+U`, or none.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_shortcut(
    app: App,
    session: State<'_, Session>,
    tray: State<'_, Tray>,
    shortcut: State<'_, Shortcut>,
    keys: Option<String>,
) -> Result<DesktopView, UiError> {
    session.demand_unlocked().await?;
    shortcut::change(&app, keys)?;
    desktop(session, tray, shortcut).await
}

/// Has the program start at login, without a window, or not.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_starts_at_login(
    session: State<'_, Session>,
    tray: State<'_, Tray>,
    shortcut: State<'_, Shortcut>,
    on: bool,
) -> Result<DesktopView, UiError> {
    session.demand_unlocked().await?;
    start_at_login::set(on).map_err(|detail| UiError::StartAtLogin { detail })?;
    desktop(session, tray, shortcut).await
}

/// Sets the command that opens the console, or nothing for the system's browser.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_browser(
    session: State<'_, Session>,
    tray: State<'_, Tray>,
    shortcut: State<'_, Shortcut>,
    command: Option<String>,
) -> Result<DesktopView, UiError> {
    session.demand_unlocked().await?;
    let browser = command.filter(|command| !command.trim().is_empty());
    if let Some(command) = &browser {
        Browser::parse(command).map_err(|_| UiError::Invalid {
            problems: vec![FieldProblem {
                field: "command".to_owned(),
                message: "a quote does not close".to_owned(),
            }],
        })?;
    }
    Preferences::change(session.state_dir(), |kept| kept.browser = browser)?;
    desktop(session, tray, shortcut).await
}

/// The pinned identities in the tray's order.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pinned(session: State<'_, Session>) -> Result<Vec<SearchHit>, UiError> {
    let pinned = session.pinned().await?;
    Ok(pinned.into_iter().map(Into::into).collect())
}

/// Sets the order of the pinned identities.
#[tauri::command]
#[specta::specta]
pub(crate) async fn order_pinned(
    session: State<'_, Session>,
    identities: Vec<String>,
) -> Result<(), UiError> {
    let order: Result<Vec<_>, _> = identities.iter().map(|identity| id(identity)).collect();
    Ok(session.order_pinned(order?).await?)
}
