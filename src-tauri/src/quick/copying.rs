//! Copying at one click, and saying on the desktop what was copied: never the value.

use std::time::Duration;

use tauri::Manager;
use undercroft_model::ItemId;
use undercroft_session::{
    Copied, CopyTarget, ProfileRow, QuickAnswer, QuickCopy, QuickIdentity, Session, SessionError,
    SessionFormat, SessionId,
};

use super::failed;
use crate::App;
use crate::platform::notification::{self, Notification};
use crate::tray::{account_name, in_account, session_name};

/// How often a session is asked for again when the code that it needs was not there yet.
const MOST_WAITS: u8 = 2;

/// Copies something of an identity that was clicked in the tray.
pub(super) async fn from_tray(app: &App, identity: ItemId, what: QuickCopy) {
    if let Err(error) = try_copy(app, identity, what).await {
        failed(&error.into());
    }
}

async fn try_copy(app: &App, identity: ItemId, what: QuickCopy) -> Result<(), SessionError> {
    let session = app.state::<Session>();
    session.touch();
    let quick = session.quick_identity(identity).await?;
    for _ in 0..=MOST_WAITS {
        match session.quick_copy(identity, what).await? {
            QuickAnswer::Copied(done) => {
                copied(&quick, what, done, None);
                break;
            }
            QuickAnswer::Wait { secs } => {
                notification::show(Notification {
                    summary: "Waiting for the next code".to_owned(),
                    body: format!(
                        "{}: the session needs a code that was not used yet. It is copied in {secs} s.",
                        in_account(&quick.row.kind, &quick.account)
                    ),
                });
                tokio::time::sleep(Duration::from_secs(secs.into())).await;
            }
        }
    }
    Ok(())
}

/// Copies a live session that was clicked in the tray.
pub(super) async fn session_from_tray(app: &App, id: SessionId) {
    let session = app.state::<Session>();
    session.touch();
    let target = CopyTarget::Session {
        session: id,
        format: SessionFormat::usual(),
    };
    let done = async {
        let live = session.sessions().await?;
        let live = live.into_iter().find(|live| live.id == id);
        let whose = session_name(&live.ok_or(SessionError::NoSuchItem)?);
        Ok((whose, session.copy(target).await?))
    };
    match done.await {
        Ok((whose, done)) => say(&whose, QuickCopy::Session, done, None),
        Err(error) => failed(&SessionError::into(error)),
    }
}

/// Says what was copied, from where, and when it is cleared.
pub(crate) fn copied(quick: &QuickIdentity, what: QuickCopy, done: Copied, next: Option<&str>) {
    let whose = in_account(&quick.row.kind, &quick.account);
    say(&whose, what, done, next);
}

/// Says that a profile's session was copied, where it acts, and when it is cleared.
pub(crate) fn copied_profile(profile: &ProfileRow, done: Copied) {
    let account = profile.account.as_ref().map(account_name);
    let whose = [Some(profile.name.to_string()), account];
    let whose: Vec<_> = whose.into_iter().flatten().collect();
    say(&whose.join(" · "), QuickCopy::Session, done, None);
}

fn say(whose: &str, what: QuickCopy, done: Copied, next: Option<&str>) {
    notification::show(Notification {
        summary: format!("{} copied", name(what)),
        body: said(whose, done, next),
    });
}

fn said(whose: &str, done: Copied, next: Option<&str>) -> String {
    let mut said = vec![format!("{whose}.")];
    if let Some(secs) = done.valid_in_secs {
        said.push(format!(
            "The present one is about to end: this is the next code, valid in {secs} s."
        ));
    }
    if done.used_before {
        said.push("It was used before, and AWS takes each code only once.".to_owned());
    }
    if let Some(next) = next {
        said.push(format!("{next}."));
    }
    if let Some(secs) = done.clears_in_secs {
        said.push(format!("Clears in {secs} s."));
    }
    said.join(" ")
}

fn name(what: QuickCopy) -> &'static str {
    match what {
        QuickCopy::Code => "MFA code",
        QuickCopy::Password => "Password",
        QuickCopy::Name => "Name",
        QuickCopy::AccountName => "Account",
        QuickCopy::AccessKeyId => "Access key id",
        QuickCopy::SecretKey => "Secret access key",
        QuickCopy::Session => "Session",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Copied = Copied {
        clears_in_secs: None,
        used_before: false,
        valid_in_secs: None,
    };

    #[test]
    fn it_says_whose_and_when_it_clears() {
        let done = Copied {
            clears_in_secs: Some(30),
            ..PLAIN
        };
        assert_eq!(
            said("jane · Payments (production)", done, None),
            "jane · Payments (production). Clears in 30 s."
        );
        assert_eq!(said("jane · Payments", PLAIN, None), "jane · Payments.");
    }

    #[test]
    fn it_says_what_is_special_about_a_code() {
        let done = Copied {
            clears_in_secs: Some(30),
            used_before: true,
            valid_in_secs: Some(2),
        };
        let said = said("jane · Payments", done, Some("Next: the password"));
        for part in [
            "next code, valid in 2 s",
            "used before",
            "Next: the password.",
            "30 s",
        ] {
            assert!(said.contains(part), "{said}");
        }
    }
}
