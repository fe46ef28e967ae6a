//! The short way to everything: what the tray menu, quick search and the global shortcut do.

mod copying;
pub(crate) mod sign_in;
pub(crate) mod window;

use tauri::Manager;
use undercroft_model::ItemId;
use undercroft_session::{LockReason, Session, VaultState};

pub(crate) use copying::{copied, copied_profile};
pub(crate) use sign_in::{SignIn, SignIns};

use crate::App;
use crate::error::UiError;
use crate::platform::notification::{self, Notification};
use crate::tray::Action;

/// Does what was clicked in the tray.
pub(crate) fn act(app: &App, action: Action) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        match action {
            Action::Unlock | Action::Open => crate::opening::show(&app).await,
            Action::Search => search(&app).await,
            Action::Lock => app.state::<Session>().lock(LockReason::User).await,
            Action::Quit => crate::opening::quit(&app).await,
            Action::Copy(identity, what) => copying::from_tray(&app, identity, what).await,
            Action::CopySession(session) => copying::session_from_tray(&app, session).await,
            Action::OpenSignIn(identity) => {
                if let Err(error) = open_sign_in(&app, identity).await {
                    failed(&error);
                }
            }
            Action::SignIn(identity) => match sign_in::begin(&app, identity).await {
                Ok(_) => window::show(&app),
                Err(error) => failed(&error),
            },
        }
    });
}

/// What the global shortcut does: the next step of a sign-in that is under way, else quick search.
pub(crate) async fn shortcut(app: &App) {
    if app.state::<SignIns>().present().is_some() {
        if let Err(error) = sign_in::take_next(app).await {
            failed(&error);
        }
    } else {
        search(app).await;
    }
}

/// Shows quick search, or hides it; while the vault is locked, asks for the password first.
pub(crate) async fn search(app: &App) {
    match app.state::<Session>().status().await.state {
        VaultState::Unlocked => window::toggle(app),
        VaultState::Locked => {
            app.state::<window::Quick>().goes_on_to_search(true);
            crate::opening::show(app).await;
        }
        VaultState::NoVault => crate::opening::show(app).await,
    }
}

/// Opens AWS's sign-in page for an identity in the browser. The address carries no token.
///
/// # Errors
///
/// When the identity is gone, or no browser can be started.
pub(crate) async fn open_sign_in(app: &App, identity: ItemId) -> Result<(), UiError> {
    let address = app.state::<Session>().sign_in_url(identity).await?;
    open::that_detached(address).map_err(|_| UiError::NoBrowser)?;
    window::hide(app);
    Ok(())
}

/// Says on the desktop that something can't be done: no window is there to say it.
fn failed(error: &UiError) {
    notification::show(Notification {
        summary: "Undercroft can't do that".to_owned(),
        body: format!("{}.", capital(&error.to_string())),
    });
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}
