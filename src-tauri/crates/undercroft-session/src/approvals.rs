//! Asking a person before a program gets credentials for the first time.
//!
//! It is advice against mistakes and surprises: malware that runs as the same user can pretend to be any program.

use std::{path::Path, time::Duration};

use tokio::sync::oneshot;
use undercroft_model::{Approval, ApprovalRule, ItemId, Profile, Settings, Verdict};

use crate::{AccountRow, Event, Session, SessionError, unlocked::Unlocked};

/// How long a person has to answer.
const ANSWER_SECS: u32 = 45;

/// How long a yes for ten minutes holds.
const TEN_MINUTES: Duration = Duration::from_secs(600);

/// More programs than this do not wait side by side.
const MOST_WAITING: usize = 32;

/// A program that asks, as far as it could be found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asker {
    /// The program and those that started it, up to the terminal; the one that asks first.
    pub chain: Vec<AskingProgram>,
    /// The script that an interpreter among them runs.
    pub script: Option<String>,
    /// The working directory.
    pub folder: Option<String>,
    /// What it is for, such as `credential-process` or `exec`.
    pub purpose: String,
}

/// One program on the way to the one that asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskingProgram {
    /// The process id.
    pub pid: u32,
    /// Its file, where it can be read.
    pub path: Option<String>,
    /// Its name.
    pub name: String,
}

/// A program waits for somebody's yes.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalRequest {
    /// Names the request until it is answered.
    pub id: u64,
    /// Who asks.
    pub asker: Asker,
    /// The profile, or the identity whose code is asked for; nothing where it is about a file.
    pub subject: Option<ItemId>,
    /// Its name, or the file's path.
    pub name: String,
    /// The sections of a file of `~/.aws` whose keys are to be taken out of it.
    pub sections: Vec<String>,
    /// The account in which the credentials act.
    pub account: Option<AccountRow>,
    /// The role, where it is one.
    pub role: Option<String>,
    /// Seconds until no answer counts as a no.
    pub secs_left: u32,
}

/// What somebody answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// No.
    Deny,
    /// Yes, this once.
    Once,
    /// Yes, and to the same question for ten minutes.
    TenMinutes,
    /// Yes, and to the same question until the vault locks.
    UntilLock,
    /// Yes, and to the same question for good: a rule in the vault.
    Always,
    /// No, and to the same question for good: a rule in the vault.
    Never,
}

/// Why a program got nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotApproved {
    /// Somebody said no.
    #[error("denied in Undercroft's window")]
    Denied,
    /// A rule in the vault says no.
    #[error("a rule in the vault denies it")]
    ByRule,
    /// Nobody answered in time.
    #[error("nobody answered within {ANSWER_SECS} seconds, which counts as a no")]
    NoAnswer,
    /// There is no window to ask in.
    #[error(
        "this profile asks before its first use, and there is no window to ask in; \
         allow the program in the settings of the vault, or set the profile to never ask"
    )]
    NoWindow,
    /// Too many programs wait for an answer.
    #[error("too many programs wait for an answer")]
    TooMany,
}

/// What was answered, and what still waits.
#[derive(Debug, Default)]
pub(crate) struct Approvals {
    remembered: Vec<(Question, Option<Duration>)>,
    waiting: Vec<Waiting>,
    last_id: u64,
}

/// Two requests with the same question need one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Question {
    program: String,
    script: Option<String>,
    about: About,
}

/// What a question is about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum About {
    /// A profile's credentials or an identity's code.
    Item(ItemId),
    /// A change of a file.
    File { path: String, sections: Vec<String> },
}

#[derive(Debug)]
struct Waiting {
    request: ApprovalRequest,
    question: Question,
    /// When no answer counts as a no, on the monotonic clock.
    until: Duration,
    answers: Vec<oneshot::Sender<Result<(), NotApproved>>>,
}

impl Waiting {
    /// Whether nobody waits for the answer any more.
    fn is_over(&self, now: Duration) -> bool {
        self.until <= now || self.answers.iter().all(oneshot::Sender::is_closed)
    }

    fn answer(self, answer: Result<(), NotApproved>) {
        for waiting in self.answers {
            let _ = waiting.send(answer);
        }
    }
}

/// What a program asks for.
struct Subject {
    name: String,
    account: Option<AccountRow>,
    role: Option<String>,
    approval: Option<Approval>,
}

enum Begun {
    Allowed,
    Asked(oneshot::Receiver<Result<(), NotApproved>>),
}

/// Takes a question off the screen when nobody waits for its answer any more.
struct Leaving(Session);

impl Drop for Leaving {
    fn drop(&mut self) {
        let session = self.0.clone();
        // Without a runtime the whole program ends, and its questions with it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                let _ = session
                    .look(|open| {
                        open.drop_over();
                        Ok(())
                    })
                    .await;
            });
        }
    }
}

impl Approvals {
    fn take(&mut self, id: u64) -> Option<Waiting> {
        let mut waiting = self.waiting.iter();
        let place = waiting.position(|waiting| waiting.request.id == id)?;
        Some(self.waiting.remove(place))
    }
}

impl Session {
    /// Asks for a program, where the settings and the profile say so, and returns when it may have the credentials.
    ///
    /// # Errors
    /// [`SessionError::NotApproved`].
    pub async fn approve(&self, asker: Asker, profile: ItemId) -> Result<(), SessionError> {
        let session = self.clone();
        let begun = self
            .look(move |open| open.begin_approval(asker, profile, session))
            .await?;
        self.answer_of(begun).await
    }

    /// Asks for a program that wants keys taken out of sections of a file of `~/.aws`, and returns when it may have
    /// that done.
    ///
    /// Settings and rules do not matter to it, and no answer outlasts the question. Where there is no window nobody is
    /// asked: only keys that the vault has leave the file, and the program could write the file by itself.
    ///
    /// # Errors
    /// [`SessionError::NotApproved`].
    pub async fn approve_taking_out(
        &self,
        asker: Asker,
        path: &Path,
        sections: Vec<String>,
    ) -> Result<(), SessionError> {
        let session = self.clone();
        let path = path.to_string_lossy().into_owned();
        let begun = self
            .look(move |open| {
                if !open.shared.platform.can_ask() {
                    return Ok(Begun::Allowed);
                }
                let request = ApprovalRequest {
                    id: 0,
                    asker,
                    subject: None,
                    name: path.clone(),
                    sections: sections.clone(),
                    account: None,
                    role: None,
                    secs_left: ANSWER_SECS,
                };
                open.ask(request, About::File { path, sections }, session)
            })
            .await?;
        self.answer_of(begun).await
    }

    async fn answer_of(&self, begun: Begun) -> Result<(), SessionError> {
        let Begun::Asked(answer) = begun else {
            return Ok(());
        };
        let leaving = Leaving(self.clone());
        // Locking drops the question.
        let answered = answer.await.map_err(|_| SessionError::Locked);
        drop(leaving);
        answered?.map_err(SessionError::NotApproved)
    }

    /// Programs that wait for an answer, the one that asked first in front.
    ///
    /// # Errors
    /// When the vault is locked.
    pub async fn approval_requests(&self) -> Result<Vec<ApprovalRequest>, SessionError> {
        self.look(|open| Ok(open.approval_requests())).await
    }

    /// Answers a program.
    ///
    /// # Errors
    /// When nothing waits by that id any more; as saving, for a rule.
    pub async fn answer_approval(&self, id: u64, decision: Decision) -> Result<(), SessionError> {
        self.act(move |open| open.answer_approval(id, decision))
            .await
    }

    /// Takes rules out of the vault, by their position.
    ///
    /// # Errors
    /// When there is no such rule.
    pub async fn remove_approval_rule(&self, index: usize) -> Result<(), SessionError> {
        self.act(move |open| {
            let mut settings = open.vault.settings();
            if index >= settings.approval_rules.len() {
                return Err(SessionError::NoSuchItem);
            }
            settings.approval_rules.remove(index);
            open.save_changed_settings(settings)
        })
        .await
    }

    /// Sets when a program's first use of a profile is asked about, where the profile does not say.
    ///
    /// # Errors
    /// When the vault is locked or open for reading only.
    pub async fn set_approval(&self, approval: Approval) -> Result<(), SessionError> {
        self.act(move |open| {
            let settings = Settings {
                approval,
                ..open.vault.settings()
            };
            open.save_changed_settings(settings)
        })
        .await
    }
}

impl Asker {
    /// The program that a rule is about: the one that started Undercroft's own command, else the one that asks.
    #[must_use]
    pub fn program(&self) -> Option<&AskingProgram> {
        let is_own = |program: &&AskingProgram| program.name == "undercroft";
        let mut others = self.chain.iter().skip_while(is_own);
        others.next().or(self.chain.first())
    }

    fn question(&self, about: About) -> Question {
        let program = self.program();
        let path = program.and_then(|program| program.path.clone());
        // A process names itself as it likes; it does not pass for a file.
        let name = || {
            let name = program.map(|program| program.name.clone());
            name.filter(|name| !name.contains(['/', '\\']))
        };
        Question {
            // What can't be found out shares one question.
            program: path.or_else(name).unwrap_or_default(),
            script: self.script.clone(),
            about,
        }
    }
}

impl Unlocked {
    fn begin_approval(
        &mut self,
        asker: Asker,
        id: ItemId,
        session: Session,
    ) -> Result<Begun, SessionError> {
        let Subject {
            name,
            account,
            role,
            approval,
        } = self.asked_for(id)?;
        let question = asker.question(About::Item(id));
        let settings = self.vault.settings();
        match rule_for(&settings.approval_rules, &question) {
            Some(Verdict::Allow) => return Ok(Begun::Allowed),
            Some(Verdict::Deny) => return Err(SessionError::NotApproved(NotApproved::ByRule)),
            None => {}
        }
        let asks = match approval.unwrap_or(settings.approval) {
            Approval::Never => false,
            Approval::Always => true,
            Approval::Production => account.as_ref().is_some_and(|row| row.production),
        };
        if !asks || self.is_remembered(&question) {
            return Ok(Begun::Allowed);
        }
        if !self.shared.platform.can_ask() {
            return Err(SessionError::NotApproved(NotApproved::NoWindow));
        }
        let request = ApprovalRequest {
            id: 0,
            asker,
            subject: Some(id),
            name,
            sections: Vec::new(),
            account,
            role,
            secs_left: ANSWER_SECS,
        };
        self.ask(request, About::Item(id), session)
    }

    /// Has a question wait for its answer, together with others that are the same.
    fn ask(
        &mut self,
        mut request: ApprovalRequest,
        about: About,
        session: Session,
    ) -> Result<Begun, SessionError> {
        let question = request.asker.question(about);
        let (answer, answered) = oneshot::channel();
        self.drop_over();
        let mut waiting = self.approvals.waiting.iter_mut();
        if let Some(waiting) = waiting.find(|waiting| waiting.question == question) {
            waiting.answers.push(answer);
            return Ok(Begun::Asked(answered));
        }
        if self.approvals.waiting.len() >= MOST_WAITING {
            return Err(SessionError::NotApproved(NotApproved::TooMany));
        }
        self.approvals.last_id += 1;
        let number = self.approvals.last_id;
        request.id = number;
        let patience = Duration::from_secs(ANSWER_SECS.into());
        self.approvals.waiting.push(Waiting {
            request,
            question,
            until: self.shared.clock.monotonic() + patience,
            answers: vec![answer],
        });
        self.notify(Event::ApprovalAsked);
        let clock = self.shared.clock.clone();
        // Beside the callers: the question ends in time also where they went away.
        self.calls.spawn(async move {
            clock.sleep(patience).await;
            let _ = session
                .look(move |open| {
                    open.end_unanswered(number);
                    Ok(())
                })
                .await;
        });
        Ok(Begun::Asked(answered))
    }

    fn end_unanswered(&mut self, id: u64) {
        if let Some(waiting) = self.approvals.take(id) {
            waiting.answer(Err(NotApproved::NoAnswer));
            self.notify(Event::ApprovalAsked);
        }
    }

    /// Drops questions whose askers are gone.
    fn drop_over(&mut self) {
        let now = self.shared.clock.monotonic();
        let waiting = std::mem::take(&mut self.approvals.waiting);
        let (over, stay): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|waiting| waiting.is_over(now));
        self.approvals.waiting = stay;
        if !over.is_empty() {
            self.notify(Event::ApprovalAsked);
        }
        for waiting in over {
            waiting.answer(Err(NotApproved::NoAnswer));
        }
    }

    /// What is asked for: a profile, or an identity's code.
    fn asked_for(&self, id: ItemId) -> Result<Subject, SessionError> {
        if let Some(card) = self.catalogue.identity(id) {
            return Ok(Subject {
                name: card.row.kind.sign_in_name().to_owned(),
                account: self.account_row(card.account).ok(),
                role: None,
                approval: None,
            });
        }
        let profile = self.profile_of(id)?;
        Ok(Subject {
            name: profile.name.to_string(),
            account: self.account_acted_in(&profile, id),
            role: profile.recipe.role().map(ToString::to_string),
            approval: profile.approval,
        })
    }

    /// The account in which a profile's credentials act.
    pub(crate) fn account_acted_in(&self, profile: &Profile, id: ItemId) -> Option<AccountRow> {
        let found = self.way_of(profile, Some(id)).ok()?;
        self.account_row(found.account?).ok()
    }

    fn is_remembered(&mut self, question: &Question) -> bool {
        let now = self.shared.clock.monotonic();
        let remembered = &mut self.approvals.remembered;
        remembered.retain(|(_, until)| until.is_none_or(|until| until > now));
        remembered.iter().any(|(other, _)| other == question)
    }

    fn approval_requests(&mut self) -> Vec<ApprovalRequest> {
        self.drop_over();
        let now = self.shared.clock.monotonic();
        let waiting = self.approvals.waiting.iter();
        waiting
            .map(|waiting| {
                let left = waiting.until.saturating_sub(now).as_secs();
                ApprovalRequest {
                    secs_left: u32::try_from(left).unwrap_or(u32::MAX),
                    ..waiting.request.clone()
                }
            })
            .collect()
    }

    fn answer_approval(&mut self, id: u64, decision: Decision) -> Result<(), SessionError> {
        self.drop_over();
        let waiting = self.approvals.take(id).ok_or(SessionError::NoSuchItem)?;
        let question = waiting.question.clone();
        let now = self.shared.clock.monotonic();
        let (is_yes, holds) = match decision {
            Decision::Deny => (false, Holds::Once),
            Decision::Never => (false, Holds::Rule(Verdict::Deny)),
            Decision::Once => (true, Holds::Once),
            Decision::TenMinutes => (true, Holds::Until(Some(now + TEN_MINUTES))),
            Decision::UntilLock => (true, Holds::Until(None)),
            Decision::Always => (true, Holds::Rule(Verdict::Allow)),
        };
        waiting.answer(if is_yes {
            Ok(())
        } else {
            Err(NotApproved::Denied)
        });
        self.notify(Event::ApprovalAsked);
        // A change of a file is asked about each time.
        let About::Item(profile) = question.about else {
            return Ok(());
        };
        match holds {
            Holds::Once => Ok(()),
            Holds::Until(until) => {
                self.approvals.remembered.push((question, until));
                Ok(())
            }
            Holds::Rule(verdict) => self.keep_rule(question, profile, verdict),
        }
    }

    fn keep_rule(
        &mut self,
        question: Question,
        profile: ItemId,
        verdict: Verdict,
    ) -> Result<(), SessionError> {
        let mut settings = self.vault.settings();
        settings.approval_rules.push(ApprovalRule {
            program: question.program,
            script: question.script,
            profile: Some(profile),
            verdict,
            added_at: self.now(),
            extra: undercroft_model::Extra::new(),
        });
        self.save_changed_settings(settings)
    }
}

/// How long an answer holds.
enum Holds {
    Once,
    /// Until a moment of the monotonic clock, or until the vault locks.
    Until(Option<Duration>),
    Rule(Verdict),
}

/// What the rules answer; a no wins.
fn rule_for(rules: &[ApprovalRule], question: &Question) -> Option<Verdict> {
    let mut fitting = rules.iter().filter(|rule| {
        rule.program == question.program
            && rule.script == question.script
            && rule
                .profile
                .is_none_or(|profile| question.about == About::Item(profile))
    });
    let verdicts: Vec<Verdict> = fitting.by_ref().map(|rule| rule.verdict).collect();
    if verdicts.contains(&Verdict::Deny) {
        return Some(Verdict::Deny);
    }
    verdicts.first().copied()
}

#[cfg(test)]
mod tests;
