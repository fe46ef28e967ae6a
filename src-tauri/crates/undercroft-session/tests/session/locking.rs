//! Locking: at once, by itself, and leaving nothing behind.

use std::sync::atomic::Ordering;

use crate::stage::{self, PASSWORD, SEED, Stage, secret};
use undercroft_model::Theme;
use undercroft_session::{
    CopyTarget, DesktopEvent, Event, LockReason, SecretRef, SessionError, SettingsDraft, VaultState,
};

const SETTINGS: SettingsDraft = SettingsDraft {
    clipboard_clears_in_secs: 30,
    locks_after_idle_secs: 600,
    locks_with_screen: true,
    locks_on_sleep: true,
    keeps_window_on_close: false,
    theme: Theme::System,
};

async fn lock(stage: &Stage) {
    stage.session.lock(LockReason::User).await;
}

#[tokio::test]
async fn a_locked_vault_refuses_everything_that_needs_it() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    lock(&stage).await;
    let session = &stage.session;
    let locked = SessionError::Locked;
    assert_eq!(session.overview().await.unwrap_err(), locked);
    assert_eq!(session.accounts().await.unwrap_err(), locked);
    assert_eq!(session.identity(filed.identity).await.unwrap_err(), locked);
    assert_eq!(session.codes(filed.identity).await.unwrap_err(), locked);
    assert_eq!(
        session.search("jane".to_owned(), 9).await.unwrap_err(),
        locked
    );
    assert_eq!(session.get_session(filed.wish()).await.unwrap_err(), locked);
    assert_eq!(session.backups().await.unwrap_err(), locked);
    assert_eq!(
        session
            .verify_password(stage::password())
            .await
            .unwrap_err(),
        locked
    );
    let password = SecretRef::Password {
        identity: filed.identity,
    };
    assert_eq!(session.reveal(password).await.unwrap_err(), locked);
    assert_eq!(session.status().await.state, VaultState::Locked);
}

#[tokio::test]
async fn locking_tells_why_and_unlocking_too_and_each_once() {
    let stage = Stage::unlocked().await;
    assert_eq!(stage.platform.events().first(), Some(&Event::Unlocked));
    lock(&stage).await;
    lock(&stage).await;
    assert_eq!(stage.platform.events(), [Event::Locked(LockReason::User)]);
    stage.unlock().await;
    assert_eq!(stage.platform.events(), [Event::Unlocked]);
}

#[tokio::test]
async fn the_vault_locks_when_nobody_uses_it() {
    let stage = Stage::unlocked().await;
    stage.clock.advance(590.0);
    stage.session.touch();
    stage.clock.advance(590.0);
    stage.session.overview().await.unwrap();
    // Windows look on their own, which is no use of the vault.
    stage.clock.advance(11.0);
    stage
        .platform
        .event(|event| *event == Event::Locked(LockReason::Idle))
        .await;
    assert_eq!(stage.session.overview().await, Err(SessionError::Locked));
}

#[tokio::test]
async fn what_is_on_show_keeps_the_vault_open_and_then_the_idle_time_begins_anew() {
    let stage = Stage::unlocked().await;
    let first = stage.session.keep_open();
    let second = stage.session.keep_open();
    stage.clock.advance(86_400.0);
    stage.session.overview().await.unwrap();
    drop(first);
    stage.clock.advance(86_400.0);
    stage.session.overview().await.unwrap();
    drop(second);
    stage.clock.advance(590.0);
    stage.session.overview().await.unwrap();
    stage.clock.advance(11.0);
    stage
        .platform
        .event(|event| *event == Event::Locked(LockReason::Idle))
        .await;
}

#[tokio::test]
async fn what_keeps_the_vault_open_holds_no_lock_back_that_somebody_asked_for() {
    let stage = Stage::unlocked().await;
    let _kept = stage.session.keep_open();
    lock(&stage).await;
    assert_eq!(stage.session.overview().await, Err(SessionError::Locked));
}

#[tokio::test]
async fn the_idle_time_is_a_setting_that_counts_at_once_and_after_unlocking() {
    let stage = Stage::unlocked().await;
    stage
        .session
        .save_settings(SettingsDraft {
            clipboard_clears_in_secs: 10,
            locks_after_idle_secs: 60,
            theme: Theme::Dark,
            ..SETTINGS
        })
        .await
        .unwrap();
    stage.clock.advance(61.0);
    stage
        .platform
        .event(|event| *event == Event::Locked(LockReason::Idle))
        .await;
    let stage = stage.restart().await;
    assert_eq!(
        stage.session.status().await.theme,
        Theme::Dark,
        "known while locked"
    );
    stage.unlock().await;
    stage.clock.advance(61.0);
    stage
        .platform
        .event(|event| *event == Event::Locked(LockReason::Idle))
        .await;
}

#[tokio::test]
async fn somebody_at_the_machine_puts_off_locking_and_no_longer_than_the_idle_time() {
    let stage = Stage::unlocked().await;
    assert_eq!(stage.platform.events(), [Event::Unlocked]);
    stage.platform.touched_ago(Some(30));
    stage.clock.advance(601.0);
    stage.session.overview().await.unwrap();
    assert_eq!(stage.platform.events(), []);
    stage.clock.advance(560.0);
    stage.session.overview().await.unwrap();
    stage.platform.touched_ago(Some(700));
    stage.clock.advance(11.0);
    stage
        .platform
        .event(|event| *event == Event::Locked(LockReason::Idle))
        .await;
}

#[tokio::test]
async fn the_desktop_locks_the_vault_unless_the_settings_say_otherwise() {
    for event in [
        DesktopEvent::ScreenLocked,
        DesktopEvent::UserSwitched,
        DesktopEvent::Sleep,
    ] {
        let stage = Stage::unlocked().await;
        stage.session.heed(event).await;
        assert_eq!(
            stage.platform.events().last(),
            Some(&Event::Locked(LockReason::Desktop)),
            "{event:?}"
        );
    }
    let stage = Stage::unlocked().await;
    let lax = SettingsDraft {
        locks_with_screen: false,
        ..SETTINGS
    };
    stage.session.save_settings(lax).await.unwrap();
    stage.session.heed(DesktopEvent::ScreenLocked).await;
    stage.session.heed(DesktopEvent::UserSwitched).await;
    stage.session.overview().await.unwrap();
    stage.session.heed(DesktopEvent::Sleep).await;
    assert_eq!(stage.session.overview().await, Err(SessionError::Locked));
}

#[tokio::test]
async fn every_setting_is_kept_and_followed() {
    let stage = Stage::unlocked().await;
    assert!(!stage.session.keeps_window_on_close());
    let draft = SettingsDraft {
        clipboard_clears_in_secs: 10,
        locks_after_idle_secs: 60,
        locks_with_screen: false,
        locks_on_sleep: false,
        keeps_window_on_close: true,
        theme: Theme::Dark,
    };
    stage.session.save_settings(draft).await.unwrap();
    let stage = stage.restart().await;
    assert!(!stage.session.keeps_window_on_close(), "locked");
    stage.unlock().await;
    assert!(stage.session.keeps_window_on_close());
    let kept = stage.session.overview().await.unwrap().settings;
    let kept = SettingsDraft {
        clipboard_clears_in_secs: kept.clipboard_clears_in_secs,
        locks_after_idle_secs: kept.locks_after_idle_secs,
        locks_with_screen: kept.locks_with_screen,
        locks_on_sleep: kept.locks_on_sleep,
        keeps_window_on_close: kept.keeps_window_on_close,
        theme: kept.theme,
    };
    assert_eq!(kept, draft);
    stage.session.heed(DesktopEvent::Sleep).await;
    stage.session.heed(DesktopEvent::ScreenLocked).await;
    stage.session.overview().await.unwrap();
}

#[tokio::test]
async fn settings_outside_their_limits_are_refused() {
    let stage = Stage::unlocked().await;
    let refused = stage
        .session
        .save_settings(SettingsDraft {
            clipboard_clears_in_secs: 4,
            locks_after_idle_secs: 86_401,
            ..SETTINGS
        })
        .await
        .unwrap_err();
    let SessionError::Invalid { problems } = refused else {
        panic!("{refused:?}");
    };
    let fields: Vec<_> = problems.iter().map(|problem| problem.field).collect();
    assert_eq!(
        fields,
        ["clipboard_clears_in_secs", "locks_after_idle_secs"]
    );
}

/// Files an identity with a password and copies that.
async fn copied_password(stage: &Stage) {
    let account = stage.account("123456789012").await;
    let identity = stage.user(account, "jane.doe").await;
    stage
        .session
        .set_password(identity, secret("console-password"))
        .await
        .unwrap();
    let target = CopyTarget::Secret(SecretRef::Password { identity });
    let copied = stage.session.copy(target).await.unwrap();
    assert_eq!(copied.clears_in_secs, Some(30));
    assert_eq!(stage.platform.pasted().as_deref(), Some("console-password"));
}

/// What became of each clearing since the last look.
fn cleared(stage: &Stage) -> Vec<bool> {
    let events = stage.platform.events().into_iter();
    events
        .filter_map(|event| {
            if let Event::ClipboardCleared { ours } = event {
                return Some(ours);
            }
            None
        })
        .collect()
}

#[tokio::test]
async fn a_copied_secret_is_cleared_when_its_time_is_up() {
    let stage = Stage::unlocked().await;
    copied_password(&stage).await;
    stage.clock.advance(29.0);
    stage.session.overview().await.unwrap();
    assert!(stage.platform.pasted().is_some());
    stage.clock.advance(1.0);
    stage
        .platform
        .event(|event| *event == Event::ClipboardCleared { ours: true })
        .await;
    assert_eq!(stage.platform.pasted(), None);
}

#[tokio::test]
async fn a_later_copy_starts_the_time_anew() {
    let stage = Stage::unlocked().await;
    copied_password(&stage).await;
    stage.clock.advance(29.0);
    let account = stage.account("210987654321").await;
    let identity = stage.user(account, "john.roe").await;
    let device = {
        let mut draft = stage::device(identity, "phone", SEED);
        draft.serial = String::new();
        stage.session.save_device(draft).await.unwrap()
    };
    stage
        .session
        .copy(CopyTarget::Code { identity, device })
        .await
        .unwrap();
    stage.clock.advance(29.0);
    stage.session.overview().await.unwrap();
    assert!(stage.platform.pasted().is_some());
    stage.clock.advance(1.0);
    stage
        .platform
        .event(|event| *event == Event::ClipboardCleared { ours: true })
        .await;
}

#[tokio::test]
async fn locking_clears_what_is_ours_and_leaves_what_is_not() {
    let stage = Stage::unlocked().await;
    copied_password(&stage).await;
    lock(&stage).await;
    assert_eq!(stage.platform.pasted(), None);
    assert_eq!(cleared(&stage), [true]);

    stage.unlock().await;
    lock(&stage).await;
    assert!(cleared(&stage).is_empty(), "there was nothing to clear");

    stage.unlock().await;
    let identity = stage.session.accounts().await.unwrap()[0].id;
    let identity = stage.session.account(identity).await.unwrap().identities[0].id;
    let target = CopyTarget::Secret(SecretRef::Password { identity });
    stage.session.copy(target).await.unwrap();
    stage.platform.copy_elsewhere("a recipe");
    lock(&stage).await;
    assert_eq!(stage.platform.pasted().as_deref(), Some("a recipe"));
    assert_eq!(cleared(&stage), [false]);
}

#[tokio::test]
async fn locking_clears_what_a_stubborn_clipboard_kept_after_its_time() {
    let stage = Stage::unlocked().await;
    copied_password(&stage).await;
    stage.platform.is_broken.store(true, Ordering::SeqCst);
    stage.clock.advance(30.0);
    stage
        .platform
        .event(|event| *event == Event::ClipboardCleared { ours: false })
        .await;
    assert!(stage.platform.pasted().is_some());
    stage.platform.is_broken.store(false, Ordering::SeqCst);
    lock(&stage).await;
    assert_eq!(stage.platform.pasted(), None);
    assert_eq!(cleared(&stage), [true]);
}

#[tokio::test]
async fn an_open_vault_does_not_wake_while_nothing_is_due() {
    let stage = Stage::unlocked().await;
    copied_password(&stage).await;
    stage.session.overview().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    let before = stage.clock.sleeps();
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert_eq!(stage.clock.sleeps(), before);
}

#[tokio::test]
async fn what_is_no_secret_stays_in_the_clipboard() {
    let stage = Stage::unlocked().await;
    let account = stage.account("123456789012").await;
    let copied = stage
        .session
        .copy(CopyTarget::AccountId { account })
        .await
        .unwrap();
    assert_eq!(copied.clears_in_secs, None);
    stage.clock.advance(100.0);
    lock(&stage).await;
    assert_eq!(stage.platform.pasted().as_deref(), Some("123456789012"));
}

#[tokio::test]
async fn a_clipboard_out_of_reach_is_said() {
    let stage = Stage::unlocked().await;
    let account = stage.account("123456789012").await;
    stage.platform.is_broken.store(true, Ordering::SeqCst);
    let refused = stage.session.copy(CopyTarget::AccountId { account }).await;
    assert_eq!(refused, Err(SessionError::NoClipboard));
}

#[tokio::test]
async fn requests_that_wait_behind_a_lock_are_refused_and_later_ones_served() {
    let stage = Stage::unlocked().await;
    let account = stage.account("123456789012").await;
    let requests: Vec<_> = (0..40)
        .map(|n| {
            let session = stage.session.clone();
            tokio::spawn(async move {
                if n == 20 {
                    session.lock(LockReason::User).await;
                    return Err(SessionError::Locked);
                }
                session.set_favourite(account, n % 2 == 0).await
            })
        })
        .collect();
    for request in requests {
        let outcome = request.await.unwrap();
        assert!(
            matches!(outcome, Ok(()) | Err(SessionError::Locked)),
            "{outcome:?}"
        );
    }
    assert_eq!(stage.session.status().await.state, VaultState::Locked);
    stage.unlock().await;
    stage.session.set_favourite(account, true).await.unwrap();
    assert!(stage.session.accounts().await.unwrap()[0].favourite);
}

#[tokio::test]
async fn locking_while_unlocking_leaves_the_vault_locked() {
    let stage = Stage::unlocked().await;
    lock(&stage).await;
    stage.platform.events();
    let session = stage.session.clone();
    let unlocking = tokio::spawn(async move { session.unlock(secret(PASSWORD)).await });
    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    lock(&stage).await;
    let outcome = unlocking.await.unwrap();
    assert!(
        matches!(outcome, Ok(()) | Err(SessionError::Locked)),
        "{outcome:?}"
    );
    assert_eq!(stage.session.overview().await, Err(SessionError::Locked));
    stage.unlock().await;
    stage.session.overview().await.unwrap();
}

#[tokio::test]
async fn dropping_the_last_handle_lets_the_vault_go() {
    let stage = Stage::unlocked().await;
    let stage = {
        copied_password(&stage).await;
        // Ends without locking first, as when the program is told to quit.
        let stage::Stage {
            session,
            clock,
            platform,
            iam,
            sts,
            disk,
            folder,
        } = stage;
        drop(session);
        platform
            .event(|event| *event == Event::Locked(LockReason::Quit))
            .await;
        stage::Stage {
            session: Stage::new().session,
            clock,
            platform,
            iam,
            sts,
            disk,
            folder,
        }
    };
    stage
        .platform
        .event(|event| matches!(event, Event::ClipboardCleared { .. }))
        .await;
    assert_eq!(stage.platform.pasted(), None);
    let stage = stage.restart().await;
    stage.unlock().await;
}
