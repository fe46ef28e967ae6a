//! The system refuses each call of a real save: with each error, by a lie, for want of permission, on a small real disk.
//!
//! Row 7 of the reliability table on real system calls. `strace` lets each of them fail in turn; another user than root
//! meets folders that are not theirs; a small disk and a quota, mounted from a file, are used up. Where one of these is
//! not to be had, the tests say that they were skipped.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test may panic, and says what it skipped"
)]

mod processes;

use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use processes::{
    COUNTER, child, counted, create, given_number, given_vault, now, numbered, traced, unlock,
};
use undercroft_vault::{Locking, Vault, VaultError};

const HELD: Locking = Locking::WhileUnlocked {
    patience: Duration::from_secs(5),
};
/// Each error with the word that a child says when it was told so.
const ERRORS: [(&str, &str); 5] = [
    ("ENOSPC", "full"),
    ("EDQUOT", "full"),
    ("EIO", "io"),
    ("EROFS", "read-only"),
    ("EACCES", "permission"),
];
/// The calls that have to do with files; that memory or locks are refused is another matter. Closing is not among them: no
/// file system of Linux refuses to close a folder, and the standard library panics where one does.
const FILE_CALLS: [&str; 23] = [
    "access",
    "fcntl",
    "fstat",
    "fsync",
    "getdents64",
    "getcwd",
    "ioctl",
    "lstat",
    "link",
    "linkat",
    "lseek",
    "mkdir",
    "newfstatat",
    "open",
    "openat",
    "pread64",
    "read",
    "readlink",
    "rename",
    "stat",
    "statx",
    "unlink",
    "write",
];
/// Somebody who owns nothing.
const NOBODY: u32 = 65_534;

#[expect(clippy::wildcard_enum_match_arm, reason = "no other error is expected")]
fn word(error: &VaultError) -> &'static str {
    match error {
        VaultError::DiskFull { .. } => "full",
        VaultError::Io { .. } => "io",
        VaultError::ReadOnly => "read-only",
        VaultError::Permission { .. } => "permission",
        VaultError::Verify => "verify",
        _ => "other",
    }
}

/// What a child says of a save: the word of its error, whether the change is unsaved, and the number in memory.
fn say(saved: Result<(), VaultError>, vault: &Vault) {
    let word = saved.as_ref().map_or_else(word, |()| "saved");
    let mut out = std::io::stdout().lock();
    writeln!(out, "told {word} {} {}", vault.is_dirty(), counted(vault)).unwrap();
}

fn said(out: &[u8]) -> Vec<(String, bool, u64)> {
    String::from_utf8_lossy(out)
        .lines()
        .filter_map(|line| {
            let mut words = line.rsplit_once("told ")?.1.split(' ');
            let mut next = || words.next();
            let told = next()?.to_owned();
            Some((told, next()? == "true", next()?.parse().ok()?))
        })
        .collect()
}

#[test]
#[ignore = "the process whose save is refused"]
fn saves_and_tells() {
    let mut vault = unlock(&given_vault(), given_number(), HELD).unwrap();
    let number = counted(&vault) + 1;
    vault.put(Some(COUNTER), numbered(number), now()).unwrap();
    let saved = traced::marked(|| vault.save(now()));
    say(saved.map(drop), &vault);
    // The same change once more, now that nothing fails.
    if vault.is_dirty() {
        say(vault.save(now()).map(drop), &vault);
    }
}

fn number_in(path: &Path) -> u64 {
    counted(&unlock(path, 99, HELD).expect("a whole vault"))
}

/// A vault that was saved twice, so that the next save is a usual one.
fn usual_vault(folder: &Path) -> PathBuf {
    let path = folder.join("it.undercroft");
    create(&path);
    let mut vault = unlock(&path, 1, HELD).unwrap();
    for number in 1..3 {
        vault.put(Some(COUNTER), numbered(number), now()).unwrap();
        vault.save(now()).unwrap();
    }
    path
}

/// What became of saves of which one call each was refused.
#[derive(Default)]
struct Refused {
    calls: usize,
    cases: u32,
    /// Told by their error, and saved at the next attempt.
    told: u32,
}

/// Lets every `of`-th file call of a save fail with each error, beginning with the `first`.
fn refuse_calls(first: usize, of: usize) -> Refused {
    let folder = tempfile::tempdir().unwrap();
    let path = usual_vault(folder.path());
    let saving = child("saves_and_tells", &path, 1);
    let calls = traced::calls(&saving, &folder.path().join("trace"));
    let calls: Vec<_> = calls
        .iter()
        .filter(|(name, _)| FILE_CALLS.contains(&name.as_str()))
        .collect();
    for needed in ["write", "fsync", "rename", "link"] {
        assert!(
            calls.iter().any(|(name, _)| name.starts_with(needed)),
            "{needed}: {calls:?}"
        );
    }
    let mut refused = Refused::default();
    for (name, nth) in calls.iter().skip(first).step_by(of) {
        refused.calls += 1;
        for (error, expected) in ERRORS {
            let before = std::fs::read(&path).unwrap();
            let start = number_in(&path);
            let out = traced::injected(&saving, name, *nth, &format!("error={error}"))
                .output()
                .unwrap();
            let at = format!("{name} {nth} {error}");
            assert!(out.status.success(), "{at}: {out:?}");
            let told = said(&out.stdout);
            refused.cases += 1;
            match told.as_slice() {
                // Of no consequence: what failed was tidying up, or there is another way.
                [(first, false, _)] if first == "saved" => {}
                [(first, true, number), (second, false, _)] => {
                    assert_eq!(
                        (first.as_str(), second.as_str()),
                        (expected, "saved"),
                        "{at}"
                    );
                    assert_eq!(*number, start + 1, "{at}: the change is in memory");
                    refused.told += 1;
                }
                other => panic!("{at}: {other:?}"),
            }
            assert_eq!(number_in(&path), start + 1, "{at}");
            let kept = std::fs::read_dir(folder.path().join("backups")).unwrap();
            let is_kept = kept
                .filter_map(Result::ok)
                .any(|entry| std::fs::read(entry.path()).is_ok_and(|bytes| bytes == before));
            assert!(is_kept, "{at}: the version before is in no backup, whole");
        }
    }
    refused
}

#[test]
fn each_file_call_of_a_save_fails_with_each_error() {
    if !traced::works() {
        return;
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let shares: Vec<Refused> = std::thread::scope(|scope| {
        let shares = (0..cores).map(|first| scope.spawn(move || refuse_calls(first, cores)));
        let shares: Vec<_> = shares.collect();
        shares.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let calls: usize = shares.iter().map(|share| share.calls).sum();
    let cases: u32 = shares.iter().map(|share| share.cases).sum();
    let told: u32 = shares.iter().map(|share| share.told).sum();
    assert!(told > 40, "{told}");
    println!(
        "{calls} file calls of a save x {} errors: {cases} cases, {told} told by their error and saved at the next attempt, \
         the others saved at once; 0 lost anything",
        ERRORS.len()
    );
}

#[test]
#[ignore = "the process whose save is refused for good"]
fn saves_once_and_tells() {
    let mut vault = unlock(&given_vault(), given_number(), HELD).unwrap();
    let number = counted(&vault) + 1;
    vault.put(Some(COUNTER), numbered(number), now()).unwrap();
    let saved = traced::marked(|| vault.save(now()));
    say(saved.map(drop), &vault);
}

#[test]
fn a_refused_save_leaves_the_old_file_byte_for_byte() {
    if !traced::works() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = usual_vault(folder.path());
    let saving = child("saves_once_and_tells", &path, 1);
    let calls = traced::calls(&saving, &folder.path().join("trace"));
    let mut cases = 0;
    // The last fsync is the folder's, after the new file has the name.
    let last_fsync = calls.iter().rfind(|(name, _)| name == "fsync").unwrap();
    for call in &calls {
        let (name, nth) = call;
        if !["write", "fsync", "rename", "link", "linkat"].contains(&name.as_str()) {
            continue;
        }
        for (error, expected) in ERRORS {
            // Where links are refused for want of permission, the backup is a copy.
            if name.starts_with("link") && error == "EACCES" {
                continue;
            }
            let before = std::fs::read(&path).unwrap();
            let out = traced::injected(&saving, name, *nth, &format!("error={error}"))
                .output()
                .unwrap();
            let at = format!("{name} {nth} {error}");
            let told = said(&out.stdout);
            assert_eq!(told.len(), 1, "{at}: {out:?}");
            assert_eq!((told[0].0.as_str(), told[0].1), (expected, true), "{at}");
            let same = std::fs::read(&path).unwrap() == before;
            assert!(same || call == last_fsync, "{at}");
            cases += 1;
        }
    }
    assert!(cases >= 20, "{cases}");
    println!(
        "{cases} refused saves: the old file byte for byte, but where only the folder's fsync failed"
    );
}

#[test]
fn a_write_that_only_says_so_is_noticed() {
    if !traced::works() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = usual_vault(folder.path());
    let saving = child("saves_once_and_tells", &path, 1);
    let calls = traced::calls(&saving, &folder.path().join("trace"));
    let mut lies = 0;
    for (name, nth) in calls.iter().filter(|(name, _)| name == "write") {
        // A page is said to be written and is not; the rest is.
        for lie in [1, 4096] {
            let before = std::fs::read(&path).unwrap();
            let out = traced::injected(&saving, name, *nth, &format!("retval={lie}"))
                .output()
                .unwrap();
            let told = said(&out.stdout);
            assert_eq!(
                told.first().map(|told| told.0.as_str()),
                Some("verify"),
                "{out:?}"
            );
            assert_eq!(std::fs::read(&path).unwrap(), before);
            lies += 1;
        }
    }
    assert!(lies > 0);
    println!(
        "{lies} writes that only said so: all noticed by reading back, the old file byte for byte"
    );
}

#[test]
#[ignore = "the process of a user who may not write"]
fn saves_where_it_may_not() {
    let path = given_vault();
    let folder = path.parent().unwrap();
    let allow = |mode| {
        std::fs::set_permissions(folder, PermissionsExt::from_mode(mode)).unwrap();
    };
    let mut vault = unlock(&path, 1, HELD).unwrap();
    // Not written to, not entered, and neither.
    for (number, mode) in [(1, 0o500), (2, 0o600), (3, 0o000)] {
        vault.put(Some(COUNTER), numbered(number), now()).unwrap();
        allow(mode);
        let saved = vault.save(now());
        allow(0o700);
        say(saved.map(drop), &vault);
        say(vault.save(now()).map(drop), &vault);
    }
    // The folder of backups alone.
    vault.put(Some(COUNTER), numbered(4), now()).unwrap();
    let backups = vault.backups_folder();
    std::fs::set_permissions(&backups, PermissionsExt::from_mode(0o500)).unwrap();
    let saved = vault.save(now());
    std::fs::set_permissions(&backups, PermissionsExt::from_mode(0o700)).unwrap();
    say(saved.map(drop), &vault);
    say(vault.save(now()).map(drop), &vault);
    drop(vault);
    // Opened where nothing may be written: for reading.
    allow(0o500);
    let _ = std::fs::remove_file(folder.join("it.undercroft.lock"));
    let lock = folder.join("it.undercroft.lock");
    std::fs::set_permissions(&lock, PermissionsExt::from_mode(0o400)).unwrap();
    let vault = unlock(&path, 1, HELD).unwrap();
    assert_eq!(vault.access(), undercroft_vault::Access::ReadOnlyPlace);
    allow(0o700);
}

#[test]
fn a_folder_without_permission_keeps_the_change() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o711)).unwrap();
    let home = folder.path().join("home");
    std::fs::create_dir(&home).unwrap();
    let path = home.join("it.undercroft");
    create(&path);
    let is_root = rustix::process::geteuid().is_root();
    // Nobody may not enter everybody's target folder.
    let program = folder.path().join("program");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let asked = child("saves_where_it_may_not", &path, 1);
    let mut command = Command::new(&program);
    command
        .args(asked.get_args())
        .envs(
            asked
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .current_dir("/")
        .stdin(Stdio::null());
    if is_root {
        give_away(&home);
        command.uid(NOBODY).gid(NOBODY);
    }
    let out = command.output().unwrap();
    assert!(out.status.success(), "{out:?}");
    let told = said(&out.stdout);
    assert_eq!(told.len(), 8, "{told:?}");
    for (number, pair) in (1..).zip(told.chunks(2)) {
        assert_eq!(pair[0], ("permission".to_owned(), true, number));
        assert_eq!(pair[1], ("saved".to_owned(), false, number));
    }
    println!(
        "4 saves without permission and an unlocking: told, kept in memory, saved when it was given back; 0 lost"
    );
}

/// Gives a folder and all in it to nobody.
fn give_away(path: &Path) {
    chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    for entry in std::fs::read_dir(path).into_iter().flatten() {
        give_away(&entry.unwrap().path());
    }
}

/// A file system on a loop device, unmounted when dropped.
struct Loop(tempfile::TempDir);

impl Loop {
    fn made_by(program: &str, options: &[&str], mib: u64) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("image");
        std::fs::File::create(&image)
            .unwrap()
            .set_len(mib << 20)
            .unwrap();
        let disk = folder.path().join("disk");
        std::fs::create_dir(&disk).unwrap();
        let is_mounted = ran(Command::new(program).args(options).arg(&image))
            && ran(Command::new("mount")
                .args(["-o", "loop"])
                .arg(&image)
                .arg(&disk));
        if !is_mounted {
            println!("SKIPPED: a loop device needs root, {program} and a kernel that mounts it");
        }
        is_mounted.then_some(Self(folder))
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("disk")
    }
}

impl Drop for Loop {
    fn drop(&mut self) {
        let _ = Command::new("umount")
            .arg("--lazy")
            .arg(self.path())
            .status();
    }
}

fn ran(command: &mut Command) -> bool {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Saves 60 times with less room each time, until there is none; then it is given back.
///
/// Returns how many saves were done and how many were refused for want of room.
fn fill_by_saving(folder: &Path) -> (u64, u64) {
    let path = folder.join("it.undercroft");
    create(&path);
    let mut vault = unlock(&path, 1, HELD).unwrap();
    let filler = folder.join("filler");
    let less_room = || {
        let mut options = std::fs::File::options();
        let mut file = options.create(true).append(true).open(&filler)?;
        file.write_all(&[0x55; 96 * 1024])
    };
    // Room that is given back may be there only after the next commit of the file system.
    let settle = || assert!(ran(Command::new("sync").arg("--file-system").arg(folder)));
    let (mut saved, mut full) = (0, 0);
    for number in 1..=60 {
        let _ = less_room();
        let before = std::fs::read(&path).unwrap();
        vault.put(Some(COUNTER), numbered(number), now()).unwrap();
        match vault.save(now()) {
            Ok(_) => saved += 1,
            Err(VaultError::DiskFull { .. }) => {
                full += 1;
                assert_eq!(std::fs::read(&path).unwrap(), before);
                assert!(vault.is_dirty() && counted(&vault) == number);
                if full % 5 == 0 {
                    std::fs::remove_file(&filler).unwrap();
                    settle();
                    vault.save(now()).unwrap();
                }
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(saved > 5 && full > 5, "{saved} {full}");
    let _ = std::fs::remove_file(&filler);
    settle();
    vault.save(now()).unwrap();
    drop(vault);
    assert_eq!(counted(&unlock(&path, 1, HELD).unwrap()), 60);
    (saved, full)
}

#[test]
fn a_small_disk_of_the_usual_kind_fills_up_by_saving() {
    let Some(disk) = Loop::made_by("mkfs.ext4", &["-q", "-m", "0"], 4) else {
        return;
    };
    let (saved, full) = fill_by_saving(&disk.path());
    println!(
        "60 saves on a disk of 4 MiB (ext4): {saved} saved, {full} told that it is full; 0 lost"
    );
}

#[test]
fn a_quota_that_is_used_up_is_a_full_disk() {
    const EDQUOT: i32 = 122;
    // A kind of quota that binds root as well, and that does not depend on how the kernel was configured.
    let Some(disk) = Loop::made_by("mkfs.btrfs", &["-q"], 128) else {
        return;
    };
    let home = disk.path().join("home");
    let root = disk.path();
    for (words, place) in [
        (vec!["quota", "enable"], &root),
        (vec!["subvolume", "create"], &home),
        (vec!["qgroup", "limit", "3M"], &home),
    ] {
        let made = Command::new("btrfs").args(&words).arg(place).output();
        let made = made.unwrap();
        assert!(made.status.success(), "{words:?}: {made:?}");
    }
    let control = std::fs::write(home.join("control"), vec![0x55; 4 << 20]);
    assert_eq!(control.unwrap_err().raw_os_error(), Some(EDQUOT));
    std::fs::remove_file(home.join("control")).unwrap();
    assert!(ran(Command::new("sync").arg("--file-system").arg(&home)));
    let (saved, full) = fill_by_saving(&home);
    println!(
        "60 saves under a quota of 3 MiB (btrfs): {saved} saved, {full} told that it is full; 0 lost"
    );
}
