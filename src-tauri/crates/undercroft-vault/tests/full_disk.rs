//! A file system that is really full, and one that is really read-only.
//!
//! Row 7 of the reliability table. Mounting needs root; without it the tests say that they were skipped.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test may panic, and says what it skipped"
)]

mod processes;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use processes::{COUNTER, counted, create, now, numbered, unlock};
use undercroft_vault::{Access, Locking, VaultError};

const HELD: Locking = Locking::WhileUnlocked {
    patience: Duration::ZERO,
};

/// A small file system of its own, unmounted when dropped.
struct Mounted(tempfile::TempDir);

impl Mounted {
    fn with_size(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(folder));
        }
        println!(
            "SKIPPED: mounting a small file system needs root; a full disk was only simulated"
        );
        None
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn remount(&self, option: &str) {
        let remounted = || {
            Command::new("mount")
                .args(["-o", &format!("remount,{option}")])
                .arg(self.path())
                .status()
                .unwrap()
                .success()
        };
        // A process that another test forks holds this one's open files for a moment, and the mount is busy.
        let done = (0..50).any(|_| {
            remounted() || {
                std::thread::sleep(Duration::from_millis(100));
                false
            }
        });
        assert!(done, "remounting {option}");
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.path()).status();
    }
}

#[test]
fn a_full_disk_keeps_the_old_file_and_the_change() {
    let Some(mounted) = Mounted::with_size("1m") else {
        return;
    };
    let path = mounted.path().join("it.undercroft");
    create(&path);
    let mut vault = unlock(&path, 1, HELD).unwrap();
    let filler = mounted.path().join("filler");
    // Leaves less and less room, down to the last page.
    for room in [60 * 1024, 20 * 1024, 0] {
        let _ = std::fs::remove_file(&filler);
        fill(&filler, room);
        let before = std::fs::read(&path).unwrap();
        vault.put(Some(COUNTER), numbered(7), now()).unwrap();
        match vault.save(now()) {
            Err(VaultError::DiskFull { .. }) => {}
            other => panic!("{room}: {other:?}"),
        }
        assert_eq!(std::fs::read(&path).unwrap(), before);
        assert!(vault.is_dirty());
        assert_eq!(counted(&vault), 7);
        let left = std::fs::read_dir(mounted.path()).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert!(
            !left
                .iter()
                .any(|name| name.to_string_lossy().ends_with(".tmp")),
            "{left:?}"
        );
    }
    // A vault on a full disk can still be unlocked, and saved once there is room.
    drop(vault);
    let mut vault = unlock(&path, 1, HELD).unwrap();
    assert_eq!(counted(&vault), 0);
    vault.put(Some(COUNTER), numbered(8), now()).unwrap();
    assert!(vault.save(now()).is_err());
    std::fs::remove_file(&filler).unwrap();
    vault.save(now()).unwrap();
    drop(vault);
    assert_eq!(counted(&unlock(&path, 1, HELD).unwrap()), 8);
}

#[test]
fn a_read_only_file_system_is_opened_for_reading() {
    let Some(mounted) = Mounted::with_size("1m") else {
        return;
    };
    let path = mounted.path().join("it.undercroft");
    create(&path);
    mounted.remount("ro");
    let mut vault = unlock(&path, 1, HELD).unwrap();
    assert_eq!(vault.access(), Access::ReadOnlyPlace);
    assert_eq!(counted(&vault), 0);
    vault.put(Some(COUNTER), numbered(7), now()).unwrap();
    assert!(matches!(vault.save(now()), Err(VaultError::ReadOnly)));
    drop(vault);

    // The same when it turns so while the vault is unlocked, as after an I/O error.
    mounted.remount("rw");
    let mut vault = unlock(&path, 1, HELD).unwrap();
    let before = std::fs::read(&path).unwrap();
    vault.put(Some(COUNTER), numbered(7), now()).unwrap();
    drop(vault);
    let mut vault = unlock(
        &path,
        1,
        Locking::WhileSaving {
            patience: Duration::ZERO,
        },
    )
    .unwrap();
    vault.put(Some(COUNTER), numbered(7), now()).unwrap();
    mounted.remount("ro");
    assert!(matches!(vault.save(now()), Err(VaultError::ReadOnly)));
    assert!(vault.is_dirty());
    assert_eq!(std::fs::read(&path).unwrap(), before);
    mounted.remount("rw");
    vault.save(now()).unwrap();
}

/// Writes a file until only `room` bytes are left.
fn fill(path: &Path, room: u64) {
    use std::io::Write;
    let mut file = std::fs::File::create(path).unwrap();
    while file.write_all(&[0x55; 4096]).is_ok() {}
    let full = file.metadata().unwrap().len();
    file.set_len(full.saturating_sub(room)).unwrap();
}
