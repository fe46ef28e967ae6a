//! Two machines edit one synced file, in any order, with the conflict copies that sync services make.
//!
//! Each machine has its own folder, state file and installation. What a sync service does between them is played: it
//! carries the file that changed over; where both did, one stays and the other becomes a conflict copy, on both machines.

use std::{collections::BTreeSet, fs, path::PathBuf};

use crate::stage::{Stage, account, password};
use undercroft_model::{InstallationId, ItemId, ItemState, Timestamp};
use undercroft_session::{AccountDraft, LockReason, Notice, SessionError};
use undercroft_vault::{Credential, OsDisk, UnlockOptions, Vault};

const WALKS: u64 = 8;
const STEPS: usize = 40;
const ITEMS: usize = 3;

/// Random numbers that are the same in every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % end as u64).unwrap()
    }
}

struct Company {
    machines: [Stage; 2],
    is_open: [bool; 2],
    /// The bytes that each machine's sync service saw last.
    synced: Vec<u8>,
    items: Vec<ItemId>,
    /// What was typed and acknowledged.
    typed: BTreeSet<String>,
    conflicts: usize,
    syncs: usize,
}

impl Company {
    async fn new() -> Self {
        let first = Stage::unlocked().await;
        let mut items = Vec::new();
        for number in 0..ITEMS {
            items.push(first.account(&format!("{number:012}")).await);
        }
        let second = Stage::new();
        fs::copy(first.vault(), second.vault()).unwrap();
        second.session.open_vault(second.vault()).await.unwrap();
        second.unlock().await;
        Self {
            synced: fs::read(first.vault()).unwrap(),
            machines: [first, second],
            is_open: [true, true],
            items,
            typed: BTreeSet::new(),
            conflicts: 0,
            syncs: 0,
        }
    }

    fn bytes(&self, who: usize) -> Vec<u8> {
        fs::read(self.machines[who].vault()).unwrap()
    }

    /// Replaces a file as sync services do: whole, by renaming.
    fn put(&self, who: usize, name: Option<&str>, bytes: &[u8]) {
        let vault = self.machines[who].vault();
        let path = name.map_or_else(|| vault.clone(), |name| vault.with_file_name(name));
        let temporary = vault.with_file_name(".syncing");
        fs::write(&temporary, bytes).unwrap();
        fs::rename(temporary, path).unwrap();
    }

    fn sync(&mut self, winner: usize) {
        self.syncs += 1;
        let files = [self.bytes(0), self.bytes(1)];
        let has_changed = [files[0] != self.synced, files[1] != self.synced];
        let stays = match has_changed {
            [false, false] => return,
            [true, false] => 0,
            [false, true] => 1,
            [true, true] if files[0] == files[1] => 0,
            [true, true] => {
                self.conflicts += 1;
                let name = match self.conflicts % 2 {
                    0 => format!("it (Ada's conflicted copy {}).undercroft", self.conflicts),
                    _ => format!(
                        "it.sync-conflict-20261123-{:06}-ABCDEFG.undercroft",
                        self.conflicts
                    ),
                };
                for who in 0..2 {
                    self.put(who, Some(&name), &files[1 - winner]);
                }
                winner
            }
        };
        self.put(1 - stays, None, &files[stays]);
        self.synced.clone_from(&files[stays]);
    }

    async fn open(&mut self, who: usize) {
        if !self.is_open[who] {
            self.machines[who].unlock().await;
            self.is_open[who] = true;
            // Whoever is warned of another version does what is offered.
            let notices = self.machines[who].notices().await;
            let is_rollback =
                |notice: &Notice| matches!(notice, Notice::RolledBack { .. } | Notice::Forked);
            if notices.iter().any(is_rollback) {
                self.machines[who].session.merge_backups().await.unwrap();
            }
        }
    }

    async fn lock(&mut self, who: usize) {
        self.machines[who].session.lock(LockReason::User).await;
        self.is_open[who] = false;
    }

    async fn edit(&mut self, who: usize, item: usize, number: usize) {
        self.open(who).await;
        let text = format!("{who}-{number}");
        let draft = AccountDraft {
            id: Some(self.items[item]),
            notes: text.clone(),
            ..account(&format!("{item:012}"))
        };
        self.machines[who]
            .session
            .save_account(draft)
            .await
            .unwrap();
        self.typed.insert(text);
    }

    async fn add(&mut self, who: usize, number: usize) {
        self.open(who).await;
        let digits = format!("9{number:011}");
        let draft = AccountDraft {
            notes: format!("new {who}-{number}"),
            ..account(&digits)
        };
        match self.machines[who].session.save_account(draft.clone()).await {
            Ok(_) => drop(self.typed.insert(draft.notes)),
            Err(SessionError::Invalid { .. }) => {}
            Err(other) => panic!("{other:?}"),
        }
    }

    /// Both are left in peace until they agree.
    async fn settle(&mut self) {
        for round in 0..4 {
            for who in 0..2 {
                self.lock(who).await;
                self.open(who).await;
                let _ = self.machines[who].session.retry_save().await;
                self.sync(round % 2);
            }
        }
    }

    /// All that is in a vault: what is live, and the histories.
    fn found(&self, who: usize) -> BTreeSet<String> {
        found_in(self.machines[who].vault())
    }
}

fn found_in(path: PathBuf) -> BTreeSet<String> {
    let password = password();
    let options = UnlockOptions {
        access: undercroft_vault::AccessWanted::Read,
        ..UnlockOptions::new(InstallationId::new_random(), Timestamp::from_unix_secs(0))
    };
    let credential = Credential::Password(&password);
    let (vault, _) =
        Vault::unlock(std::sync::Arc::new(OsDisk), &path, credential, options).unwrap();
    let mut found = BTreeSet::new();
    for item in vault.items() {
        let item = item.unwrap();
        let live = match &item.state {
            ItemState::Live(content) => Some(content),
            ItemState::Binned { .. } | ItemState::Deleted { .. } => None,
        };
        for content in live
            .into_iter()
            .chain(item.history.iter().map(|past| &past.content))
        {
            found.extend(content.as_account().map(|account| account.notes.clone()));
        }
    }
    found
}

#[tokio::test]
async fn no_interleaving_of_two_machines_loses_an_update() {
    let seed = std::env::var("UNDERCROFT_SEED").ok();
    let seed: u64 = seed.and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let (mut updates, mut conflicts, mut syncs) = (0, 0, 0);
    for walk in 0..WALKS {
        let mut dice = Dice(seed * 1000 + walk);
        let mut company = Company::new().await;
        // An item's history has room for few: no more edits of each than are kept.
        let mut edits = [0; ITEMS];
        for number in 0..STEPS {
            let who = dice.below(2);
            match dice.below(10) {
                0..3 => {
                    let item = dice.below(ITEMS);
                    if edits[item] < 8 {
                        edits[item] += 1;
                        company.edit(who, item, number).await;
                    }
                }
                3 | 4 => company.add(who, number).await,
                5 => company.lock(who).await,
                6 => company.open(who).await,
                _ => company.sync(who),
            }
        }
        company.settle().await;
        for who in 0..2 {
            let found = company.found(who);
            let lost: Vec<_> = company.typed.difference(&found).collect();
            assert!(lost.is_empty(), "walk {walk}, machine {who}: {lost:?} lost");
        }
        updates += company.typed.len();
        conflicts += company.conflicts;
        syncs += company.syncs;
    }
    assert!(conflicts >= 5, "{conflicts}");
    println!(
        "two machines, {WALKS} walks: {updates} updates, {syncs} syncs, {conflicts} conflict copies; 0 lost updates"
    );
}
