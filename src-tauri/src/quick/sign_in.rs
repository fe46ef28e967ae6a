//! A walk through a sign-in to the console: one key copies each next thing.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tauri::Manager;
use tauri_specta::Event as _;
use undercroft_model::ItemId;
use undercroft_session::{
    Copied, QuickAnswer, QuickCopy, QuickIdentity, Session, SessionError, SignInStep,
};

use super::{copying, open_sign_in, window};
use crate::App;
use crate::error::UiError;
use crate::view::SignInMoved;

/// After this long without a step the walk is over: the shortcut then means a search again.
const PATIENCE: Duration = Duration::from_secs(180);

/// The walk that is under way.
#[derive(Default)]
pub(crate) struct SignIns(Mutex<Option<SignIn>>);

/// Where a walk is.
#[derive(Clone)]
pub(crate) struct SignIn {
    /// Who signs in.
    pub(crate) quick: QuickIdentity,
    /// What is to be done.
    pub(crate) steps: Vec<SignInStep>,
    /// The index of the step that comes next.
    pub(crate) next: usize,
    moved_at: Instant,
}

impl SignIns {
    /// The walk, unless it is over.
    pub(crate) fn present(&self) -> Option<SignIn> {
        let mut walk = self.held();
        walk.take_if(|walk| walk.moved_at.elapsed() > PATIENCE);
        walk.clone()
    }

    /// Ends it.
    pub(crate) fn end(&self) {
        *self.held() = None;
    }

    fn set(&self, walk: Option<SignIn>) {
        *self.held() = walk;
    }

    fn held(&self) -> MutexGuard<'_, Option<SignIn>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Begins a walk for an identity.
///
/// # Errors
///
/// When it is gone.
pub(crate) async fn begin(app: &App, identity: ItemId) -> Result<SignIn, UiError> {
    let (quick, steps) = app.state::<Session>().sign_in_steps(identity).await?;
    let walk = SignIn {
        quick,
        steps,
        next: 0,
        moved_at: Instant::now(),
    };
    app.state::<SignIns>().set(Some(walk.clone()));
    tell(app, Some(&walk));
    Ok(walk)
}

/// Takes the step that comes next.
///
/// # Errors
///
/// As [`take`].
pub(super) async fn take_next(app: &App) -> Result<(), UiError> {
    if let Some(walk) = app.state::<SignIns>().present() {
        take(app, walk.next).await?;
    }
    Ok(())
}

/// Takes a step: opens the page or copies what is to be pasted. Returns where the walk is then; nothing at its end.
///
/// # Errors
///
/// [`UiError::NoSuchItem`] when no walk is under way or it has no such step; what copying answers.
pub(crate) async fn take(app: &App, step: usize) -> Result<Option<SignIn>, UiError> {
    let session = app.state::<Session>();
    let mut walk = app
        .state::<SignIns>()
        .present()
        .ok_or(UiError::NoSuchItem)?;
    let what = *walk.steps.get(step).ok_or(UiError::NoSuchItem)?;
    let next = walk.steps.get(step + 1).copied();
    session.touch();
    match copies(what) {
        None => open_sign_in(app, walk.quick.row.id).await?,
        Some(copy) => {
            let done = copied(&session, walk.quick.row.id, copy).await?;
            let then = next.map_or("That was the last step".to_owned(), |next| {
                format!("Next: {}", name(next))
            });
            copying::copied(&walk.quick, copy, done, Some(&then));
            window::hide(app);
        }
    }
    walk.next = step + 1;
    walk.moved_at = Instant::now();
    let walk = next.is_some().then_some(walk);
    app.state::<SignIns>().set(walk.clone());
    tell(app, walk.as_ref());
    Ok(walk)
}

async fn copied(
    session: &Session,
    identity: ItemId,
    what: QuickCopy,
) -> Result<Copied, SessionError> {
    match session.quick_copy(identity, what).await? {
        QuickAnswer::Copied(done) => Ok(done),
        // Only a session makes wait, which is no step.
        QuickAnswer::Wait { .. } => Err(SessionError::Internal),
    }
}

/// What a step copies; nothing where it opens the page.
fn copies(step: SignInStep) -> Option<QuickCopy> {
    match step {
        SignInStep::OpenPage => None,
        SignInStep::AccountName => Some(QuickCopy::AccountName),
        SignInStep::Email | SignInStep::UserName => Some(QuickCopy::Name),
        SignInStep::Password => Some(QuickCopy::Password),
        SignInStep::Code => Some(QuickCopy::Code),
    }
}

fn name(step: SignInStep) -> &'static str {
    match step {
        SignInStep::OpenPage => "the page",
        SignInStep::AccountName => "the account",
        SignInStep::Email => "the email",
        SignInStep::UserName => "the user name",
        SignInStep::Password => "the password",
        SignInStep::Code => "the MFA code",
    }
}

fn tell(app: &App, walk: Option<&SignIn>) {
    // A window that is not there asks when it comes.
    let _ = SignInMoved {
        sign_in: walk.cloned().map(Into::into),
    }
    .emit(app);
}
