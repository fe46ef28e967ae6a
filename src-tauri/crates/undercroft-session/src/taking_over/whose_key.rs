//! Whose an access key is: asked of AWS, else guessed from what stands beside it, else from the key's id.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use data_encoding::BASE32;
use tokio::{sync::Semaphore, task::JoinHandle};
use undercroft_aws::{
    Answer, AwsError, AwsErrorKind, CallerIdentity, LongTermKey, Signer, Target,
    files::{Keys, Kind},
};
use undercroft_model::{
    AccessKeyId, AccountAlias, AccountId, Partition, Region, Serial, SerialKind, UserName,
};

use super::{
    ImportPaths,
    reading::{Gathered, Row, Section, shown},
};
use crate::{
    SessionError,
    clocks::{clock_at, clock_name},
    unlocked::Unlocked,
};

/// How many keys are asked about at once.
const AT_ONCE: usize = 8;

/// How many keys are asked about at all: nobody has more, and each is a call.
const MOST_ASKED: usize = 500;

/// Who holds a key, a password or a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) partition: Partition,
    pub(super) account: AccountId,
    /// The account's alias, where it is known.
    pub(super) alias: Option<AccountAlias>,
    pub(super) who: Who,
}

/// A user of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Root,
    User(UserName),
}

/// What is known of a key's holder.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) account: Option<(Partition, AccountId)>,
    pub(super) who: Option<Who>,
}

/// A key that AWS was asked about.
pub(super) struct Asked {
    key: AccessKeyId,
    pub(super) clock: String,
    answer: Result<Answer<CallerIdentity>, AwsError>,
}

impl Asked {
    pub(super) fn clock_offset_secs(&self) -> Option<i64> {
        match &self.answer {
            Ok(answer) => answer.clock_offset_secs,
            Err(error) => error.clock_offset_secs,
        }
    }
}

/// Calls in progress.
pub(super) struct Asking(Vec<JoinHandle<Asked>>);

/// What AWS said.
#[derive(Default)]
pub(super) struct Answers(BTreeMap<AccessKeyId, Asked>);

impl Asking {
    /// Waits for all answers.
    pub(super) async fn answers(self) -> Result<Answers, SessionError> {
        let mut answers = Answers::default();
        for call in self.0 {
            // Cut off by locking.
            let asked = call.await.map_err(|_| SessionError::Locked)?;
            answers.0.insert(asked.key.clone(), asked);
        }
        Ok(answers)
    }
}

impl Answers {
    pub(super) fn all(&self) -> impl Iterator<Item = &Asked> {
        self.0.values()
    }

    /// What AWS said of a key; the words for why it said nothing otherwise.
    pub(super) fn of(&self, key: &AccessKeyId) -> Result<Known, String> {
        match self.0.get(key).map(|asked| &asked.answer) {
            None => Err("AWS was not asked whose it is".to_owned()),
            Some(Err(error)) => Err(format!("AWS does not say whose it is ({})", error.kind)),
            Some(Ok(answer)) => {
                let caller = &answer.value;
                let resource = caller.arn.resource();
                let who = match resource.strip_prefix("user/") {
                    // A user's ARN has its path between: user/division/jane.
                    Some(user) => UserName::parse(user.rsplit('/').next().unwrap_or_default())
                        .ok()
                        .map(Who::User),
                    None => (resource == "root").then_some(Who::Root),
                };
                Ok(Known {
                    account: Some((caller.arn.partition(), caller.account.clone())),
                    who,
                })
            }
        }
    }
}

/// A key to ask about, with where its account may be.
struct Question<'a> {
    key: LongTermKey,
    account: Option<(Partition, AccountId)>,
    region: Option<&'a Region>,
}

impl Unlocked {
    /// Begins to ask AWS about every key that the vault does not have.
    pub(super) fn ask_whose_keys(&mut self, gathered: &Gathered, wish: &ImportPaths) -> Asking {
        let mut seen = BTreeSet::new();
        let questions: Vec<Question<'_>> = questions(gathered)
            .filter(|question| {
                let id = &question.key.id;
                self.catalogue.holder_of_key(id).is_none() && seen.insert(id.clone())
            })
            .take(MOST_ASKED)
            .collect();
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        // One endpoint that does not answer is not waited for once for each key.
        let silent: Arc<Mutex<BTreeMap<String, AwsErrorKind>>> = Arc::default();
        let calls = questions.into_iter().map(|question| {
            let (target, clock) = self.target_to_ask(&question, wish);
            let (turns, silent) = (turns.clone(), silent.clone());
            let sts = self.shared.sts.clone();
            let key = question.key;
            self.calls.spawn(async move {
                let _turn = turns.acquire().await;
                let known = lock(&silent).get(&clock).copied();
                let answer = match known {
                    Some(kind) => Err(AwsError {
                        kind,
                        aws_code: None,
                        aws_message: None,
                        clock_offset_secs: None,
                    }),
                    None => sts.get_caller_identity(&target, Signer::Key(&key)).await,
                };
                if let Err(error) = &answer
                    && is_silence(error.kind)
                {
                    lock(&silent).insert(clock.clone(), error.kind);
                }
                Asked {
                    key: key.id,
                    clock,
                    answer,
                }
            })
        });
        Asking(calls.collect())
    }

    /// Where a key is asked about: at the vault's own account, or as at one that this import would file; with the clock.
    fn target_to_ask(&self, question: &Question<'_>, wish: &ImportPaths) -> (Target, String) {
        let known = question.account.as_ref();
        let filed = known.and_then(|(partition, id)| {
            let filed = self.catalogue.account_numbered(*partition, id)?;
            self.account_of(filed).ok()
        });
        if let Some(account) = filed {
            return (self.target_of(&account), clock_name(&account));
        }
        let of_region = question.region.map(Region::partition);
        let partition = known.map(|(partition, _)| *partition).or(of_region);
        let partition = partition.unwrap_or(Partition::Aws);
        let region = question
            .region
            .filter(|region| region.partition() == partition);
        let region = region
            .cloned()
            .unwrap_or_else(|| partition.default_region());
        let clock = clock_at(partition, &region, wish.endpoint.as_ref());
        let target = Target {
            partition,
            region,
            endpoint: wish.endpoint.clone(),
            clock_offset_secs: self.offset_of(&clock),
        };
        (target, clock)
    }
}

fn lock(
    silent: &Mutex<BTreeMap<String, AwsErrorKind>>,
) -> MutexGuard<'_, BTreeMap<String, AwsErrorKind>> {
    silent.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a failure is the endpoint's, and so the same for every key.
fn is_silence(kind: AwsErrorKind) -> bool {
    [
        AwsErrorKind::Unreachable,
        AwsErrorKind::UntrustedCertificate,
        AwsErrorKind::Timeout,
        AwsErrorKind::HostileEnvironment,
    ]
    .contains(&kind)
}

fn questions(gathered: &Gathered) -> impl Iterator<Item = Question<'_>> {
    let sections = gathered.groups.iter().flatten().filter_map(|section| {
        let keys = section.keys()?;
        Some(Question {
            key: LongTermKey {
                id: keys.id.clone(),
                secret: keys.secret.clone(),
            },
            account: first_account(&section.hints()),
            region: section.profile.region.as_ref(),
        })
    });
    let rows = gathered.rows.iter().filter_map(|row| {
        let (id, secret) = row.keys.key.as_ref()?;
        Some(Question {
            key: LongTermKey {
                id: id.clone(),
                secret: secret.clone(),
            },
            account: first_account(&row.hints()),
            region: None,
        })
    });
    sections.chain(rows)
}

/// Something that stands beside a key and tells of its holder.
#[derive(Clone, Debug)]
pub(super) struct Hint {
    account: Option<(Partition, AccountId)>,
    who: Option<Who>,
    /// What it is, in words.
    by: &'static str,
}

impl Hint {
    pub(super) fn of_account(partition: Partition, account: AccountId, by: &'static str) -> Self {
        Self {
            account: Some((partition, account)),
            who: None,
            by,
        }
    }

    pub(super) fn tells_account(&self) -> bool {
        self.account.is_some()
    }

    fn of_who(who: Who, by: &'static str) -> Self {
        Self {
            account: None,
            who: Some(who),
            by,
        }
    }

    fn of_serial(serial: &Serial) -> Option<Self> {
        let SerialKind::Virtual {
            partition,
            account,
            name,
        } = serial.kind()
        else {
            return None;
        };
        Some(Self {
            account: Some((partition, account)),
            who: who_of_device(name),
            by: "its mfa_serial",
        })
    }

    fn of_key(partition: Partition, key: &AccessKeyId) -> Option<Self> {
        let account = account_in(key)?;
        let by = "its id, in which AWS encodes the account";
        Some(Self::of_account(partition, account, by))
    }
}

/// The user whose device that is, if it is named as the console used to name it.
pub(super) fn who_of_device(name: &str) -> Option<Who> {
    if name.starts_with(Serial::ROOT_DEVICE_NAME) {
        return Some(Who::Root);
    }
    let name = name.rsplit('/').next().unwrap_or_default();
    UserName::parse(name).ok().map(Who::User)
}

impl Section {
    /// The long-term key in it, whatever decides its kind.
    pub(super) fn keys(&self) -> Option<&Keys> {
        match &self.profile.kind {
            Kind::Keys(keys) => Some(keys),
            Kind::Role(_)
            | Kind::Sso(_)
            | Kind::Process(_)
            | Kind::Login(_)
            | Kind::Session
            | Kind::Empty => self.profile.own_key.as_ref(),
        }
    }

    /// What tells whose its key is, the best first.
    pub(super) fn hints(&self) -> Vec<Hint> {
        let Some(keys) = self.keys() else {
            return Vec::new();
        };
        let partition = self.profile.region.as_ref().map(Region::partition);
        let partition = partition.unwrap_or(Partition::Aws);
        let account = self.profile.account.clone();
        let name = UserName::parse(&self.profile.name).ok();
        [
            keys.mfa_serial.as_ref().and_then(Hint::of_serial),
            account.map(|id| Hint::of_account(partition, id, "its aws_account_id")),
            Hint::of_key(partition, &keys.id),
            name.map(|name| Hint::of_who(Who::User(name), "the section's name")),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The section in texts.
    pub(super) fn place(&self) -> String {
        format!("[{}]", shown(&self.profile.name))
    }
}

impl Row {
    /// What tells whose its key and password are, the best first.
    pub(super) fn hints(&self) -> Vec<Hint> {
        let keys = &self.keys;
        let partition = keys.partition.unwrap_or(Partition::Aws);
        let account = keys.account.clone();
        let user = keys.user.clone().map(Who::User);
        let who = if keys.is_root { Some(Who::Root) } else { user };
        [
            account.map(|id| Hint::of_account(partition, id, "the sign-in link")),
            who.map(|who| Hint::of_who(who, "the file")),
            keys.key
                .as_ref()
                .and_then(|(key, _)| Hint::of_key(partition, key)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The row in texts, with what stands behind it.
    pub(super) fn place(&self) -> String {
        self.number
            .map_or_else(|| "this file".to_owned(), |number| format!("row {number}"))
    }
}

fn first_account(hints: &[Hint]) -> Option<(Partition, AccountId)> {
    hints.iter().find_map(|hint| hint.account.clone())
}

/// Decides who holds what stands at `place`: what AWS says, and hints for the rest.
///
/// # Errors
/// The problem, when neither tells the account or the user.
pub(super) fn decide(
    place: &str,
    said: Result<Known, String>,
    hints: &[Hint],
) -> Result<(Owner, Option<String>), String> {
    let (known, why) = match said {
        Ok(known) => (known, None),
        Err(why) => (Known::default(), Some(why)),
    };
    let mut reasons = Vec::new();
    let account = known.account.or_else(|| {
        let hint = hints.iter().find(|hint| hint.account.is_some())?;
        reasons.push(hint.by);
        hint.account.clone()
    });
    let who = known.who.or_else(|| {
        let hint = hints.iter().find(|hint| hint.who.is_some())?;
        reasons.push(hint.by);
        hint.who.clone()
    });
    reasons.dedup();
    let why = why.unwrap_or_else(|| "AWS names no user for it".to_owned());
    let (Some((partition, account)), Some(who)) = (account, who) else {
        return Err(format!(
            "{place}: {why}, and nothing beside it tells its account and its user, so it is not imported; add it in the \
             window, or import it again when AWS can be asked"
        ));
    };
    let problem = (!reasons.is_empty()).then(|| {
        let user = match &who {
            Who::Root => "the root user".to_owned(),
            Who::User(name) => format!("the user {name}"),
        };
        format!(
            "{place}: {why}; going by {}, it is filed under {user} of the account {account}; check that this is right",
            reasons.join(" and ")
        )
    });
    let owner = Owner {
        partition,
        account,
        alias: None,
        who,
    };
    Ok((owner, problem))
}

/// The account that is encoded in an access key's id.
///
/// Behind the four letters stand 16 characters of Base32: a bit that tells the newer kind of ids, the account in 40
/// bits, and others. Ids of the older kind don't hold the account.
///
/// Sources: T. Be'ery, "A short note on AWS KEY ID" (2023); WithSecure Labs, "A bitwise analysis of AWS access key
/// identifiers". AWS itself tells the same by `sts:GetAccessKeyInfo`.
pub(super) fn account_in(key: &AccessKeyId) -> Option<AccountId> {
    let text = key.as_str();
    if text.len() != 20 {
        return None;
    }
    let bytes = BASE32.decode(text.get(4..)?.as_bytes()).ok()?;
    let number = bytes
        .iter()
        .take(6)
        .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let is_newer = number & 0x8000_0000_0000 != 0;
    let account = (number & 0x7fff_ffff_ff80) >> 7;
    is_newer
        .then(|| AccountId::parse(&format!("{account:012}")).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account_of(key: &str) -> Option<String> {
        let key = AccessKeyId::parse(key).expect("an id");
        account_in(&key).map(|account| account.to_string())
    }

    #[test]
    fn newer_ids_hold_their_account() {
        // The example of both sources, of a long-term key here.
        assert_eq!(
            account_of("AKIAY34FZKBOKMUTVV7A").as_deref(),
            Some("609629065308")
        );
    }

    #[test]
    fn other_ids_hold_none() {
        for key in [
            // Of the older kind.
            "AKIAIOSFODNN7EXAMPLE",
            "AKIAI44QH8DHBEXAMPLE",
            // Above 12 digits.
            "AKIA7777777777777777",
            "ABCDEFGHIJKLMNOP",
            "AKIB5555555555555555XYZ",
        ] {
            assert_eq!(account_of(key), None, "{key}");
        }
    }

    #[test]
    fn what_aws_says_wins_over_hints() {
        let id = |digits| AccountId::parse(digits).expect("digits");
        let jane = UserName::parse("jane").expect("a name");
        let said = Known {
            account: Some((Partition::AwsCn, id("210987654321"))),
            who: None,
        };
        let hints = [
            Hint::of_account(Partition::Aws, id("123456789012"), "the sign-in link"),
            Hint::of_who(Who::User(jane.clone()), "the section's name"),
        ];
        let (owner, problem) = decide("[x]", Ok(said), &hints).expect("an owner");
        assert_eq!(owner.account, id("210987654321"));
        assert_eq!(owner.partition, Partition::AwsCn);
        assert_eq!(owner.who, Who::User(jane));
        assert!(problem.is_some_and(|problem| problem.contains("the section's name")));
        let nothing = decide("[x]", Err("nobody asked".to_owned()), &[]);
        assert!(nothing.is_err_and(|problem| problem.starts_with("[x]: nobody asked")));
    }
}
