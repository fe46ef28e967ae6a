//! Eight processes save one vault a hundred times each, and no update is lost.
//!
//! Row 8 of the reliability table.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test may panic, and says what it skipped"
)]

mod processes;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use processes::{
    COUNTER, child, counted, create, given_number, given_vault, now, numbered, unlock,
};
use undercroft_model::{InstallationId, ItemId};
use undercroft_vault::{Locking, OsDisk, UnlockOptions, Vault};

const PROCESSES: u8 = 8;
const SAVES: u64 = 100;
const PATIENCE: Duration = Duration::from_secs(100);

fn item(process: u8, number: u64) -> ItemId {
    let mut bytes = [process; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    ItemId::from_bytes(bytes)
}

#[test]
#[ignore = "one of the eight processes that merge"]
fn merges_with_the_others() {
    let process = given_number();
    let locking = Locking::WhileSaving { patience: PATIENCE };
    let mut vault = unlock(&given_vault(), process, locking).unwrap();
    for number in 0..SAVES {
        vault
            .put(Some(item(process, number)), numbered(number), now())
            .unwrap();
        // Everybody changes this one.
        vault
            .put(
                Some(COUNTER),
                numbered(u64::from(process) * 1_000 + number),
                now(),
            )
            .unwrap();
        let report = vault.save(now()).unwrap();
        assert!(report.written && !report.replaced_damaged && !report.recreated);
    }
}

#[test]
#[ignore = "one of the eight processes that wait for each other"]
fn waits_for_the_others() {
    let process = given_number();
    let path = given_vault();
    let locking = Locking::WhileUnlocked { patience: PATIENCE };
    let key = unlock(&path, process, locking).unwrap().vault_key().clone();
    for _ in 0..SAVES {
        let options = UnlockOptions {
            locking,
            ..UnlockOptions::new(InstallationId::from_bytes([process; 16]), now())
        };
        let (mut vault, _) =
            Vault::unlock_with_key(Arc::new(OsDisk), &path, &key, options).unwrap();
        let next = counted(&vault) + 1;
        vault.put(Some(COUNTER), numbered(next), now()).unwrap();
        let report = vault.save(now()).unwrap();
        assert!(report.written && report.merged.is_none());
    }
}

fn run_all(name: &str, path: &Path) {
    let started = Instant::now();
    let mut children: Vec<_> = (1..=PROCESSES)
        .map(|number| {
            child(name, path, number)
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    println!(
        "{name}: {PROCESSES} processes, {SAVES} saves each, {:.1?}",
        started.elapsed()
    );
}

#[test]
fn eight_processes_that_merge_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it.undercroft");
    create(&path);
    run_all("merges_with_the_others", &path);
    let vault = unlock(
        &path,
        99,
        Locking::WhileUnlocked {
            patience: Duration::ZERO,
        },
    )
    .unwrap();
    let lost: Vec<(u8, u64)> = (1..=PROCESSES)
        .flat_map(|process| (0..SAVES).map(move |number| (process, number)))
        .filter(|(process, number)| {
            let live = vault
                .get(item(*process, *number))
                .and_then(|item| item.live().cloned());
            live != Some(numbered(*number))
        })
        .collect();
    assert_eq!(lost, [], "lost updates");
    // Of the item that all of them changed, the last change of the process that saved last is there, and the
    // newest of the others in its history.
    let shared = vault.item(COUNTER).unwrap();
    let kept: BTreeSet<String> = shared
        .history
        .iter()
        .map(|past| &past.content)
        .chain(shared.live())
        .map(|content| content.as_account().unwrap().notes.clone())
        .collect();
    assert!(kept.len() > 10);
    assert!(kept.iter().any(|notes| notes.ends_with("099")), "{kept:?}");
    let counter = vault.stamp().unwrap().counter;
    assert!(counter > SAVES * u64::from(PROCESSES), "{counter}");
}

#[test]
fn eight_processes_that_wait_count_to_eight_hundred() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it.undercroft");
    create(&path);
    run_all("waits_for_the_others", &path);
    let vault = unlock(
        &path,
        99,
        Locking::WhileUnlocked {
            patience: Duration::ZERO,
        },
    )
    .unwrap();
    assert_eq!(counted(&vault), SAVES * u64::from(PROCESSES));
}
