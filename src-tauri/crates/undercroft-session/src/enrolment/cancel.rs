//! Giving up a device that is not finished.

use undercroft_aws::{AwsError, AwsErrorKind};
use undercroft_model::{AccessKeyId, Content, ItemId};

use crate::{Session, SessionError, unlocked::Unlocked};

use super::{HalfMade, at_aws::Taking, signing::Turn};

impl Session {
    /// Removes an unfinished device at AWS and then here.
    ///
    /// # Errors
    /// What AWS says; nothing is removed here then.
    pub async fn remove_unfinished(
        &self,
        identity: ItemId,
        key: AccessKeyId,
    ) -> Result<(), SessionError> {
        let turn = self.turn(identity).await?;
        let session = self.clone();
        let removed = tokio::spawn(async move {
            let serial = {
                let asked = key.clone();
                session
                    .act(move |open| Ok(open.named(identity, &asked)?.2))
                    .await?
            };
            let stage = session
                .act(move |open| Ok(open.half_made_of(identity).map(|left| left.stage)))
                .await?;
            let taking = match stage {
                Some(HalfMade::Enabled) => Taking::Users,
                Some(HalfMade::Created) => Taking::MadeHere,
                // Another user of the account may have one of that name.
                Some(HalfMade::Intent) | None => Taking::Nobodys,
            };
            session
                .take_from_aws(identity, &key, serial, taking)
                .await?;
            session
                .act(move |open| open.drop_unfinished(identity))
                .await?;
            drop(turn);
            Ok(())
        });
        removed.await.map_err(|_| SessionError::Internal)?
    }

    /// Removes an unfinished device here only; AWS may keep one that belongs to nobody.
    ///
    /// # Errors
    /// When there is none.
    pub async fn forget_unfinished(&self, identity: ItemId) -> Result<(), SessionError> {
        let turn = self.turn(identity).await?;
        let done = self.act(move |open| open.drop_unfinished(identity)).await;
        drop(turn);
        done
    }

    async fn turn(&self, identity: ItemId) -> Result<Turn, SessionError> {
        self.act(move |open| {
            open.enrolling
                .enter(identity)
                .ok_or_else(|| SessionError::field("identity", "a step is running; wait for it"))
        })
        .await
    }
}

/// Whether AWS says that there is nothing to remove.
pub(super) fn is_gone(error: &AwsError) -> bool {
    error.kind == AwsErrorKind::NoSuchEntity
}

impl Unlocked {
    fn drop_unfinished(&mut self, id: ItemId) -> Result<(), SessionError> {
        let mut identity = self.identity_of(id)?;
        let enrolment = identity.enrolment.take().ok_or(SessionError::NoSuchItem)?;
        // The history keeps the seed, as it does of every device that is removed.
        identity
            .devices
            .retain(|device| enrolment.device != Some(device.id));
        self.put(id, Content::Identity(identity))?;
        self.set_enrolment(id, None)
    }
}
