//! A walk through a sign-in to the console: one key copies each next thing.

use std::sync::atomic::{AtomicU64, Ordering};
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
pub(crate) struct SignIns {
    walk: Mutex<Option<SignIn>>,
    begun: AtomicU64,
}

/// Where a walk is.
#[derive(Clone)]
pub(crate) struct SignIn {
    /// Who signs in.
    pub(crate) quick: QuickIdentity,
    /// What is to be done.
    pub(crate) steps: Vec<SignInStep>,
    /// The index of the step that comes next.
    pub(crate) next: usize,
    /// Tells it from another walk, also of the same identity.
    number: u64,
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

    /// Begins a walk in the place of any other.
    fn begin(&self, quick: QuickIdentity, steps: Vec<SignInStep>) -> SignIn {
        let walk = SignIn {
            quick,
            steps,
            next: 0,
            number: self.begun.fetch_add(1, Ordering::Relaxed),
            moved_at: Instant::now(),
        };
        *self.held() = Some(walk.clone());
        walk
    }

    /// Moves a walk behind a step that was taken; behind the last one it is over.
    ///
    /// Taking a step takes a while. A walk that was ended in the meantime stays so, and one that was begun stays where
    /// it is. Returns whether the walk was still there.
    fn passed(&self, taken: &SignIn, step: usize) -> bool {
        let mut held = self.held();
        let Some(walk) = held.as_mut().filter(|walk| walk.number == taken.number) else {
            return false;
        };
        walk.next = step + 1;
        walk.moved_at = Instant::now();
        held.take_if(|walk| walk.next >= walk.steps.len());
        true
    }

    fn held(&self) -> MutexGuard<'_, Option<SignIn>> {
        self.walk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Begins a walk for an identity.
///
/// # Errors
///
/// When it is gone.
pub(crate) async fn begin(app: &App, identity: ItemId) -> Result<SignIn, UiError> {
    let (quick, steps) = app.state::<Session>().sign_in_steps(identity).await?;
    let walk = app.state::<SignIns>().begin(quick, steps);
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
    let sign_ins = app.state::<SignIns>();
    let walk = sign_ins.present().ok_or(UiError::NoSuchItem)?;
    let what = *walk.steps.get(step).ok_or(UiError::NoSuchItem)?;
    session.touch();
    match copies(what) {
        None => {
            open_sign_in(app, walk.quick.row.id).await?;
            sign_ins.passed(&walk, step);
        }
        Some(copy) => {
            let done = copied(&session, walk.quick.row.id, copy).await?;
            let goes_on = sign_ins.passed(&walk, step);
            let then = goes_on.then(|| {
                let next = walk.steps.get(step + 1);
                next.map_or("That was the last step".to_owned(), |next| {
                    format!("Next: {}", name(*next))
                })
            });
            copying::copied(&walk.quick, copy, done, then.as_deref());
            window::hide(app);
        }
    }
    let walk = sign_ins.present();
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

#[cfg(test)]
mod tests {
    use undercroft_model::{AccountId, Colour, IdentityKind, Partition, UserName};
    use undercroft_session::{AccountRow, IdentityRow};

    use super::*;

    const STEPS: [SignInStep; 3] = [
        SignInStep::OpenPage,
        SignInStep::AccountName,
        SignInStep::UserName,
    ];

    fn begun(sign_ins: &SignIns) -> SignIn {
        let id = ItemId::from_bytes([7; 16]);
        let quick = QuickIdentity {
            account: AccountRow {
                id,
                account_id: AccountId::parse("123456789012").unwrap(),
                alias: None,
                name: "Payments".to_owned(),
                partition: Partition::default(),
                colour: Colour::default(),
                production: false,
                favourite: false,
                tags: Vec::new(),
                identities: 1,
                live: false,
            },
            row: IdentityRow {
                id,
                kind: IdentityKind::IamUser {
                    name: UserName::parse("jane").unwrap(),
                },
                favourite: false,
                has_password: false,
                devices: 0,
                keys: 0,
                secrets: 0,
                live: false,
            },
            device: None,
            key: None,
            session: None,
        };
        sign_ins.begin(quick, STEPS.to_vec())
    }

    fn next(sign_ins: &SignIns) -> Option<usize> {
        sign_ins.present().map(|walk| walk.next)
    }

    #[test]
    fn a_walk_goes_on_behind_the_step_taken_and_ends_behind_the_last() {
        let sign_ins = SignIns::default();
        let walk = begun(&sign_ins);
        assert!(sign_ins.passed(&walk, 1));
        assert_eq!(next(&sign_ins), Some(2));
        assert!(sign_ins.passed(&walk, 0));
        assert_eq!(next(&sign_ins), Some(1));
        assert!(sign_ins.passed(&walk, 2));
        assert_eq!(next(&sign_ins), None);
    }

    #[test]
    fn a_walk_that_is_ended_while_a_step_is_taken_stays_ended() {
        let sign_ins = SignIns::default();
        let walk = begun(&sign_ins);
        sign_ins.end();
        assert!(!sign_ins.passed(&walk, 0));
        assert_eq!(next(&sign_ins), None);
    }

    #[test]
    fn a_walk_that_is_begun_while_a_step_of_another_is_taken_stays_at_its_beginning() {
        let sign_ins = SignIns::default();
        let former = begun(&sign_ins);
        begun(&sign_ins);
        assert!(!sign_ins.passed(&former, 1));
        assert_eq!(next(&sign_ins), Some(0));
    }
}
