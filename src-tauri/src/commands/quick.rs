//! Quick search and the sign-in sheet.

use tauri::State;
use tauri_specta::Event as _;
use undercroft_session::{QuickAnswer, Session, SessionError};

use crate::convert::id;
use crate::error::UiError;
use crate::quick::{self, SignIns, sign_in, window};
use crate::shortcut::Shortcut;
use crate::view::{
    QuickAnswerView, QuickCopyView, QuickWindowView, SearchHit, ShortcutStateView, ShowItem,
    ShownItemView, SignInView,
};
use crate::windows::{self, Windows};
use crate::{App, Window};

/// What the window of quick search shows at first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn quick_window(
    session: State<'_, Session>,
    sign_ins: State<'_, SignIns>,
    shortcut: State<'_, Shortcut>,
) -> Result<QuickWindowView, UiError> {
    let settings = session.overview().await?.settings;
    let (keys, state) = shortcut.present();
    Ok(QuickWindowView {
        theme: settings.theme.into(),
        clears_in_secs: settings.clipboard_clears_in_secs,
        shortcut: keys.filter(|_| state == ShortcutStateView::Active),
        sign_in: sign_ins.present().map(Into::into),
    })
}

/// Pinned identities and profiles, then recent ones: what is listed while nothing is typed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn quick_list(session: State<'_, Session>) -> Result<Vec<SearchHit>, UiError> {
    let hits = session.quick_hits().await?;
    Ok(hits.into_iter().map(Into::into).collect())
}

/// Copies one thing of an identity, hides the window and says on the desktop what was copied.
#[tauri::command]
#[specta::specta]
pub(crate) async fn quick_copy(
    app: App,
    session: State<'_, Session>,
    identity: String,
    what: QuickCopyView,
) -> Result<QuickAnswerView, UiError> {
    let identity = id(&identity)?;
    let of = session.quick_identity(identity).await?;
    let answer = session.quick_copy(identity, what.into()).await?;
    if let QuickAnswer::Copied(done) = answer {
        quick::copied(&of, what.into(), done, None);
        window::hide(&app);
    }
    Ok(answer.into())
}

/// Copies a profile's session, hides the window and says on the desktop what was copied.
#[tauri::command]
#[specta::specta]
pub(crate) async fn quick_copy_profile(
    app: App,
    session: State<'_, Session>,
    profile: String,
) -> Result<QuickAnswerView, UiError> {
    let profile = id(&profile)?;
    let row = session.profile(profile).await?.row;
    let answer = session.quick_copy_profile(profile).await?;
    if let QuickAnswer::Copied(done) = answer {
        quick::copied_profile(&row, done);
        window::hide(&app);
    }
    Ok(answer.into())
}

/// Opens or raises the main window at an account, an identity or a profile.
#[tauri::command]
#[specta::specta]
pub(crate) async fn show_item(
    app: App,
    session: State<'_, Session>,
    windows: State<'_, Windows>,
    item: String,
) -> Result<(), UiError> {
    let item = id(&item)?;
    let (account, is_profile) = match session.quick_identity(item).await {
        Ok(quick) => (quick.account.id, false),
        Err(SessionError::NoSuchItem) => match session.profile(item).await {
            Ok(profile) => (profile.row.account.ok_or(UiError::NoSuchItem)?.id, true),
            Err(SessionError::NoSuchItem) => (session.account(item).await?.row.id, false),
            Err(error) => return Err(error.into()),
        },
        Err(error) => return Err(error.into()),
    };
    let shown = ShownItemView {
        item: item.to_string(),
        account: account.to_string(),
        is_profile,
    };
    windows.set_shown_item(Some(shown.clone()));
    windows::show_main(&app).map_err(|_| UiError::Internal)?;
    // A window that does not listen yet asks when it does.
    let _ = ShowItem(shown).emit_to(&app, windows::MAIN);
    window::hide(&app);
    Ok(())
}

/// What the main window is to turn to when it opens; asked once.
#[tauri::command]
#[specta::specta]
pub(crate) async fn take_shown_item(
    windows: State<'_, Windows>,
) -> Result<Option<ShownItemView>, UiError> {
    Ok(windows.set_shown_item(None))
}

/// Begins a sign-in to the console, step by step, in the window of quick search.
#[tauri::command]
#[specta::specta]
pub(crate) async fn begin_sign_in(app: App, identity: String) -> Result<SignInView, UiError> {
    let walk = sign_in::begin(&app, id(&identity)?).await?;
    window::show(&app);
    Ok(walk.into())
}

/// Takes a step of the sign-in: opens the page, or copies what is to be pasted next. Nothing after the last one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn take_sign_in_step(app: App, step: u32) -> Result<Option<SignInView>, UiError> {
    let step = usize::try_from(step).unwrap_or(usize::MAX);
    Ok(sign_in::take(&app, step).await?.map(Into::into))
}

/// Ends the sign-in.
#[tauri::command]
#[specta::specta]
pub(crate) async fn end_sign_in(sign_ins: State<'_, SignIns>) -> Result<(), UiError> {
    sign_ins.end();
    Ok(())
}

/// Shows the window of quick search.
#[tauri::command]
#[specta::specta]
pub(crate) async fn show_quick(app: App, session: State<'_, Session>) -> Result<(), UiError> {
    session.demand_unlocked().await?;
    window::show(&app);
    Ok(())
}

/// Hides the window of quick search.
#[tauri::command]
#[specta::specta]
pub(crate) async fn hide_quick(app: App, _window: Window) -> Result<(), UiError> {
    window::hide(&app);
    Ok(())
}
