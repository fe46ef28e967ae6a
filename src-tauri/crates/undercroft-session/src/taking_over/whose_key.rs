//! Whose an access key is: asked of AWS, else guessed from what stands beside it, else from the key's id.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{sync::Semaphore, task::JoinHandle};
use undercroft_aws::{Answer, AwsError, AwsErrorKind, CallerIdentity, LongTermKey, Signer, Target};
use undercroft_model::{AccessKeyId, AccountAlias, AccountId, Partition, Region, UserName};

use super::{
    ImportPaths,
    hints::{Hint, first_account, hints_by_key},
    reading::Gathered,
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
            None => Err("AWS was not asked whose the key is".to_owned()),
            Some(Err(error)) => Err(format!(
                "AWS does not say whose the key is ({})",
                error.kind
            )),
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
        let hints = hints_by_key(gathered);
        let questions: Vec<Question<'_>> = questions(gathered, &hints)
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

fn questions<'a>(
    gathered: &'a Gathered,
    hints: &'a BTreeMap<AccessKeyId, Vec<Hint>>,
) -> impl Iterator<Item = Question<'a>> {
    let account = |key| hints.get(key).and_then(|hints| first_account(hints));
    let sections = gathered.groups.iter().flatten().filter_map(move |section| {
        let keys = section.keys()?;
        Some(Question {
            key: LongTermKey {
                id: keys.id.clone(),
                secret: keys.secret.clone(),
            },
            account: account(&keys.id),
            region: section.profile.region.as_ref(),
        })
    });
    let rows = gathered.rows.iter().filter_map(move |row| {
        let (id, secret) = row.keys.key.as_ref()?;
        Some(Question {
            key: LongTermKey {
                id: id.clone(),
                secret: secret.clone(),
            },
            account: account(id),
            region: None,
        })
    });
    sections.chain(rows)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_says_wins_over_hints() {
        let id = |digits| AccountId::parse(digits).expect("digits");
        let jane = UserName::parse("jane").expect("a name");
        let said = Known {
            account: Some((Partition::AwsCn, id("210987654321"))),
            who: None,
        };
        let hints = [
            Hint::of_link(Partition::Aws, id("123456789012")),
            Hint::of_section_name(jane.clone()),
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
