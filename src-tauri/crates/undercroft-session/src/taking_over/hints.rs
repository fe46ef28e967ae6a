//! What stands beside an access key and tells whose it is.

use std::collections::BTreeMap;

use data_encoding::BASE32;
use undercroft_aws::files::{Keys, Kind};
use undercroft_model::{AccessKeyId, AccountId, Partition, Region, Serial, SerialKind, UserName};

use super::{
    reading::{Gathered, Row, Section, shown},
    whose_key::Who,
};

/// How far a hint is to be believed, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    /// It is there to say so.
    Said,
    Serial,
    Setting,
    KeyId,
    SectionName,
}

/// Something that stands beside a key and tells of its holder.
#[derive(Clone, Debug)]
pub(super) struct Hint {
    worth: Worth,
    pub(super) account: Option<(Partition, AccountId)>,
    pub(super) who: Option<Who>,
    /// What it is, in words.
    pub(super) by: &'static str,
}

impl Hint {
    /// What a sign-in link says.
    pub(super) fn of_link(partition: Partition, account: AccountId) -> Self {
        Self::of_account(Worth::Said, partition, account, "the sign-in link")
    }

    fn of_account(
        worth: Worth,
        partition: Partition,
        account: AccountId,
        by: &'static str,
    ) -> Self {
        Self {
            worth,
            account: Some((partition, account)),
            who: None,
            by,
        }
    }

    fn of_who(worth: Worth, who: Who, by: &'static str) -> Self {
        Self {
            worth,
            account: None,
            who: Some(who),
            by,
        }
    }

    pub(super) fn of_section_name(name: UserName) -> Self {
        Self::of_who(Worth::SectionName, Who::User(name), "the section's name")
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
            worth: Worth::Serial,
            account: Some((partition, account)),
            who: who_of_device(name),
            by: "its mfa_serial",
        })
    }

    fn of_key(partition: Partition, key: &AccessKeyId) -> Option<Self> {
        let account = account_in(key)?;
        let by = "its id, in which AWS encodes the account";
        Some(Self::of_account(Worth::KeyId, partition, account, by))
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
            account.map(|id| Hint::of_account(Worth::Setting, partition, id, "its aws_account_id")),
            Hint::of_key(partition, &keys.id),
            name.map(Hint::of_section_name),
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
            account.map(|id| Hint::of_link(partition, id)),
            who.map(|who| Hint::of_who(Worth::Said, who, "the file")),
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

/// The account that the best hint names.
pub(super) fn first_account(hints: &[Hint]) -> Option<(Partition, AccountId)> {
    hints.iter().find_map(|hint| hint.account.clone())
}

/// What stands beside each key, in whichever files, the best first: the order of files decides nothing.
pub(super) fn hints_by_key(gathered: &Gathered) -> BTreeMap<AccessKeyId, Vec<Hint>> {
    let sections = gathered.groups.iter().flatten();
    let sections = sections.filter_map(|section| Some((&section.keys()?.id, section.hints())));
    let rows = gathered.rows.iter();
    let rows = rows.filter_map(|row| Some((&row.keys.key.as_ref()?.0, row.hints())));
    let mut by_key: BTreeMap<AccessKeyId, Vec<Hint>> = BTreeMap::new();
    for (key, hints) in sections.chain(rows) {
        by_key.entry(key.clone()).or_default().extend(hints);
    }
    for hints in by_key.values_mut() {
        hints.sort_by_key(|hint| hint.worth);
    }
    by_key
}

/// The account that is encoded in an access key's id.
///
/// Behind the four letters stand 16 characters of Base32: a bit that tells the newer kind of ids, the account in 40
/// bits, and others. Ids of the older kind don't hold the account.
///
/// Sources: T. Be'ery, "A short note on AWS KEY ID" (2023); WithSecure Labs, "A bitwise analysis of AWS access key
/// identifiers". AWS itself tells the same by `sts:GetAccessKeyInfo`.
fn account_in(key: &AccessKeyId) -> Option<AccountId> {
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
}
