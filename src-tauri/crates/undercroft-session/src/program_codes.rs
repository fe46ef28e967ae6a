//! Codes for programs: the next one that nobody was given.

use undercroft_model::{AccountId, DeviceId, ItemId, MfaDevice, Timestamp};
use undercroft_otp::{TimeStep, code};
use undercroft_secret::SecretString;

use crate::{Session, SessionError, catalogue::IdentityCard, unlocked::Unlocked};

/// A code for a program. Not for the window.
#[derive(Clone, Debug)]
pub enum CodeAnswer {
    /// Here it is.
    Ready {
        /// The digits.
        code: SecretString,
        /// When it ends, by the local clock.
        valid_until: Timestamp,
        /// The account that it signs in to.
        account: AccountId,
        /// Whose it is, such as `workshop/jane.doe`, with the device's name.
        device: String,
    },
    /// No unused code is there yet.
    Wait {
        /// Seconds until the next code begins.
        secs: u32,
    },
}

impl Session {
    /// Gives out the next unused code of a device: `ALIAS/USER`, `ACCOUNT/root`, or a device's name.
    ///
    /// # Errors
    /// [`SessionError::NoSuchDevice`]; [`SessionError::StateFile`] when the code can't be marked used.
    pub async fn program_code(&self, device: String) -> Result<CodeAnswer, SessionError> {
        self.look(move |open| open.program_code(&device)).await
    }

    /// Whose device a text means.
    ///
    /// # Errors
    /// [`SessionError::NoSuchDevice`].
    pub async fn identity_of_device(&self, device: String) -> Result<ItemId, SessionError> {
        self.look(move |open| Ok(open.device_called(&device)?.0))
            .await
    }
}

impl Unlocked {
    fn program_code(&mut self, wanted: &str) -> Result<CodeAnswer, SessionError> {
        let (id, device) = self.device_called(wanted)?;
        let (identity, account) = self.identity_and_account(id)?;
        let device = identity.device(device).ok_or(SessionError::NoSuchItem)?;
        self.forget_impossible_steps(&account, device);
        let secs = self.secs_until_code(&account, device);
        if secs > 0 {
            return Ok(CodeAnswer::Wait { secs });
        }
        let seed = self.seed_of(id, device)?;
        let period = device.params.period;
        let offset = self.clock_offset(&account);
        let step = TimeStep::at(self.time_at(&account), period);
        self.use_up(|ledger| ledger.mark_used(device.id, step, period))?;
        Ok(CodeAnswer::Ready {
            code: code(&seed, device.params, step).into_secret(),
            valid_until: step.ends_at(period).plus_secs(-offset),
            account: account.id.clone(),
            device: format!(
                "{}/{} ({})",
                account.title(),
                identity.kind.sign_in_name(),
                device.name
            ),
        })
    }

    /// The device that a person means.
    fn device_called(&self, wanted: &str) -> Result<(ItemId, DeviceId), SessionError> {
        if let Some(found) = self.device_of_path(wanted)? {
            return Ok(found);
        }
        let mut named = Vec::new();
        for card in self.catalogue.identity_cards() {
            if card.row.devices > 0
                && let Ok(identity) = self.identity_of(card.row.id)
            {
                let is_named = |device: &&MfaDevice| {
                    let serial = device.serial.as_ref().map(|serial| serial.as_str());
                    device.name == wanted || serial == Some(wanted)
                };
                let devices = identity.devices.iter().filter(is_named);
                named.extend(devices.map(|device| (card.row.id, device.id)));
            }
        }
        match named.as_slice() {
            [one] => Ok(*one),
            [] => Err(SessionError::NoSuchDevice { several: false }),
            [_, ..] => Err(SessionError::NoSuchDevice { several: true }),
        }
    }

    /// The first device of `ALIAS/USER` or `ACCOUNT/root`, where the text is such a path.
    fn device_of_path(&self, wanted: &str) -> Result<Option<(ItemId, DeviceId)>, SessionError> {
        let Some((account, user)) = wanted.split_once('/') else {
            return Ok(None);
        };
        let mut found = Vec::new();
        for row in self.catalogue.account_rows() {
            let alias = row.alias.as_ref().map(|alias| alias.as_str());
            let names = [
                alias,
                Some(row.account_id.as_str()),
                Some(row.name.as_str()),
            ];
            if !names.contains(&Some(account)) {
                continue;
            }
            let is_meant = |card: &&IdentityCard| {
                let is_root = card.row.kind.is_root() && user == "root";
                is_root || card.row.kind.sign_in_name() == user
            };
            found.extend(self.catalogue.identities_of(row.id).filter(is_meant));
        }
        match found.as_slice() {
            [] => Ok(None),
            [card] => match card.first_device {
                Some(device) => Ok(Some((card.row.id, device))),
                None => Err(SessionError::NoSuchDevice { several: false }),
            },
            [_, ..] => Err(SessionError::NoSuchDevice { several: true }),
        }
    }
}
