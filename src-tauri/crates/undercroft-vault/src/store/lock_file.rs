//! The advisory lock that makes one writer at a time.
//!
//! The lock sits on a side file, `<vault>.lock`, because the vault file itself is replaced by every save. The
//! holder leaves a note there, so that others can say who has the vault.

use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Step, VaultError};

use super::disk::{Disk, DiskLock, LockAttempt};
use super::place::Place;

/// How long a waiter sleeps between two attempts.
const PAUSE: Duration = Duration::from_millis(3);

/// Who holds a vault, as they wrote it into the lock file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The process id on its machine.
    pub process: u32,
    /// The name of its program, without a path.
    pub program: String,
}

impl Holder {
    /// Describes this process.
    fn this() -> Self {
        let program = std::env::args_os()
            .next()
            .map(std::path::PathBuf::from)
            .and_then(|path| {
                path.file_name()
                    .map(|name| name.to_string_lossy().into_owned())
            })
            .unwrap_or_default();
        Self {
            process: std::process::id(),
            program: printable(&program),
        }
    }

    /// Reads a note, which may be empty or by something else.
    fn parse(note: &str) -> Option<Self> {
        let (process, program) = note.trim_end().split_once(' ')?;
        Some(Self {
            process: process.parse().ok()?,
            program: printable(program),
        })
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.process, self.program)
    }
}

/// Another program may have written the note: it is shown, so it must be short and harmless.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(64).collect()
}

/// The held lock of a vault, or the knowledge that its file system has none.
#[derive(Debug)]
pub(crate) struct VaultLock {
    held: Option<Box<dyn DiskLock>>,
}

impl VaultLock {
    /// Takes the lock, trying for as long as `patience` allows.
    pub(crate) fn take(
        disk: &dyn Disk,
        place: &Place,
        patience: Duration,
    ) -> Result<Self, VaultError> {
        let path = place.lock();
        let note = Holder::this().to_string();
        let started = Instant::now();
        loop {
            match disk
                .try_lock(&path, &note)
                .map_err(|error| Step::Lock.failed(error))?
            {
                LockAttempt::Taken(lock) => return Ok(Self { held: Some(lock) }),
                LockAttempt::Unsupported => return Ok(Self { held: None }),
                LockAttempt::Held { note } if started.elapsed() >= patience => {
                    return Err(VaultError::InUse {
                        holder: Holder::parse(&note),
                    });
                }
                LockAttempt::Held { .. } => thread::sleep(PAUSE),
            }
        }
    }

    /// Whether others are really kept out.
    pub(crate) fn is_real(&self) -> bool {
        self.held.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::os_disk::OsDisk;

    #[test]
    fn a_second_lock_is_refused_and_names_the_holder_also_within_one_process() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::of_new(&OsDisk, &folder.path().join("it.vault")).unwrap();
        let first = VaultLock::take(&OsDisk, &place, Duration::ZERO).unwrap();
        assert!(first.is_real());
        match VaultLock::take(&OsDisk, &place, Duration::ZERO) {
            Err(VaultError::InUse {
                holder: Some(holder),
            }) => assert_eq!(holder, Holder::this()),
            other => panic!("{other:?}"),
        }
        drop(first);
        let left = std::fs::read(place.lock()).expect("the side file stays");
        assert!(left.is_empty(), "and names nobody");
        VaultLock::take(&OsDisk, &place, Duration::ZERO).unwrap();
    }

    #[test]
    fn a_waiter_gets_the_lock_when_it_is_released() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::of_new(&OsDisk, &folder.path().join("it.vault")).unwrap();
        let first = VaultLock::take(&OsDisk, &place, Duration::ZERO).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(30));
                drop(first);
            });
            VaultLock::take(&OsDisk, &place, Duration::from_secs(10)).unwrap();
        });
    }

    #[test]
    fn a_foreign_note_is_not_believed() {
        assert_eq!(Holder::parse(""), None);
        assert_eq!(Holder::parse("not a number"), None);
        let holder = Holder::parse("7 a\u{1b}[31mb\u{7}").unwrap();
        assert_eq!(holder.program, "a[31mb");
    }
}
