//! Making an MFA device at AWS, in steps of which none can be lost.
//!
//! | kept in the vault | what AWS has | what may follow |
//! |---|---|---|
//! | nothing | nothing | [`Session::begin_enrolment`] |
//! | the name | perhaps a device that belongs to nobody, its seed lost | begin again: that device is deleted first |
//! | the name and the seed | a device that belongs to nobody, or is the user's already | two codes enable it |
//! | the same, marked enabled | the user's device | one code proves it with STS, and the mark goes |
//!
//! Each line is saved before the call that leads to the next one is made. Codes are marked used before they leave, as
//! everywhere; what is used up by a refusal costs a wait of a minute at most.

mod at_aws;
mod begin;
mod cancel;
mod enable;
mod failure;
mod prove;
mod signing;

pub use at_aws::{Comparison, DeviceAtAws, OnlyHere, Resynced};
pub(crate) use signing::Enrolling;

use undercroft_model::{
    AccessKeyId, Account, Content, DeviceId, Enrolment, Identity, IdentityKind, ItemId, UserName,
};

use crate::{Notice, Session, SessionError, unlocked::Unlocked};

/// How far the making of a device has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnrolmentStep {
    /// AWS has made the device and its seed is saved; it is enabled next.
    Created,
    /// The next step needs a code that is not there yet.
    Wait {
        /// Seconds until it is.
        secs: u32,
        /// Whether the device is enabled already, so that the code is for the proof.
        enabled: bool,
    },
    /// AWS has given the device to the user; the proof is next.
    Enabled,
    /// The device is finished.
    Done {
        /// The device.
        device: DeviceId,
    },
}

/// How far a device is that was left unfinished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HalfMade {
    /// AWS may have made it; its seed is lost.
    Intent,
    /// Its seed is kept; AWS may have given it to the user.
    Created,
    /// The user has it; it was not tried with STS.
    Enabled,
}

impl HalfMade {
    pub(crate) fn of(enrolment: &Enrolment, identity: &Identity) -> Self {
        let device = enrolment.device.and_then(|id| identity.device(id));
        match (device, enrolment.enabled) {
            (None, true | false) => Self::Intent,
            (Some(_), false) => Self::Created,
            (Some(_), true) => Self::Enabled,
        }
    }
}

/// An unfinished device of an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HalfMadeDevice {
    /// The identity.
    pub identity: ItemId,
    /// The device's name at AWS.
    pub name: String,
    /// The device, where its seed is kept.
    pub device: Option<DeviceId>,
    /// How far it is.
    pub stage: HalfMade,
}

impl Session {
    /// Takes the making of a device one step further.
    ///
    /// # Errors
    /// When nothing was begun; what AWS says. The step can be tried again after any of them.
    pub async fn continue_enrolment(
        &self,
        identity: ItemId,
        key: AccessKeyId,
    ) -> Result<EnrolmentStep, SessionError> {
        let (stage, turn) = self
            .act(move |open| {
                let filed = open.identity_of(identity)?;
                let enrolment = filed.enrolment.as_ref().ok_or(SessionError::NoSuchItem)?;
                let stage = HalfMade::of(enrolment, &filed);
                Ok((stage, open.enrolling.enter(identity)))
            })
            .await?;
        let Some(turn) = turn else {
            // Another window takes the same step.
            return Ok(EnrolmentStep::Wait {
                secs: 1,
                enabled: stage == HalfMade::Enabled,
            });
        };
        let session = self.clone();
        // The answer is kept even if whoever asked has gone meanwhile.
        let step = tokio::spawn(async move {
            let step = match stage {
                HalfMade::Intent => session.make_again(identity, key).await,
                HalfMade::Created => session.enable(identity, key).await,
                HalfMade::Enabled => session.prove(identity, key).await,
            };
            drop(turn);
            step
        });
        step.await.map_err(|_| SessionError::Internal)?
    }

    /// Devices whose making was left unfinished.
    ///
    /// # Errors
    /// When the vault is locked.
    pub async fn half_made(&self) -> Result<Vec<HalfMadeDevice>, SessionError> {
        self.look(|open| Ok(open.half_made())).await
    }
}

impl Unlocked {
    pub(crate) fn half_made(&self) -> Vec<HalfMadeDevice> {
        let cards = self.catalogue.identity_cards();
        cards
            .filter_map(|card| self.half_made_of(card.row.id))
            .collect()
    }

    pub(crate) fn half_made_of(&self, id: ItemId) -> Option<HalfMadeDevice> {
        let identity = self.identity_of(id).ok()?;
        let enrolment = identity.enrolment.as_ref()?;
        Some(HalfMadeDevice {
            identity: id,
            name: enrolment.name.clone(),
            device: enrolment.device,
            stage: HalfMade::of(enrolment, &identity),
        })
    }

    /// Tells the user of devices that were left unfinished.
    pub(crate) fn warn_of_half_made(&mut self) {
        for left in self.half_made() {
            self.notices.raise(Notice::HalfMadeDevice {
                identity: left.identity,
                name: left.name,
            });
        }
    }

    /// Changes how far an enrolment is, durably; `None` ends it.
    fn set_enrolment(
        &mut self,
        id: ItemId,
        enrolment: Option<Enrolment>,
    ) -> Result<(), SessionError> {
        let mut identity = self.identity_of(id)?;
        let is_over = enrolment.is_none();
        identity.enrolment = enrolment;
        self.amend(id, Content::Identity(identity))?;
        if is_over {
            self.settle_half_made(id);
        }
        self.demand_saved()
    }

    /// Takes away what told of an identity's unfinished device.
    pub(crate) fn settle_half_made(&mut self, id: ItemId) {
        self.notices.settle(
            |notice| matches!(notice, Notice::HalfMadeDevice { identity, .. } if *identity == id),
        );
    }

    /// Refuses to go on while a change is only in memory.
    fn demand_saved(&mut self) -> Result<(), SessionError> {
        if self.vault.is_dirty() {
            self.save();
        }
        let unsaved = self.notices.all().iter().find_map(Notice::unsaved);
        unsaved.cloned().map_or(Ok(()), Err)
    }
}

/// IAM's calls are for IAM users: the root user's devices are made in the console only.
fn demand_user(identity: &Identity) -> Result<&UserName, SessionError> {
    match &identity.kind {
        IdentityKind::IamUser { name } => Ok(name),
        IdentityKind::Root { .. } => {
            let message = "AWS lets the root user's MFA devices be made in the console only";
            Err(SessionError::field("identity", message))
        }
    }
}

/// What every step works with.
struct Subject {
    identity: Identity,
    account: Account,
    user: UserName,
}

impl Unlocked {
    fn subject(&self, id: ItemId) -> Result<Subject, SessionError> {
        let (identity, account) = self.identity_and_account(id)?;
        let user = demand_user(&identity)?.clone();
        Ok(Subject {
            identity,
            account,
            user,
        })
    }
}
