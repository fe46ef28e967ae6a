//! Where quick keys are kept: the kernel's keyring of the login session, memory of the system that is on no disk.
//!
//! The keyring of the session and not that of the user, which outlives logging out: since Linux 5.3 it stays until the
//! machine is restarted. A process outside any session gets a keyring that stays as long, so it has no keychain here.
//!
//! Only possessors may do anything with a key: the processes of the same session, whichever they are. The kernel knows
//! users and sessions, not programs.

use std::time::Duration;

use linux_keyutils::{KeyError, KeyPermissionsBuilder, KeyRing, KeyRingIdentifier, Permission};
use undercroft_model::VaultId;
use undercroft_session::KeychainError;
use undercroft_vault::QuickKey;

/// Whether there is a keyring that ends with the session.
pub(super) fn is_there() -> bool {
    keyring().is_ok()
}

/// Keeps a key in the place of the one before. The kernel forgets it when its time is over.
pub(super) fn keep(vault: VaultId, key: &QuickKey, lasts: Duration) -> Result<(), KeychainError> {
    forget(vault)?;
    let secs = usize::try_from(lasts.as_secs()).map_err(|_| KeychainError)?;
    // Exposed to be kept by the kernel.
    let kept = keyring()?
        .add_key(&name(vault), key.expose())
        .map_err(|_| KeychainError)?;
    let own = KeyPermissionsBuilder::builder()
        .posessor(Permission::ALL)
        .build();
    let limited = kept.set_timeout(secs).and_then(|()| kept.set_perms(own));
    limited.map_err(|_| {
        // What can't be limited is not kept.
        let _ = kept.invalidate();
        KeychainError
    })
}

/// Whether a key is there.
pub(super) fn holds(vault: VaultId) -> bool {
    keyring().is_ok_and(|keyring| keyring.search(&name(vault)).is_ok())
}

/// Reads a key, straight into memory that is wiped.
pub(super) fn read(vault: VaultId) -> Result<QuickKey, KeychainError> {
    let kept = keyring()?.search(&name(vault)).map_err(|_| KeychainError)?;
    QuickKey::try_filled_by(|key| match kept.read(key) {
        Ok(QuickKey::LEN) => Ok(()),
        Ok(_) | Err(_) => Err(KeychainError),
    })
}

/// Forgets a key, at once for every program.
pub(super) fn forget(vault: VaultId) -> Result<(), KeychainError> {
    let Ok(keyring) = keyring() else {
        return Ok(());
    };
    match keyring.search(&name(vault)) {
        Ok(kept) => kept.invalidate().map_err(|_| KeychainError),
        Err(KeyError::KeyDoesNotExist | KeyError::KeyExpired | KeyError::KeyRevoked) => Ok(()),
        Err(_) => Err(KeychainError),
    }
}

fn keyring() -> Result<KeyRing, KeychainError> {
    let of_session = KeyRing::from_special_id(KeyRingIdentifier::Session, false);
    let of_user = KeyRing::from_special_id(KeyRingIdentifier::UserSession, false);
    match (of_session, of_user) {
        (Ok(of_session), Ok(of_user)) if of_session != of_user => Ok(of_session),
        _ => Err(KeychainError),
    }
}

/// The vault's id is in the name of the other half's file as well, and tells nothing.
fn name(vault: VaultId) -> String {
    format!("undercroft quick key {vault}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a test in a session of its own; nothing where the kernel or a sandbox has no keyrings.
    fn in_a_session(test: impl FnOnce() + Send + 'static) {
        let thread = std::thread::spawn(|| {
            // A new session keyring of this thread alone, where it has none of its own yet.
            let made = KeyRing::from_special_id(KeyRingIdentifier::Session, true);
            if made.is_ok() && is_there() {
                test();
            }
        });
        thread.join().unwrap();
    }

    #[test]
    fn a_key_is_kept_read_replaced_and_forgotten() {
        in_a_session(|| {
            let vault = VaultId::new_random();
            let (first, second) = (QuickKey::random(), QuickKey::random());
            assert!(!holds(vault) && read(vault).is_err());
            assert_eq!(forget(vault), Ok(()));
            for key in [first, second] {
                keep(vault, &key, Duration::from_secs(60)).unwrap();
                assert!(holds(vault));
                assert_eq!(read(vault).unwrap().expose(), key.expose());
            }
            assert!(!holds(VaultId::new_random()));
            assert_eq!(forget(vault), Ok(()));
            assert!(!holds(vault) && read(vault).is_err());
        });
    }

    #[test]
    fn nobody_but_its_possessors_may_do_anything_with_it() {
        in_a_session(|| {
            let vault = VaultId::new_random();
            keep(vault, &QuickKey::random(), Duration::from_secs(60)).unwrap();
            let kept = keyring().unwrap().search(&name(vault)).unwrap();
            let permissions = kept.metadata().unwrap().get_perms().bits();
            assert_eq!(permissions, 0x3f00_0000);
            forget(vault).unwrap();
        });
    }

    #[test]
    fn the_kernel_forgets_it_when_its_time_is_over() {
        in_a_session(|| {
            let vault = VaultId::new_random();
            keep(vault, &QuickKey::random(), Duration::from_secs(1)).unwrap();
            std::thread::sleep(Duration::from_millis(2_100));
            assert!(!holds(vault) && read(vault).is_err());
            assert_eq!(forget(vault), Ok(()));
        });
    }

    #[test]
    fn something_else_of_that_name_is_no_key() {
        in_a_session(|| {
            let vault = VaultId::new_random();
            for other in [[7_u8; 31].as_slice(), &[7; 33], &[7; 400]] {
                keyring().unwrap().add_key(&name(vault), other).unwrap();
                assert!(read(vault).is_err());
            }
            forget(vault).unwrap();
        });
    }
}
