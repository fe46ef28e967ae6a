//! Who got what when: an append-only log on this machine, without secrets.
//!
//! Each entry carries a hash over itself and the one before, so that one can't be taken out or changed in between
//! without all later ones telling. The log is in the state file, encrypted and authenticated like the rest of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use undercroft_model::Timestamp;

use crate::{Asker, Session, SessionError, unlocked::Unlocked};

/// How many entries are kept; older ones go, and the log says how many.
const MOST: usize = 2000;

/// More bytes of a program's own words are not kept.
const LONGEST_TEXT: usize = 256;

/// What happens within this time is written at once.
const BATCH: Duration = Duration::from_secs(5);

/// Something that a program or a person did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// When it happened first.
    pub at: Timestamp,
    /// When it happened last, where it happened more than once in a batch.
    pub last_at: Timestamp,
    /// How often.
    pub count: u32,
    /// The program's name; `Undercroft` for what was done in the window.
    pub program: String,
    /// Its file, where it could be read.
    pub path: Option<String>,
    /// The script that it runs.
    pub script: Option<String>,
    /// What was asked for, such as `credential-process`, `code` or `console`.
    pub verb: String,
    /// The profile's or the device's name.
    pub of: String,
    /// The account's 12 digits, where there is one.
    pub account: Option<String>,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was answered with what was at hand.
    Cached,
    /// AWS was asked.
    Fetched,
    /// Something that needs no call to AWS was given out.
    Given,
    /// A person, a rule or no answer denied it.
    Denied,
    /// It failed.
    Failed {
        /// Why, as a code.
        code: String,
    },
}

/// The log.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Log {
    /// How many older entries went.
    #[serde(default)]
    dropped: u64,
    /// The hash before the first entry that is kept.
    #[serde(default)]
    base: Hash,
    #[serde(default)]
    entries: Vec<Chained>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Chained {
    entry: Activity,
    hash: Hash,
}

type Hash = [u8; 32];

/// What the log holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityLog {
    /// The entries, the newest first.
    pub entries: Vec<Activity>,
    /// How many older ones are gone because the log is limited.
    pub dropped: u64,
    /// Whether every hash fits the entry before.
    pub is_whole: bool,
}

impl Log {
    fn last_hash(&self) -> Hash {
        self.entries.last().map_or(self.base, |last| last.hash)
    }

    fn push(&mut self, entry: Activity) {
        let hash = hash_of(&self.last_hash(), &entry);
        self.entries.push(Chained { entry, hash });
        let surplus = self.entries.len().saturating_sub(MOST);
        if let Some(last) = self.entries.drain(..surplus).next_back() {
            self.base = last.hash;
        }
        self.dropped += surplus as u64;
    }

    fn is_whole(&self) -> bool {
        let mut before = self.base;
        self.entries.iter().all(|chained| {
            let fits = hash_of(&before, &chained.entry) == chained.hash;
            before = chained.hash;
            fits
        })
    }
}

fn hash_of(before: &Hash, entry: &Activity) -> Hash {
    let mut bytes = Vec::new();
    // Nothing in an entry can't be written, and a Vec takes all of it.
    let _ = ciborium::into_writer(entry, &mut bytes);
    Sha256::new()
        .chain_update(before)
        .chain_update(&bytes)
        .finalize()
        .into()
}

fn shortened(mut text: String) -> String {
    if text.len() > LONGEST_TEXT {
        text.truncate(text.floor_char_boundary(LONGEST_TEXT));
        text.push('…');
    }
    text
}

impl Session {
    /// Notes what a program did.
    ///
    /// # Errors
    /// When the vault is locked: nothing was given out then.
    pub async fn note_activity(
        &self,
        asker: &Asker,
        of: String,
        account: Option<String>,
        outcome: Outcome,
    ) -> Result<(), SessionError> {
        let program = asker.program();
        let (name, path) = match program {
            Some(program) => (program.name.clone(), program.path.clone()),
            None => (String::from("unknown program"), None),
        };
        let (script, verb) = (asker.script.clone(), asker.purpose.clone());
        let is_first = self
            .look(move |open| {
                let now = open.now();
                Ok(open.note(Activity {
                    at: now,
                    last_at: now,
                    count: 1,
                    program: name,
                    path,
                    script,
                    verb,
                    of,
                    account,
                    outcome,
                }))
            })
            .await?;
        if is_first {
            let session = self.clone();
            tokio::spawn(async move {
                session.shared.clock.sleep(BATCH).await;
                let _ = session
                    .look(|open| {
                        open.flush_activity();
                        Ok(())
                    })
                    .await;
            });
        }
        Ok(())
    }

    /// The log.
    ///
    /// # Errors
    /// When the vault is locked.
    pub async fn activity(&self) -> Result<ActivityLog, SessionError> {
        self.look(|open| Ok(open.activity_log())).await
    }

    /// The log as JSON lines, the oldest first.
    ///
    /// # Errors
    /// When the vault is locked.
    pub async fn activity_lines(&self) -> Result<String, SessionError> {
        let log = self.activity().await?;
        let lines = log.entries.iter().rev().map(Activity::as_json);
        Ok(lines.fold(String::new(), |text, line| text + &line + "\n"))
    }
}

impl Activity {
    /// The entry as one line of JSON.
    #[must_use]
    pub fn as_json(&self) -> String {
        let (outcome, code) = match &self.outcome {
            Outcome::Cached => ("cached", None),
            Outcome::Fetched => ("fetched", None),
            Outcome::Given => ("given", None),
            Outcome::Denied => ("denied", None),
            Outcome::Failed { code } => ("failed", Some(code)),
        };
        serde_json::json!({
            "at": self.at.to_string(),
            "last_at": self.last_at.to_string(),
            "count": self.count,
            "program": self.program,
            "path": self.path,
            "script": self.script,
            "verb": self.verb,
            "of": self.of,
            "account": self.account,
            "outcome": outcome,
            "code": code,
        })
        .to_string()
    }

    /// Cuts off what is too long to be kept two thousand times.
    fn shortened(self) -> Self {
        Self {
            program: shortened(self.program),
            path: self.path.map(shortened),
            script: self.script.map(shortened),
            verb: shortened(self.verb),
            of: shortened(self.of),
            ..self
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        self.program == other.program
            && self.path == other.path
            && self.script == other.script
            && self.verb == other.verb
            && self.of == other.of
            && self.account == other.account
            && self.outcome == other.outcome
    }
}

impl Unlocked {
    /// Adds to the batch; whether it is the first of it.
    fn note(&mut self, entry: Activity) -> bool {
        let entry = entry.shortened();
        let is_first = self.noted.is_empty();
        let mut noted = self.noted.iter_mut();
        match noted.find(|other| other.is_like(&entry)) {
            Some(like) => {
                like.count = like.count.saturating_add(1);
                like.last_at = entry.last_at;
            }
            None => self.noted.push(entry),
        }
        if self.noted.len() >= MOST {
            self.flush_activity();
        }
        is_first
    }

    /// Writes the batch.
    pub(crate) fn flush_activity(&mut self) {
        if self.noted.is_empty() {
            return;
        }
        for entry in self.noted.drain(..) {
            self.state.activity.push(entry);
        }
        self.keep_state();
    }

    fn activity_log(&mut self) -> ActivityLog {
        self.flush_activity();
        let log = &self.state.activity;
        ActivityLog {
            entries: log
                .entries
                .iter()
                .rev()
                .map(|one| one.entry.clone())
                .collect(),
            dropped: log.dropped,
            is_whole: log.is_whole(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: i64) -> Activity {
        Activity {
            at: Timestamp::from_unix_secs(number),
            last_at: Timestamp::from_unix_secs(number),
            count: 1,
            program: "bash".into(),
            path: Some("/usr/bin/bash".into()),
            script: None,
            verb: "credential-process".into(),
            of: "work".into(),
            account: None,
            outcome: Outcome::Cached,
        }
    }

    #[test]
    fn an_entry_can_be_neither_changed_nor_taken_out() {
        let mut log = Log::default();
        (0..5).for_each(|number| log.push(entry(number)));
        assert!(log.is_whole());
        let mut changed = log.clone();
        changed.entries[2].entry.of = "other".into();
        assert!(!changed.is_whole());
        let mut shorter = log.clone();
        shorter.entries.remove(2);
        assert!(!shorter.is_whole());
        let mut swapped = log;
        swapped.entries.swap(1, 2);
        assert!(!swapped.is_whole());
    }

    #[test]
    fn a_log_that_is_too_long_becomes_as_long_as_any() {
        let mut log = Log::default();
        for number in 0..i64::try_from(MOST).unwrap() + 3 {
            let entry = entry(number);
            let hash = hash_of(&log.last_hash(), &entry);
            log.entries.push(Chained { entry, hash });
        }
        log.push(entry(0));
        assert_eq!((log.entries.len(), log.dropped), (MOST, 4));
        assert_eq!(log.entries[0].entry, entry(4));
        assert!(log.is_whole());
    }

    #[test]
    fn entries_are_alike_that_differ_in_nothing_but_their_time_and_count() {
        let one = Activity {
            script: Some("/home/ada/deploy.py".into()),
            account: Some("123456789012".into()),
            ..entry(1)
        };
        let later = Activity {
            at: Timestamp::from_unix_secs(7),
            last_at: Timestamp::from_unix_secs(9),
            count: 5,
            ..one.clone()
        };
        assert!(one.is_like(&later));
        for other in [
            Activity {
                program: "zsh".into(),
                ..one.clone()
            },
            Activity {
                path: None,
                ..one.clone()
            },
            Activity {
                script: None,
                ..one.clone()
            },
            Activity {
                verb: "code".into(),
                ..one.clone()
            },
            Activity {
                of: "other".into(),
                ..one.clone()
            },
            Activity {
                account: None,
                ..one.clone()
            },
            Activity {
                outcome: Outcome::Fetched,
                ..one.clone()
            },
        ] {
            assert!(!one.is_like(&other), "{other:?}");
        }
    }

    #[test]
    fn a_text_is_cut_after_256_bytes_at_a_whole_character() {
        for whole in [String::new(), "a".repeat(256), "é".repeat(128)] {
            assert_eq!(shortened(whole.clone()), whole);
        }
        assert_eq!(shortened("a".repeat(257)), "a".repeat(256) + "…");
        let odd = format!("a{}", "é".repeat(128));
        assert_eq!(shortened(odd), format!("a{}…", "é".repeat(127)));
    }

    #[test]
    fn each_of_a_programs_own_words_is_cut() {
        let (long, cut) = ("x".repeat(300), "x".repeat(256) + "…");
        let entry = Activity {
            program: long.clone(),
            path: Some(long.clone()),
            script: Some(long.clone()),
            verb: long.clone(),
            of: long,
            ..entry(1)
        };
        let kept = Activity {
            program: cut.clone(),
            path: Some(cut.clone()),
            script: Some(cut.clone()),
            verb: cut.clone(),
            of: cut,
            ..entry.clone()
        };
        assert_eq!(entry.shortened(), kept);
    }

    #[test]
    fn the_oldest_go_and_the_rest_stays_whole() {
        let mut log = Log::default();
        for number in 0..i64::try_from(MOST).unwrap() + 7 {
            log.push(entry(number));
        }
        assert_eq!(log.entries.len(), MOST);
        assert_eq!(log.dropped, 7);
        assert_eq!(log.entries[0].entry.at, Timestamp::from_unix_secs(7));
        assert!(log.is_whole());
        let mut bytes = Vec::new();
        ciborium::into_writer(&log, &mut bytes).unwrap();
        let read: Log = ciborium::from_reader(&bytes[..]).unwrap();
        assert!(read.is_whole() && read.entries.len() == MOST);
    }
}
