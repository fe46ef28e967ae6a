//! Unlocking with a key that the desktop keeps: what makes it possible, what it does not stand for, and what ends it.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use crate::stage::{BreakableDisk, Filed, Stage, password, secret};
use undercroft_model::QuickUnlock;
use undercroft_session::{
    DeviceRef, Event, Guarded, LockReason, Notice, SessionError, SettingsDraft, VaultState,
};
use undercroft_vault::{AccessWanted, Credential, OsDisk, UnlockOptions, Vault};

const NEW_PASSWORD: &str = "granite-otter-lantern-38";

impl Stage {
    /// A session with a new, unlocked vault that quick unlock is on for.
    async fn quick() -> Self {
        let stage = Self::unlocked().await;
        stage.switch_on().await;
        stage
    }

    async fn switch_on(&self) {
        let on = self.session.switch_on_quick_unlock(password()).await;
        on.unwrap();
    }

    async fn lock(&self) {
        self.session.lock(LockReason::User).await;
    }

    /// Whether the unlock window would offer it.
    async fn is_offered(&self) -> bool {
        self.session.status().await.quick_unlock
    }

    /// The one file of quick unlock.
    fn quick_file(&self) -> Option<PathBuf> {
        let mut files = fs::read_dir(self.state_dir()).unwrap();
        files.find_map(|entry| {
            let path = entry.unwrap().path();
            path.extension()
                .is_some_and(|end| end == "quick")
                .then_some(path)
        })
    }

    /// That no half is left.
    fn assert_forgotten(&self) {
        assert!(self.platform.quick_keys().is_empty());
        assert_eq!(self.quick_file(), None);
    }

    async fn assert_needs_password(&self) {
        assert!(!self.is_offered().await);
        let refused = self.session.unlock_quickly().await;
        assert_eq!(refused.unwrap_err(), SessionError::PasswordNeeded);
        assert_eq!(self.session.status().await.state, VaultState::Locked);
    }

    async fn setting(&self) -> QuickUnlock {
        let overview = self.session.overview().await.unwrap();
        overview.settings.quick_unlock
    }

    /// Opens the vault beside the session, as another installation does.
    fn elsewhere(&self) -> Vault {
        let mut options = UnlockOptions::new(
            undercroft_model::InstallationId::new_random(),
            undercroft_session::Clock::now(&*self.clock),
        );
        options.access = AccessWanted::Write;
        options.raise_to = None;
        let credential = password();
        let credential = Credential::Password(&credential);
        let opened = Vault::unlock(Arc::new(OsDisk), &self.vault(), credential, options);
        opened.unwrap().0
    }
}

#[tokio::test]
async fn it_is_off_until_it_is_switched_on_with_the_password() {
    let stage = Stage::unlocked().await;
    assert_eq!(stage.setting().await, QuickUnlock::Off);
    stage.assert_forgotten();
    let refused = stage
        .session
        .switch_on_quick_unlock(secret("not the password"))
        .await;
    assert_eq!(
        refused.unwrap_err(),
        SessionError::WrongPassword { wait_secs: 0 }
    );
    assert_eq!(stage.setting().await, QuickUnlock::Off);
    stage.assert_forgotten();
    stage.lock().await;
    stage.assert_needs_password().await;
    let locked = stage.session.switch_on_quick_unlock(password()).await;
    assert_eq!(locked.unwrap_err(), SessionError::Locked);
}

#[tokio::test]
async fn it_unlocks_without_a_password_and_again_after_a_new_start() {
    let stage = Stage::quick().await;
    assert!(!stage.is_offered().await, "not while unlocked");
    stage.account("123456789012").await;
    stage.lock().await;
    assert!(stage.is_offered().await);
    stage.session.unlock_quickly().await.unwrap();
    assert_eq!(stage.session.accounts().await.unwrap().len(), 1);
    let stage = stage.restart().await;
    assert!(stage.is_offered().await);
    stage.platform.events();
    stage.session.unlock_quickly().await.unwrap();
    stage
        .platform
        .event(|event| *event == Event::Unlocked)
        .await;
    assert_eq!(stage.session.accounts().await.unwrap().len(), 1);
    assert_eq!(stage.notices().await, []);
}

#[tokio::test]
async fn telling_that_it_is_offered_reads_no_key() {
    let stage = Stage::quick().await;
    stage.lock().await;
    assert!(stage.is_offered().await);
    assert_eq!(stage.platform.quick_keys_read.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn it_is_not_offered_without_its_file() {
    let stage = Stage::quick().await;
    stage.lock().await;
    fs::remove_file(stage.quick_file().unwrap()).unwrap();
    stage.assert_needs_password().await;
    stage.assert_forgotten();
}

#[tokio::test]
async fn the_key_is_new_each_time_and_lasts_two_weeks_from_the_last_password() {
    let stage = Stage::quick().await;
    let (first, sealed) = (
        stage.platform.copy_of_keychain(),
        fs::read(stage.quick_file().unwrap()).unwrap(),
    );
    assert_eq!(
        stage.platform.quick_keys(),
        [Duration::from_secs(14 * 86_400)]
    );
    stage.lock().await;
    stage.session.unlock_quickly().await.unwrap();
    let unchanged = fs::read(stage.quick_file().unwrap()).unwrap();
    assert_eq!(unchanged, sealed, "quick unlock renews nothing");
    stage.lock().await;
    stage.unlock().await;
    assert_ne!(fs::read(stage.quick_file().unwrap()).unwrap(), sealed);
    stage.lock().await;
    stage.platform.put_keychain(first);
    let refused = stage.session.unlock_quickly().await;
    assert_eq!(refused.unwrap_err(), SessionError::PasswordNeeded);
}

#[cfg(unix)]
#[tokio::test]
async fn its_file_is_for_its_owner_only_and_holds_no_key() {
    use std::os::unix::fs::PermissionsExt;

    let stage = Stage::quick().await;
    let path = stage.quick_file().unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let bytes = fs::read(path).unwrap();
    assert_eq!(bytes.len(), 120);
    let keychain = stage.platform.copy_of_keychain();
    let (quick, _) = keychain.values().next().unwrap();
    assert!(
        !bytes
            .windows(8)
            .any(|some| quick.expose().starts_with(some))
    );
}

#[tokio::test]
async fn logging_out_ends_it_and_the_password_prepares_it_anew() {
    let stage = Stage::quick().await;
    stage.lock().await;
    stage.platform.log_out();
    stage.assert_needs_password().await;
    stage.assert_forgotten();
    stage.unlock().await;
    stage.lock().await;
    stage.session.unlock_quickly().await.unwrap();
}

#[tokio::test]
async fn switching_it_off_takes_no_password_and_forgets_both_halves() {
    let stage = Stage::quick().await;
    stage.session.switch_off_quick_unlock().await.unwrap();
    assert_eq!(stage.setting().await, QuickUnlock::Off);
    stage.assert_forgotten();
    stage.lock().await;
    stage.assert_needs_password().await;
    stage.unlock().await;
    stage.assert_forgotten();
}

#[tokio::test]
async fn what_was_copied_before_does_not_open_after_switching_off() {
    let stage = Stage::quick().await;
    let (path, keychain) = (
        stage.quick_file().unwrap(),
        stage.platform.copy_of_keychain(),
    );
    let sealed = fs::read(&path).unwrap();
    stage.session.switch_off_quick_unlock().await.unwrap();
    stage.lock().await;
    fs::write(&path, sealed).unwrap();
    stage.platform.put_keychain(keychain);
    let refused = stage.session.unlock_quickly().await;
    assert_eq!(refused.unwrap_err(), SessionError::PasswordNeeded);
    stage.assert_forgotten();
}

#[tokio::test]
async fn other_settings_leave_it_as_it_is() {
    let stage = Stage::quick().await;
    let settings = stage.session.overview().await.unwrap().settings;
    stage
        .session
        .save_settings(SettingsDraft {
            clipboard_clears_in_secs: 60,
            locks_after_idle_secs: settings.locks_after_idle_secs,
            locks_with_screen: settings.locks_with_screen,
            locks_on_sleep: settings.locks_on_sleep,
            keeps_window_on_close: settings.keeps_window_on_close,
            theme: settings.theme,
        })
        .await
        .unwrap();
    assert_eq!(stage.setting().await, QuickUnlock::UntilLogout);
    stage.lock().await;
    stage.session.unlock_quickly().await.unwrap();
}

#[tokio::test]
async fn a_new_password_or_vault_key_forgets_it_until_the_next_unlocking() {
    let stage = Stage::quick().await;
    stage
        .session
        .change_password(Some(password()), secret(NEW_PASSWORD))
        .await
        .unwrap();
    stage.assert_forgotten();
    stage.lock().await;
    stage.assert_needs_password().await;
    stage.session.unlock(secret(NEW_PASSWORD)).await.unwrap();
    stage
        .session
        .new_vault_key(secret(NEW_PASSWORD))
        .await
        .unwrap();
    stage.assert_forgotten();
    stage.lock().await;
    stage.assert_needs_password().await;
    stage.session.unlock(secret(NEW_PASSWORD)).await.unwrap();
    stage.lock().await;
    stage.session.unlock_quickly().await.unwrap();
}

#[tokio::test]
async fn a_new_recovery_key_leaves_it_and_the_recovery_key_prepares_it() {
    let stage = Stage::quick().await;
    let kit = stage.session.new_recovery_key(password()).await.unwrap();
    stage.lock().await;
    stage.session.unlock_quickly().await.unwrap();
    stage.lock().await;
    stage.platform.log_out();
    stage
        .session
        .unlock_with_recovery_key(kit.key)
        .await
        .unwrap();
    assert!(stage.session.status().await.needs_new_password);
    stage.lock().await;
    stage.session.unlock_quickly().await.unwrap();
    // Not the recovery key's right to a new password without the old one.
    assert!(!stage.session.status().await.needs_new_password);
    let refused = stage
        .session
        .change_password(None, secret(NEW_PASSWORD))
        .await;
    assert_eq!(
        refused.unwrap_err(),
        SessionError::WrongPassword { wait_secs: 0 }
    );
}

#[tokio::test]
async fn a_password_changed_elsewhere_ends_it_here() {
    let stage = Stage::quick().await;
    stage.lock().await;
    let mut elsewhere = stage.elsewhere();
    let now = undercroft_session::Clock::now(&*stage.clock);
    elsewhere
        .change_password(
            &secret(NEW_PASSWORD),
            undercroft_vault::KdfParams::FLOOR,
            now,
        )
        .unwrap();
    drop(elsewhere);
    let refused = stage.session.unlock_quickly().await;
    assert_eq!(refused.unwrap_err(), SessionError::PasswordNeeded);
    stage.assert_forgotten();
    stage.session.unlock(secret(NEW_PASSWORD)).await.unwrap();
}

#[tokio::test]
async fn switched_off_elsewhere_it_does_not_open_here() {
    let stage = Stage::quick().await;
    stage.lock().await;
    let mut elsewhere = stage.elsewhere();
    let now = undercroft_session::Clock::now(&*stage.clock);
    let mut settings = elsewhere.settings();
    settings.quick_unlock = QuickUnlock::Off;
    elsewhere.put_settings(settings, now).unwrap();
    elsewhere.save(now).unwrap();
    drop(elsewhere);
    let refused = stage.session.unlock_quickly().await;
    assert_eq!(refused.unwrap_err(), SessionError::PasswordNeeded);
    assert_eq!(stage.session.status().await.state, VaultState::Locked);
    stage.assert_forgotten();
    // Nothing holds the vault's lock file.
    stage.unlock().await;
}

#[tokio::test]
async fn a_restored_backup_forgets_it() {
    let stage = Stage::quick().await;
    stage.account("123456789012").await;
    let backup = stage.session.backups().await.unwrap()[0].id.clone();
    stage
        .session
        .restore_backup(backup.clone(), password())
        .await
        .unwrap();
    stage.assert_forgotten();
    stage.lock().await;
    stage.unlock().await;
    stage.switch_on().await;
    stage.lock().await;
    stage
        .session
        .restore_and_unlock(backup, password())
        .await
        .unwrap();
    stage.assert_forgotten();
}

#[tokio::test]
async fn a_changed_file_of_its_own_is_thrown_away() {
    let stage = Stage::quick().await;
    for bytes in [b"".as_slice(), b"UCQUICK\x01", &[0; 120], &[1; 4096]] {
        stage.lock().await;
        fs::write(stage.quick_file().unwrap(), bytes).unwrap();
        let refused = stage.session.unlock_quickly().await;
        assert_eq!(refused.unwrap_err(), SessionError::PasswordNeeded);
        stage.assert_forgotten();
        stage.unlock().await;
    }
    stage.lock().await;
    stage.session.unlock_quickly().await.unwrap();
}

#[tokio::test]
async fn what_is_wrong_with_the_vault_file_costs_it_nothing() {
    let stage = Stage::quick().await;
    stage.lock().await;
    let held = stage.elsewhere();
    let refused = stage.session.unlock_quickly().await;
    assert!(matches!(refused.unwrap_err(), SessionError::InUse { .. }));
    drop(held);
    let bytes = fs::read(stage.vault()).unwrap();
    let mut damaged = bytes.clone();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    fs::write(stage.vault(), damaged).unwrap();
    let refused = stage.session.unlock_quickly().await;
    assert!(matches!(refused.unwrap_err(), SessionError::Damaged { .. }));
    fs::remove_file(stage.vault()).unwrap();
    assert!(!stage.is_offered().await);
    fs::write(stage.vault(), bytes).unwrap();
    assert!(stage.is_offered().await);
    stage.session.unlock_quickly().await.unwrap();
}

#[tokio::test]
async fn it_stands_for_no_password() {
    let stage = Stage::quick().await;
    let Filed {
        identity, device, ..
    } = stage.filed().await;
    stage.lock().await;
    stage.session.unlock_quickly().await.unwrap();
    let session = &stage.session;
    let wrong = SessionError::WrongPassword { wait_secs: 0 };
    let guarded = Guarded::ShowQr {
        device: DeviceRef { identity, device },
    };
    let refused = session.permit(guarded.clone(), secret("")).await;
    assert_eq!(refused.unwrap_err(), wrong);
    let shown = session.show_qr(DeviceRef { identity, device }).await;
    assert_eq!(shown.unwrap_err(), SessionError::NotPermitted);
    let refused = session.new_recovery_key(secret("")).await;
    assert_eq!(refused.unwrap_err(), wrong);
    let refused = session.change_password(None, secret(NEW_PASSWORD)).await;
    assert_eq!(refused.unwrap_err(), wrong);
    session.permit(guarded, password()).await.unwrap();
}

#[tokio::test]
async fn it_neither_waits_for_wrong_passwords_nor_excuses_them() {
    let stage = Stage::quick().await;
    stage.lock().await;
    for _ in 0..5 {
        let _ = stage.session.unlock(secret("wrong")).await;
    }
    assert_eq!(stage.session.status().await.wait_secs, 1);
    stage.session.unlock_quickly().await.unwrap();
    assert_eq!(stage.session.status().await.wait_secs, 1);
    let refused = stage.session.verify_password(password()).await;
    assert_eq!(
        refused.unwrap_err(),
        SessionError::WrongPassword { wait_secs: 1 }
    );
}

#[tokio::test]
async fn an_open_vault_takes_no_quick_key() {
    let stage = Stage::quick().await;
    let refused = stage.session.unlock_quickly().await;
    assert_eq!(refused.unwrap_err(), SessionError::PasswordNeeded);
    assert_eq!(stage.session.status().await.state, VaultState::Unlocked);
    stage.lock().await;
    assert!(stage.is_offered().await);
}

#[tokio::test]
async fn it_is_offered_only_for_the_vault_unlocked_last() {
    let (stage, other) = (Stage::quick().await, Stage::unlocked().await);
    other.lock().await;
    stage.session.open_vault(other.vault()).await.unwrap();
    stage.assert_needs_password().await;
    stage.session.open_vault(stage.vault()).await.unwrap();
    stage.session.unlock_quickly().await.unwrap();
}

#[tokio::test]
async fn without_a_keychain_it_stays_off() {
    let stage = Stage::unlocked().await;
    stage
        .platform
        .keychain_is_broken
        .store(true, Ordering::SeqCst);
    assert!(!stage.session.overview().await.unwrap().has_keychain);
    let refused = stage.session.switch_on_quick_unlock(password()).await;
    assert_eq!(refused.unwrap_err(), SessionError::NoKeychain);
    assert_eq!(stage.setting().await, QuickUnlock::Off);
    stage.assert_forgotten();
}

#[tokio::test]
async fn a_half_that_can_not_be_written_takes_the_other_with_it() {
    let disk = Arc::new(BreakableDisk::default());
    let stage = Stage::on(disk.clone());
    stage.create().await;
    disk.break_for(".quick", std::io::ErrorKind::StorageFull);
    let refused = stage.session.switch_on_quick_unlock(password()).await;
    assert!(matches!(
        refused.unwrap_err(),
        SessionError::StateFile { .. }
    ));
    assert_eq!(stage.setting().await, QuickUnlock::Off);
    stage.assert_forgotten();
    disk.mend();
    stage.switch_on().await;
    disk.break_for(".quick", std::io::ErrorKind::StorageFull);
    stage.lock().await;
    // The vault opens all the same.
    stage.unlock().await;
    stage.assert_forgotten();
}

#[tokio::test]
async fn it_stays_with_a_vault_that_is_moved() {
    let stage = Stage::quick().await;
    let place = stage.folder.path().join("moved.undercroft");
    stage.session.move_vault_to(place).await.unwrap();
    stage.lock().await;
    stage.session.unlock_quickly().await.unwrap();
}

#[tokio::test]
async fn key_derivation_waits_for_the_password_to_be_raised() {
    let stage = Stage::quick().await;
    stage.lock().await;
    let floor = undercroft_vault::KdfParams::FLOOR;
    let raised = undercroft_vault::KdfParams {
        memory_kib: floor.memory_kib * 2,
        ..floor
    };
    let stage = stage.restart_with(raised).await;
    stage.session.unlock_quickly().await.unwrap();
    assert_eq!(stage.notices().await, []);
    stage.lock().await;
    stage.unlock().await;
    assert_eq!(stage.notices().await, [Notice::Strengthened]);
    // The raised slot is the one that the new halves belong to.
    stage.lock().await;
    stage.session.unlock_quickly().await.unwrap();
}
