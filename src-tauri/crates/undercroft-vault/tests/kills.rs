//! A process that saves is killed: at each system call of a save, and at random moments.
//!
//! Row 6 of the reliability table. `UNDERCROFT_KILLS=1000` asks for more random kills than the 200 of a usual run.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test may panic, and says what it skipped"
)]

mod processes;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use processes::{
    COUNTER, child, counted, create, given_number, given_vault, now, numbered, traced, unlock,
};
use undercroft_vault::Locking;

const HELD: Locking = Locking::WhileUnlocked {
    patience: Duration::from_secs(5),
};

#[test]
#[ignore = "the process that the others kill"]
fn saves_until_killed() {
    let mut vault = unlock(&given_vault(), given_number(), HELD).unwrap();
    let first = counted(&vault);
    for number in first + 1..=first + 100_000 {
        vault.put(Some(COUNTER), numbered(number), now()).unwrap();
        vault.save(now()).unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "saved {number}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
#[ignore = "the process that is traced"]
fn saves_once() {
    let mut vault = unlock(&given_vault(), given_number(), HELD).unwrap();
    let number = counted(&vault) + 1;
    vault.put(Some(COUNTER), numbered(number), now()).unwrap();
    traced::marked(|| vault.save(now())).unwrap();
}

/// Opens the vault as the next process would and answers its number.
fn look(path: &Path) -> u64 {
    let vault = unlock(path, 99, HELD).expect("the old or the new vault opens");
    let report = vault.check_items();
    assert!(report.bad.is_empty());
    for backup in vault.backups().unwrap() {
        undercroft_vault::check(&undercroft_vault::OsDisk, &backup.path).expect("a whole backup");
    }
    let names = std::fs::read_dir(path.parent().unwrap()).unwrap();
    for name in names.map(|entry| entry.unwrap().file_name()) {
        assert!(
            !name.to_string_lossy().ends_with(".tmp"),
            "{name:?} was left"
        );
    }
    counted(&vault)
}

#[test]
fn killed_at_random_moments() {
    let kills: u64 = std::env::var("UNDERCROFT_KILLS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(200);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it.undercroft");
    create(&path);
    let mut random = 0x9e37_79b9_7f4a_7c15_u64 ^ u64::from(std::process::id());
    let (mut before, mut after_rename) = (0, 0);
    for _ in 0..kills {
        let start = look(&path);
        let mut process = child("saves_until_killed", &path, 1)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        // libtest's own lines come first; then each save is told.
        let mut told = start;
        for line in lines.by_ref() {
            if let Some(number) = saved_in(&line.unwrap()) {
                told = number;
                break;
            }
        }
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        std::thread::sleep(Duration::from_micros(random % 20_000));
        process.kill().unwrap();
        process.wait().unwrap();
        told = lines
            .map_while(Result::ok)
            .filter_map(|line| saved_in(&line))
            .last()
            .unwrap_or(told);
        let found = look(&path);
        assert!(
            told == found || told + 1 == found,
            "told {told}, found {found}"
        );
        if told == found {
            before += 1
        } else {
            after_rename += 1
        }
    }
    println!(
        "{kills} kills: {before} left the version that was told last, {after_rename} the next one; all opened"
    );
}

fn saved_in(line: &str) -> Option<u64> {
    line.rsplit_once("saved ")?.1.trim().parse().ok()
}

#[test]
fn killed_at_each_system_call_of_a_save() {
    if !traced::works() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it.undercroft");
    create(&path);
    // The first saves make the folder of backups; the traced one should be a usual one.
    for _ in 0..2 {
        assert!(
            child("saves_once", &path, 1)
                .stdout(Stdio::null())
                .status()
                .unwrap()
                .success()
        );
    }
    let once = child("saves_once", &path, 1);
    let calls = traced::calls(&once, &folder.path().join("trace"));
    assert!(calls.len() > 10, "{calls:?}");
    assert!(calls.iter().any(|(name, _)| name.starts_with("rename")));
    let mut news = 0;
    for (name, nth) in &calls {
        let start = look(&path);
        let status = traced::injected(&once, name, *nth, "signal=SIGKILL")
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(!status.success(), "{name} {nth} was not reached");
        let found = look(&path);
        assert!(
            found == start || found == start + 1,
            "{name} {nth}: {start} became {found}"
        );
        news += u32::from(found != start);
    }
    println!(
        "{} kills at system calls: {news} left the new version; all opened",
        calls.len()
    );
    assert!(news > 0 && (news as usize) < calls.len());
}
