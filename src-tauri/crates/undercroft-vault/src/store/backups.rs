//! Backups: every version that a save replaced, thinned out with age.
//!
//! They are whole vault files in the folder `backups` beside the vault, named so that sorting by name sorts by
//! age: `NAME.20261123T100000Z-0000000042-save.bak` holds what was saved at that time as save number 42.

use std::io;
use std::path::{Path, PathBuf};

use time::{
    OffsetDateTime, PrimitiveDateTime, format_description::BorrowedFormatItem,
    macros::format_description,
};
use undercroft_model::Timestamp;

use crate::error::{Step, VaultError};

use super::disk::{Disk, FileKind};
use super::place::Place;
use super::save::{MAX_FILE_BYTES, write_temporary};

/// How many of the newest backups are kept, whatever their age.
const KEEP_LAST: usize = 10;
/// For how many days, of those that have backups, the newest one is kept.
const KEEP_DAYS: usize = 7;
/// For how many months, of those that have backups, the newest one is kept.
const KEEP_MONTHS: usize = 6;
/// How many damaged files are kept; they don't count among the others.
const KEEP_DAMAGED: usize = 3;

const STAMP: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second]Z");
const SUFFIX: &str = ".bak";

/// One kept version of a vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Where it is.
    pub path: PathBuf,
    /// When that version was saved, by the clock of the machine that saved it.
    pub saved_at: Timestamp,
    /// The number of the save; 0 when it was not known.
    pub counter: u64,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Why it was kept.
    pub reason: BackupReason,
}

/// Why a version was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BackupReason {
    /// An ordinary save replaced it.
    Save,
    /// It had come from outside and was merged into the version that replaced it.
    Outside,
    /// It was put aside before a backup was restored.
    Restore,
    /// It could not be read any more when a save replaced it.
    Damaged,
}

impl BackupReason {
    const ALL: [Self; 4] = [Self::Save, Self::Outside, Self::Restore, Self::Damaged];

    /// The word in the backup's file name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Save => "save",
            Self::Outside => "outside",
            Self::Restore => "restore",
            Self::Damaged => "damaged",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

/// What is known about the version that is about to be replaced.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OldVersion {
    pub(crate) saved_at: Timestamp,
    pub(crate) counter: u64,
    pub(crate) reason: BackupReason,
}

/// Keeps the present vault file as a backup, by a hard link or, where there are none, a copy.
///
/// The vault file keeps its name all the time.
pub(crate) fn keep(disk: &dyn Disk, place: &Place, old: OldVersion) -> Result<PathBuf, VaultError> {
    let failed = |error| Step::KeepBackup.failed(error);
    let folder = place.backups();
    make_folder(disk, place, &folder)?;
    let mut number = 1;
    let path = loop {
        let path = folder.join(file_name(place, old, number));
        match disk.hard_link(place.file(), &path) {
            Ok(()) => break path,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if is_same(disk, place.file(), &path)? {
                    break path;
                }
                number += 1;
            }
            Err(error) if has_no_links(&error) => match disk.metadata(&path) {
                Ok(_) if is_same(disk, place.file(), &path)? => break path,
                Ok(_) => number += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    copy(disk, place, place.file(), &path)?;
                    break path;
                }
                Err(error) => return Err(failed(error)),
            },
            Err(error) => return Err(failed(error)),
        }
    };
    disk.sync_folder(&folder).map_err(failed)?;
    Ok(path)
}

/// Lists a vault's backups, newest first.
pub(crate) fn list(disk: &dyn Disk, place: &Place) -> Result<Vec<Backup>, VaultError> {
    let paths = match disk.list(&place.backups()) {
        Ok(paths) => paths,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Step::ListBackups.failed(error)),
    };
    let mut backups: Vec<(u32, Backup)> = paths
        .into_iter()
        .filter_map(|path| {
            let name = parse_name(place, &path)?;
            let metadata = disk.metadata(&path).ok()?;
            (metadata.kind == FileKind::File).then_some((
                name.number,
                Backup {
                    path,
                    saved_at: name.saved_at,
                    counter: name.counter,
                    size_bytes: metadata.size_bytes,
                    reason: name.reason,
                },
            ))
        })
        .collect();
    backups.sort_by_key(|(number, backup)| {
        std::cmp::Reverse((backup.saved_at, backup.counter, *number))
    });
    Ok(backups.into_iter().map(|(_, backup)| backup).collect())
}

/// Removes the backups that retention does not keep, except `spared`; answers how many went.
pub(crate) fn thin_out(
    disk: &dyn Disk,
    place: &Place,
    spared: Option<&Path>,
) -> Result<usize, VaultError> {
    let backups = list(disk, place)?;
    let kept = kept(&backups);
    let mut removed = 0;
    for (backup, kept) in backups.iter().zip(kept) {
        if !kept && spared != Some(backup.path.as_path()) {
            disk.remove(&backup.path)
                .map_err(|error| Step::Remove.failed(error))?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Removes every backup of a vault that can be removed; answers how many there were.
pub(crate) fn purge(disk: &dyn Disk, place: &Place) -> Result<usize, VaultError> {
    let failed = |error| Step::Remove.failed(error);
    let backups = list(disk, place)?;
    let removed: Vec<_> = backups
        .iter()
        .map(|backup| disk.remove(&backup.path))
        .collect();
    if !backups.is_empty() {
        disk.sync_folder(&place.backups()).map_err(failed)?;
    }
    removed
        .into_iter()
        .collect::<Result<(), _>>()
        .map_err(failed)?;
    Ok(backups.len())
}

/// Copies a backup of a vault that moved here, durably.
pub(crate) fn take_over(disk: &dyn Disk, place: &Place, backup: &Backup) -> Result<(), VaultError> {
    let failed = |error| Step::KeepBackup.failed(error);
    let folder = place.backups();
    make_folder(disk, place, &folder)?;
    let old = OldVersion {
        saved_at: backup.saved_at,
        counter: backup.counter,
        reason: backup.reason,
    };
    let mut number = 1;
    let path = loop {
        let path = folder.join(file_name(place, old, number));
        match disk.metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => break path,
            Ok(_) => number += 1,
            Err(error) => return Err(failed(error)),
        }
    };
    copy(disk, place, &backup.path, &path)?;
    disk.sync_folder(&folder).map_err(failed)
}

/// Says for each backup, newest first, whether it is kept.
///
/// The last ones are those of the latest times and those of the highest save numbers: which is the same unless the clock
/// was set back, after which saves of the wrong time would push out every later one, or an earlier version was restored.
fn kept(backups: &[Backup]) -> Vec<bool> {
    let newest_by_counter = newest_by_counter(backups);
    let mut whole = 0;
    let mut damaged = 0;
    let mut days: Vec<(i32, u16)> = Vec::new();
    let mut months: Vec<(i32, u8)> = Vec::new();
    backups
        .iter()
        .enumerate()
        .map(|(index, backup)| {
            if backup.reason == BackupReason::Damaged {
                damaged += 1;
                return damaged <= KEEP_DAMAGED;
            }
            whole += 1;
            let at = OffsetDateTime::from_unix_timestamp(backup.saved_at.unix_secs())
                .unwrap_or(OffsetDateTime::UNIX_EPOCH);
            let first_of_day = is_first(&mut days, (at.year(), at.ordinal()), KEEP_DAYS);
            let first_of_month =
                is_first(&mut months, (at.year(), u8::from(at.month())), KEEP_MONTHS);
            let is_last = whole <= KEEP_LAST || newest_by_counter.contains(&index);
            is_last || first_of_day || first_of_month
        })
        .collect()
}

/// Which of the backups, newest first, are the last by the number of their save.
fn newest_by_counter(backups: &[Backup]) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..backups.len())
        .filter(|index| backups[*index].reason != BackupReason::Damaged)
        .collect();
    // Stable: of equal numbers the later one stays in front.
    indices.sort_by_key(|index| std::cmp::Reverse(backups[*index].counter));
    indices.truncate(KEEP_LAST);
    indices
}

/// Whether this span is new among the `limit` newest ones.
fn is_first<T: PartialEq>(spans: &mut Vec<T>, span: T, limit: usize) -> bool {
    if spans.len() >= limit || spans.contains(&span) {
        return false;
    }
    spans.push(span);
    true
}

struct Name {
    saved_at: Timestamp,
    counter: u64,
    reason: BackupReason,
    number: u32,
}

fn file_name(place: &Place, old: OldVersion, number: u32) -> std::ffi::OsString {
    let at = OffsetDateTime::from_unix_timestamp(old.saved_at.unix_secs())
        .ok()
        .filter(|at| (1970..10_000).contains(&at.year()))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let stamp = at.format(STAMP).unwrap_or_default();
    let mut name = place.name().clone();
    name.push(format!(
        ".{stamp}-{:010}-{}",
        old.counter,
        old.reason.as_str()
    ));
    if number > 1 {
        name.push(format!("-{number}"));
    }
    name.push(SUFFIX);
    name
}

fn parse_name(place: &Place, path: &Path) -> Option<Name> {
    let name = path.file_name()?.as_encoded_bytes();
    let rest = name
        .strip_prefix(place.name().as_encoded_bytes())?
        .strip_prefix(b".")?
        .strip_suffix(SUFFIX.as_bytes())?;
    let mut parts = std::str::from_utf8(rest).ok()?.split('-');
    let at = PrimitiveDateTime::parse(parts.next()?, STAMP)
        .ok()?
        .assume_utc();
    let counter = parts.next()?.parse().ok()?;
    let reason = BackupReason::parse(parts.next()?)?;
    let number = parts.next().map_or(Ok(1), str::parse).ok()?;
    parts.next().is_none().then(|| Name {
        saved_at: Timestamp::from_unix_secs(at.unix_timestamp()),
        counter,
        reason,
        number,
    })
}

fn make_folder(disk: &dyn Disk, place: &Place, folder: &Path) -> Result<(), VaultError> {
    let failed = |error| Step::KeepBackup.failed(error);
    match disk.metadata(folder) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            disk.create_folder(folder).map_err(failed)?;
            disk.sync_folder(place.folder()).map_err(failed)
        }
        Err(error) => Err(failed(error)),
    }
}

/// Copies by way of a temporary file, so that a backup's name never stands for half a vault.
fn copy(disk: &dyn Disk, place: &Place, from: &Path, to: &Path) -> Result<(), VaultError> {
    let failed = |error| Step::KeepBackup.failed(error);
    let bytes = disk.read(from, MAX_FILE_BYTES).map_err(failed)?;
    let temporary = write_temporary(disk, place, &bytes)?;
    disk.rename(&temporary, to).map_err(|error| {
        let _ = disk.remove(&temporary);
        failed(error)
    })
}

fn is_same(disk: &dyn Disk, one: &Path, other: &Path) -> Result<bool, VaultError> {
    let read = |path| {
        disk.read(path, MAX_FILE_BYTES)
            .map_err(|error| Step::KeepBackup.failed(error))
    };
    Ok(read(one)? == read(other)?)
}

/// Whether a link failed because this file system has none, or has too many of this file already.
fn has_no_links(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::Unsupported
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::CrossesDevices
            | io::ErrorKind::TooManyLinks
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::faulty_disk::FaultyDisk;

    const DAY: i64 = 86_400;
    /// 2026-11-23T10:00:00Z
    const START: i64 = 1_795_428_000;

    fn setting() -> (FaultyDisk, Place) {
        let disk = FaultyDisk::with_folder(Path::new("/v"));
        let place = Place::of_new(&disk, Path::new("/v/it.vault")).unwrap();
        (disk, place)
    }

    fn old(at: i64, counter: u64, reason: BackupReason) -> OldVersion {
        OldVersion {
            saved_at: Timestamp::from_unix_secs(at),
            counter,
            reason,
        }
    }

    fn backup(at: i64, reason: BackupReason) -> Backup {
        Backup {
            path: PathBuf::new(),
            saved_at: Timestamp::from_unix_secs(at),
            counter: 1,
            size_bytes: 1,
            reason,
        }
    }

    #[test]
    fn names_sort_by_age_and_read_back() {
        let (_, place) = setting();
        let first = file_name(&place, old(START, 9, BackupReason::Save), 1);
        let second = file_name(&place, old(START + 1, 10, BackupReason::Outside), 2);
        assert_eq!(first, "it.vault.20261123T100000Z-0000000009-save.bak");
        assert_eq!(second, "it.vault.20261123T100001Z-0000000010-outside-2.bak");
        assert!(first < second);
        let name = parse_name(&place, &place.backups().join(second)).unwrap();
        assert_eq!(
            (
                name.saved_at.unix_secs(),
                name.counter,
                name.reason,
                name.number
            ),
            (START + 1, 10, BackupReason::Outside, 2)
        );
    }

    #[test]
    fn foreign_files_among_the_backups_are_not_ours() {
        let (disk, place) = setting();
        disk.put(place.file(), b"vault");
        keep(&disk, &place, old(START, 1, BackupReason::Save)).unwrap();
        for name in [
            "notes.txt",
            "it.vault.bak",
            "it.vault.20261323T100000Z-1-save.bak",
            "it.vault.20261123T100000Z-0000000009-save-2-3.bak",
            "other.vault.20261123T100000Z-0000000009-save.bak",
        ] {
            disk.put(&place.backups().join(name), b"foreign");
        }
        let folder = "it.vault.20261123T100000Z-0000000009-save.bak";
        disk.add_folder(&place.backups().join(folder));
        assert_eq!(list(&disk, &place).unwrap().len(), 1);
        assert_eq!(purge(&disk, &place).unwrap(), 1);
        assert_eq!(disk.list(&place.backups()).unwrap().len(), 6);
    }

    #[test]
    fn where_no_backup_was_ever_made_there_are_none() {
        let (disk, place) = setting();
        assert_eq!(list(&disk, &place).unwrap(), []);
        assert_eq!(purge(&disk, &place).unwrap(), 0);
    }

    #[test]
    fn backups_that_cannot_be_looked_at_are_not_taken_for_none() {
        let (disk, place) = setting();
        disk.put(place.file(), b"one");
        keep(&disk, &place, old(START, 1, BackupReason::Save)).unwrap();
        disk.fail_each("list", rustix::io::Errno::IO.raw_os_error());
        for outcome in [
            list(&disk, &place).map(drop),
            thin_out(&disk, &place, None).map(drop),
            purge(&disk, &place).map(drop),
        ] {
            assert!(
                matches!(
                    outcome,
                    Err(VaultError::Io {
                        step: Step::ListBackups,
                        ..
                    })
                ),
                "{outcome:?}"
            );
        }
    }

    #[test]
    fn a_folder_of_backups_that_cannot_be_looked_at_is_told_and_not_made() {
        let (disk, place) = setting();
        disk.put(place.file(), b"one");
        disk.fail_each("metadata", rustix::io::Errno::ACCESS.raw_os_error());
        let refused = keep(&disk, &place, old(START, 1, BackupReason::Save));
        assert!(
            matches!(
                refused,
                Err(VaultError::Permission {
                    step: Step::KeepBackup,
                    ..
                })
            ),
            "{refused:?}"
        );
        assert_eq!(disk.paths_in(place.folder()), [place.file()]);
    }

    #[test]
    fn the_same_version_is_kept_once_and_another_of_the_same_stamp_beside_it() {
        let (disk, place) = setting();
        disk.put(place.file(), b"one");
        let first = keep(&disk, &place, old(START, 1, BackupReason::Save)).unwrap();
        assert_eq!(
            keep(&disk, &place, old(START, 1, BackupReason::Save)).unwrap(),
            first
        );
        disk.put(place.file(), b"two");
        let second = keep(&disk, &place, old(START, 1, BackupReason::Save)).unwrap();
        assert_ne!(first, second);
        assert_eq!(disk.bytes(&first).unwrap(), b"one");
        assert_eq!(disk.bytes(&second).unwrap(), b"two");
    }

    #[test]
    fn without_hard_links_the_backup_is_a_copy() {
        let (disk, place) = setting();
        disk.put(place.file(), b"one");
        disk.fail_each("hard_link", rustix::io::Errno::PERM.raw_os_error());
        let path = keep(&disk, &place, old(START, 1, BackupReason::Save)).unwrap();
        assert_eq!(disk.bytes(&path).unwrap(), b"one");
        assert_eq!(
            keep(&disk, &place, old(START, 1, BackupReason::Save)).unwrap(),
            path
        );
    }

    #[test]
    fn a_link_that_fails_for_another_reason_is_told_and_nothing_is_copied() {
        let (disk, place) = setting();
        disk.put(place.file(), b"one");
        disk.fail_each("hard_link", rustix::io::Errno::IO.raw_os_error());
        let refused = keep(&disk, &place, old(START, 1, BackupReason::Save)).unwrap_err();
        assert!(
            matches!(
                refused,
                VaultError::Io {
                    step: Step::KeepBackup,
                    ..
                }
            ),
            "{refused:?}"
        );
        assert!(disk.paths_in(&place.backups()).is_empty());
    }

    #[test]
    fn without_hard_links_another_version_of_the_same_stamp_is_beside() {
        let (disk, place) = setting();
        disk.fail_each("hard_link", rustix::io::Errno::PERM.raw_os_error());
        let versions: [&[u8]; 3] = [b"one", b"two", b"three"];
        let paths = versions.map(|version| {
            disk.put(place.file(), version);
            keep(&disk, &place, old(START, 1, BackupReason::Save)).unwrap()
        });
        for (path, version) in paths.iter().zip(versions) {
            assert_eq!(disk.bytes(path).unwrap(), version);
        }
        // Newest first, by their numbers.
        let listed = list(&disk, &place).unwrap();
        let listed: Vec<_> = listed.into_iter().rev().map(|backup| backup.path).collect();
        assert_eq!(listed, paths);
    }

    #[test]
    fn without_hard_links_nothing_is_copied_over_what_cannot_be_looked_at() {
        let (disk, place) = setting();
        disk.put(place.file(), b"one");
        let path = keep(&disk, &place, old(START, 1, BackupReason::Save)).unwrap();
        disk.put(place.file(), b"two");
        disk.fail_each("hard_link", rustix::io::Errno::PERM.raw_os_error());
        // The folder, the link, then what has that name already.
        disk.fail_at(2, rustix::io::Errno::IO.raw_os_error());
        assert!(keep(&disk, &place, old(START, 1, BackupReason::Save)).is_err());
        assert_eq!(disk.bytes(&path).unwrap(), b"one");
        assert_eq!(disk.paths_in(&place.backups()), [path]);
    }

    #[test]
    fn the_backup_that_was_just_made_is_spared_however_old_its_time() {
        let (disk, place) = setting();
        let paths: Vec<_> = (0..12)
            .map(|number: u8| {
                disk.put(place.file(), &[number]);
                let old = old(START + i64::from(number), number.into(), BackupReason::Save);
                keep(&disk, &place, old).unwrap()
            })
            .collect();
        assert_eq!(thin_out(&disk, &place, Some(&paths[0])).unwrap(), 1);
        assert!(disk.bytes(&paths[0]).is_some() && disk.bytes(&paths[1]).is_none());
        assert_eq!(thin_out(&disk, &place, None).unwrap(), 1);
        let listed = list(&disk, &place).unwrap();
        let listed: Vec<_> = listed.into_iter().rev().map(|backup| backup.path).collect();
        assert_eq!(listed, paths[2..]);
    }

    #[test]
    fn backups_that_move_here_are_kept_beside_those_of_the_same_stamp() {
        let (disk, place) = setting();
        for (name, bytes) in [("/v/a", b"one"), ("/v/b", b"two")] {
            disk.put(Path::new(name), bytes);
            let moved = Backup {
                path: PathBuf::from(name),
                ..backup(START, BackupReason::Save)
            };
            take_over(&disk, &place, &moved).unwrap();
        }
        let listed = list(&disk, &place).unwrap();
        let bytes: Vec<_> = listed
            .iter()
            .map(|backup| disk.bytes(&backup.path).unwrap())
            .collect();
        assert_eq!(bytes, [b"two", b"one"]);
    }

    #[test]
    fn a_backup_that_moves_here_is_put_over_nothing_that_cannot_be_looked_at() {
        let (disk, place) = setting();
        disk.put(place.file(), b"one");
        let path = keep(&disk, &place, old(START, 1, BackupReason::Save)).unwrap();
        disk.put(Path::new("/v/a"), b"two");
        let moved = Backup {
            path: PathBuf::from("/v/a"),
            ..backup(START, BackupReason::Save)
        };
        // The folder, then what has that name already.
        disk.fail_at(1, rustix::io::Errno::IO.raw_os_error());
        assert!(take_over(&disk, &place, &moved).is_err());
        assert_eq!(disk.bytes(&path).unwrap(), b"one");
        assert_eq!(disk.paths_in(&place.backups()), [path]);
    }

    #[test]
    fn after_going_back_to_an_earlier_version_the_last_ten_of_both_ways_are_kept() {
        // Newest first: twelve saves since then, of low numbers, and twenty before, of high ones; all of one day.
        let numbers = (0..12).map(|i| 50 - i).chain((0..20).map(|i| 500 - i));
        let backups: Vec<Backup> = (0..)
            .zip(numbers)
            .map(|(secs, counter)| Backup {
                counter,
                ..backup(START - secs, BackupReason::Save)
            })
            .collect();
        let expected: Vec<bool> = (0..32).map(|i| i < 10 || (12..22).contains(&i)).collect();
        assert_eq!(kept(&backups), expected);
    }

    #[test]
    fn the_last_ten_seven_daily_and_six_monthly_are_kept() {
        // One save an hour for 400 days, newest first.
        let backups: Vec<Backup> = (0..400 * 24)
            .map(|hour| backup(START - hour * 3_600, BackupReason::Save))
            .collect();
        let kept: Vec<i64> = backups
            .iter()
            .zip(kept(&backups))
            .filter(|(_, kept)| *kept)
            .map(|(backup, _)| (START - backup.saved_at.unix_secs()) / 3_600)
            .collect();
        // The newest of today is among the last ten; then the 22nd to the 17th at 23:00; then the last
        // hour of October, September, August, July and June.
        let mut expected: Vec<i64> = (0..10).collect();
        expected.extend((0..6).map(|day| 11 + 24 * day));
        expected.extend([22, 53, 83, 114, 145].map(|days| 11 + 24 * days));
        assert_eq!(kept, expected);
    }

    #[test]
    fn ten_backups_of_one_day_leave_those_of_earlier_days_and_months() {
        let mut backups: Vec<Backup> = (0..30)
            .map(|i| backup(START - i, BackupReason::Save))
            .collect();
        backups.push(backup(START - 2 * DAY, BackupReason::Save));
        backups.push(backup(START - 90 * DAY, BackupReason::Outside));
        let kept = kept(&backups);
        assert_eq!(kept.iter().filter(|kept| **kept).count(), 12);
        assert!(kept[30] && kept[31]);
    }

    /// Saves `true_times` with a clock that shows something else, thinning out after each; answers which of them stay.
    fn saved_by_a_wrong_clock(saves: &[(i64, i64)]) -> Vec<usize> {
        let mut there: Vec<(usize, Backup)> = Vec::new();
        for (number, (true_time, wrong_by)) in saves.iter().enumerate() {
            let mut new = backup(true_time + wrong_by, BackupReason::Save);
            new.counter = number as u64 + 1;
            there.push((number, new));
            there.sort_by_key(|(_, backup)| std::cmp::Reverse((backup.saved_at, backup.counter)));
            let backups: Vec<Backup> = there.iter().map(|(_, backup)| backup.clone()).collect();
            let mut kept = kept(&backups).into_iter();
            there.retain(|_| kept.next().unwrap());
        }
        there.into_iter().map(|(number, _)| number).collect()
    }

    #[test]
    fn after_a_clock_that_was_years_ahead_the_last_ten_saves_are_kept() {
        let year = 365 * DAY;
        let ahead = (0..20).map(|i| (START + i, 3 * year));
        let right = (20..60).map(|i| (START + i, 0));
        let saves: Vec<_> = ahead.chain(right).collect();
        let kept = saved_by_a_wrong_clock(&saves);
        for number in 50..60 {
            assert!(kept.contains(&number), "{number} of {kept:?}");
        }
        // And no heap of those from the future.
        assert!(kept.len() <= 2 * KEEP_LAST + KEEP_DAYS + KEEP_MONTHS);
    }

    proptest::proptest! {
        #[test]
        fn a_clock_that_jumps_by_hours_costs_no_backup(
            jumps in proptest::collection::vec((0..40_i64, -12 * 3_600..12 * 3_600_i64), 60..200),
        ) {
            // About one save in twenty hours; the clock is off by another span at each.
            let mut true_time = START;
            let saves: Vec<(i64, i64)> = jumps
                .iter()
                .map(|(hours, wrong_by)| {
                    true_time += hours * 3_600;
                    (true_time, *wrong_by)
                })
                .collect();
            let kept = saved_by_a_wrong_clock(&saves);
            for number in saves.len() - KEEP_LAST..saves.len() {
                proptest::prop_assert!(kept.contains(&number), "{number} of {kept:?}");
            }
            // Seven different days by a clock that is half a day off are at least five days.
            let oldest = kept.iter().map(|number| saves[*number].0).min().unwrap();
            let reach = (true_time - oldest) / DAY;
            let whole = (true_time - START) / DAY;
            proptest::prop_assert!(reach >= 5.min(whole), "{reach} days of {whole}");
            proptest::prop_assert!(kept.len() <= 2 * KEEP_LAST + KEEP_DAYS + KEEP_MONTHS);
        }
    }

    #[test]
    fn damaged_files_take_no_place_of_whole_ones() {
        let mut backups: Vec<Backup> = (0..20)
            .map(|i| backup(START - i, BackupReason::Damaged))
            .collect();
        backups.extend((20..30).map(|i| backup(START - i, BackupReason::Save)));
        let kept = kept(&backups);
        assert_eq!(
            kept[..20].iter().filter(|kept| **kept).count(),
            KEEP_DAMAGED
        );
        assert!(kept[20..].iter().all(|kept| *kept));
    }

    #[test]
    fn damaged_files_of_high_save_numbers_take_no_place_of_whole_ones_either() {
        // Newest first: a restored earlier version and its saves, damaged files, then the saves that were given up.
        let counters = (0..10).map(|i| (50 - i, BackupReason::Save));
        let counters = counters.chain((0..10).map(|i| (900 - i, BackupReason::Damaged)));
        let counters = counters.chain((0..10).map(|i| (500 - i, BackupReason::Save)));
        let backups: Vec<Backup> = (0..)
            .zip(counters)
            .map(|(secs, (counter, reason))| Backup {
                counter,
                ..backup(START - secs, reason)
            })
            .collect();
        let kept = kept(&backups);
        assert!(kept[20..].iter().all(|kept| *kept), "{kept:?}");
    }

    #[test]
    fn a_strange_clock_makes_a_readable_name() {
        let (_, place) = setting();
        for at in [i64::MIN, -1, i64::MAX] {
            let name = file_name(&place, old(at, 1, BackupReason::Save), 1);
            assert!(parse_name(&place, &place.backups().join(name)).is_some());
        }
    }
}
