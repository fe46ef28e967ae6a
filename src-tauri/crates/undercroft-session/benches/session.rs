//! What the session costs at ten thousand identities with MFA, through its own API.
//!
//! `cargo bench -p undercroft-session --bench session` prints medians. Unlocking is measured with the cheapest
//! parameters that are accepted, and the time of Argon2id alone with the same parameters, in the same round, is
//! subtracted. Saving includes the session's rules, the fsyncs, reading back and the backup; the folder is
//! `target/bench`, or what `UNDERCROFT_BENCH_DIR` names, so that it is on a real disk.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and has nobody to hand an error to"
)]

#[path = "../examples/sample_vault/synthetic.rs"]
mod synthetic;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use undercroft_aws::{
    AwsConsole, AwsIam, AwsSts, HttpClient, HttpSettings, SystemClock as WallClock,
};
use undercroft_model::{InstallationId, ItemId, Revision};
use undercroft_secret::{SecretString, WipingAllocator};
use undercroft_session::{
    Cleared, ClipboardError, Clock, Event, LockReason, Parts, Places, Platform, QuickCopy, Session,
    SystemClock,
};
use undercroft_vault::{CreateOptions, KdfParams, OsDisk, Slot, Vault, VaultKey};

/// As in the program, so that freeing costs what it costs there.
#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator;

const IDENTITIES: u32 = 10_000;
const ROUNDS: usize = 15;
/// As many as the menu's first level holds.
const PINNED: usize = 12;
/// As many as are remembered.
const RECENT: usize = 24;
const PASSWORD: &str = "mortar-quince-saddle-71";
/// What somebody types who looks for one person in one account, keystroke by keystroke.
const QUERIES: [&str; 10] = [
    "a",
    "ad",
    "ada",
    "ada.",
    "ada.0",
    "belf",
    "belfry 1",
    "chiara belfry",
    "gretta",
    "spring",
];

struct NoDesktop;

impl Platform for NoDesktop {
    fn copy(&self, _text: SecretString, _secret: bool) -> Result<(), ClipboardError> {
        Ok(())
    }

    fn clear_if_ours(&self) -> Cleared {
        Cleared::NotOurs
    }

    fn notify(&self, _event: Event) {}
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let folder = folder();
    let path = folder.join("big.undercroft");
    let password = SecretString::copy_of(PASSWORD);
    fill(&path, &password);
    let session = runtime.block_on(async { start(&path, &folder) });
    runtime.block_on(measure(&session, &password));
    let _ = std::fs::remove_dir_all(&folder);
}

/// A folder of our own on a real disk: memory file systems sync for nothing.
fn folder() -> PathBuf {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../target/bench");
    let parent = std::env::var_os("UNDERCROFT_BENCH_DIR").map_or(target, PathBuf::from);
    let folder = parent.join(format!("session-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn fill(path: &Path, password: &SecretString) {
    let now = SystemClock::new().now();
    let options = CreateOptions {
        kdf: KdfParams::FLOOR,
        installation: InstallationId::new_random(),
        now,
    };
    let (mut vault, _) =
        Vault::create(Arc::new(OsDisk), path, password, options).expect("a new vault");
    synthetic::file(&mut vault, (IDENTITIES, 0), None, now).expect("made-up identities");
    vault.save(now).expect("a save");
}

fn start(path: &Path, folder: &Path) -> Session {
    let http = HttpClient::new(&HttpSettings::default()).expect("a client");
    Session::start(Parts {
        places: Places {
            vault: path.to_owned(),
            state_dir: folder.join("state"),
        },
        platform: Arc::new(NoDesktop),
        clock: Arc::new(SystemClock::new()),
        sts: Arc::new(AwsSts::new(http.clone(), Arc::new(WallClock))),
        iam: Arc::new(AwsIam::new(http.clone(), Arc::new(WallClock))),
        console: Arc::new(AwsConsole::new(http.clone(), Arc::new(WallClock))),
        http,
        disk: Arc::new(OsDisk),
        kdf: Some(KdfParams::FLOOR),
    })
}

async fn measure(session: &Session, password: &SecretString) {
    let mut unlocks = Vec::new();
    for _ in 0..ROUNDS {
        let stretch = time(&|| stretch(password));
        let begun = Instant::now();
        session.unlock(password.clone()).await.expect("unlocked");
        unlocks.push(begun.elapsed().saturating_sub(stretch));
        session.lock(LockReason::User).await;
    }
    print("unlock beyond Argon2id", unlocks);

    session.unlock(password.clone()).await.expect("unlocked");
    let begun = Instant::now();
    session.search("x".to_owned(), 50).await.expect("hits");
    print("first search, which makes the index", vec![begun.elapsed()]);
    print("search keystroke", keystrokes(session).await);

    let mut lists = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        session.accounts().await.expect("accounts");
        lists.push(begun.elapsed());
    }
    print("list of all accounts", lists);

    let identity = some_identity(session).await;
    let mut saves = Vec::new();
    for round in 0..ROUNDS {
        let begun = Instant::now();
        let favourite = round % 2 == 0;
        session
            .set_favourite(identity, favourite)
            .await
            .expect("saved");
        saves.push(begun.elapsed());
    }
    print("save one change, fsync included", saves);

    let mut codes = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        session.codes(identity).await.expect("codes");
        codes.push(begun.elapsed());
    }
    print("codes of an identity", codes);

    measure_quick(session).await;
    session.lock(LockReason::Quit).await;
}

/// Measures what the tray and quick search ask for, with as much pinned and used of late as counts.
async fn measure_quick(session: &Session) {
    let used = spread_identities(session, PINNED + RECENT).await;
    for identity in used.iter().take(PINNED) {
        session.set_favourite(*identity, true).await.expect("saved");
    }
    for identity in used.iter().skip(PINNED) {
        let copied = session.quick_copy(*identity, QuickCopy::Name).await;
        copied.expect("copied");
    }

    let mut menus = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        session.quick_list().await.expect("a list");
        menus.push(begun.elapsed());
    }
    print("list for the tray menu", menus);
    let with_recent = keystrokes(session).await;
    print("search keystroke with pinned and recent", with_recent);

    let mut copies = Vec::new();
    for identity in used.iter().cycle().take(ROUNDS) {
        let begun = Instant::now();
        let copied = session.quick_copy(*identity, QuickCopy::Code).await;
        copied.expect("copied");
        copies.push(begun.elapsed());
    }
    print("copy a code at one click", copies);
}

async fn keystrokes(session: &Session) -> Vec<Duration> {
    let mut keystrokes = Vec::new();
    for _ in 0..ROUNDS {
        for query in QUERIES {
            let begun = Instant::now();
            session.search(query.to_owned(), 50).await.expect("hits");
            keystrokes.push(begun.elapsed());
        }
    }
    keystrokes
}

/// Picks so many identities, each from another account.
async fn spread_identities(session: &Session, wanted: usize) -> Vec<ItemId> {
    let accounts = session.accounts().await.expect("accounts");
    let step = (accounts.len() / wanted).max(1);
    let mut found = Vec::new();
    for row in accounts.iter().step_by(step).take(wanted) {
        let account = session.account(row.id).await.expect("an account");
        found.extend(account.identities.first().map(|identity| identity.id));
    }
    found
}

async fn some_identity(session: &Session) -> ItemId {
    let accounts = session.accounts().await.expect("accounts");
    let middle = accounts.get(accounts.len() / 2).expect("an account");
    let account = session.account(middle.id).await.expect("an account");
    account.identities.first().expect("an identity").id
}

/// Makes a password slot with the vault's parameters and nothing else: Argon2id's own time.
fn stretch(password: &SecretString) -> Slot {
    let revision = Revision::first(InstallationId::new_random());
    Slot::new_password(&VaultKey::random(), password, KdfParams::FLOOR, revision).expect("a slot")
}

fn time<T>(work: &impl Fn() -> T) -> Duration {
    let begun = Instant::now();
    std::hint::black_box(work());
    begun.elapsed()
}

fn print(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    let longest = times.last().copied().unwrap_or_default();
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    println!(
        "{what:<40} median {:>9.3} ms   longest {:>9.3} ms",
        millis(median),
        millis(longest)
    );
}
