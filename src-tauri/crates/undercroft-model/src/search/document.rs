//! What the index keeps of an item.

use std::ops::Range;

use super::fold::{ByteSet, fold_into, unfold_range};
use crate::{
    record::{Account, CustomSecret, Identity, Profile},
    serial::Serial,
};

/// A field in which something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SearchField {
    /// An account's name; found for its identities too.
    AccountName,
    /// An account's alias; found for its identities too.
    AccountAlias,
    /// An account's id; found for its identities too.
    AccountId,
    /// An account's tag; found for its identities too.
    Tag,
    /// An identity's email address or user name.
    SignInName,
    /// The name of an MFA device.
    DeviceName,
    /// The last part of an MFA device's serial, or a hardware token's number.
    DeviceSerial,
    /// The words "root user", which a root user is found by.
    RootUser,
    /// The id of an access key.
    AccessKeyId,
    /// The label of a custom secret.
    SecretLabel,
    /// Notes.
    Notes,
    /// A profile's name.
    ProfileName,
    /// The role that a profile ends in: its account's id, path and name.
    Role,
}

impl SearchField {
    const ALL: [Self; 13] = [
        Self::AccountName,
        Self::AccountAlias,
        Self::AccountId,
        Self::Tag,
        Self::SignInName,
        Self::RootUser,
        Self::DeviceName,
        Self::DeviceSerial,
        Self::AccessKeyId,
        Self::SecretLabel,
        Self::Notes,
        Self::ProfileName,
        Self::Role,
    ];

    /// The byte that stands before a field of this kind in a document; folded text has no such bytes.
    const fn marker(self) -> u8 {
        match self {
            Self::AccountName => 1,
            Self::AccountAlias => 2,
            Self::AccountId => 3,
            Self::Tag => 4,
            Self::SignInName => 5,
            Self::RootUser => 6,
            Self::DeviceName => 7,
            Self::DeviceSerial => 8,
            Self::AccessKeyId => 9,
            Self::SecretLabel => 10,
            Self::Notes => 11,
            Self::ProfileName => 12,
            Self::Role => 13,
        }
    }

    pub(super) fn of_marker(marker: u8) -> Option<Self> {
        Self::ALL.get(usize::from(marker).checked_sub(1)?).copied()
    }
}

/// Tells whether a byte stands before a field.
pub(super) const fn is_marker(byte: u8) -> bool {
    byte < 0x20
}

/// The searchable text of an item: each field folded, with its kind's marker before it.
pub(super) struct Document {
    pub(super) text: Box<str>,
    /// The same fields unfolded, where folding moved offsets.
    original: Option<Box<str>>,
    pub(super) bytes: ByteSet,
    pub(super) is_favourite: bool,
}

impl Document {
    /// Reads an account.
    pub(super) fn of_account(account: &Account) -> Self {
        let mut fields = Fields::default();
        fields.push_unless_empty(SearchField::AccountName, &account.name);
        if let Some(alias) = &account.alias {
            fields.push(SearchField::AccountAlias, alias.as_str());
        }
        fields.push(SearchField::AccountId, account.id.as_str());
        for tag in &account.tags {
            fields.push(SearchField::Tag, tag.as_str());
        }
        fields.push_labels(&account.secrets);
        fields.push_unless_empty(SearchField::Notes, &account.notes);
        fields.into_document(account.favourite)
    }

    /// Reads an identity.
    pub(super) fn of_identity(identity: &Identity) -> Self {
        let mut fields = Fields::default();
        fields.push(SearchField::SignInName, identity.kind.sign_in_name());
        if identity.kind.is_root() {
            fields.push(SearchField::RootUser, "root user");
        }
        for device in &identity.devices {
            fields.push(SearchField::DeviceName, &device.name);
            let serial = device.serial.as_ref();
            fields.push(
                SearchField::DeviceSerial,
                serial.map_or("", Serial::device_part),
            );
        }
        for key in &identity.keys {
            fields.push(SearchField::AccessKeyId, key.id.as_str());
        }
        fields.push_labels(&identity.secrets);
        fields.push_unless_empty(SearchField::Notes, &identity.notes);
        fields.into_document(identity.favourite)
    }

    /// Reads a profile.
    pub(super) fn of_profile(profile: &Profile) -> Self {
        let mut fields = Fields::default();
        fields.push(SearchField::ProfileName, profile.name.as_str());
        if let Some(role) = profile.recipe.role() {
            let text = format!("{} {}", role.account(), role.name());
            fields.push(SearchField::Role, &text);
        }
        fields.push_unless_empty(SearchField::Notes, &profile.notes);
        fields.into_document(profile.favourite)
    }

    /// The field around a position of the text: its kind, which of that kind it is, and where its text stands.
    pub(super) fn field_at(&self, position: usize) -> Option<FieldAt> {
        let bytes = self.text.as_bytes();
        let marker_at = bytes
            .get(..position)?
            .iter()
            .rposition(|byte| is_marker(*byte))?;
        let marker = *bytes.get(marker_at)?;
        let before = bytes.get(..marker_at)?;
        Some(FieldAt {
            field: SearchField::of_marker(marker)?,
            index: before.iter().filter(|byte| **byte == marker).count(),
            ordinal: before.iter().filter(|byte| is_marker(**byte)).count(),
            start: marker_at + 1,
        })
    }

    /// The range of a field's own text that a range of the document covers.
    pub(super) fn unfolded(&self, field: &FieldAt, range: Range<usize>) -> Range<usize> {
        let start = range.start.saturating_sub(field.start);
        let end = range.end.saturating_sub(field.start);
        match &self.original {
            None => start..end,
            Some(original) => {
                let text = original
                    .split(|c| u8::try_from(c).is_ok_and(is_marker))
                    .nth(field.ordinal + 1);
                unfold_range(text.unwrap_or_default(), start, end)
            }
        }
    }
}

/// A field within a document.
pub(super) struct FieldAt {
    pub(super) field: SearchField,
    /// Which one of its kind, from zero.
    pub(super) index: usize,
    /// Which one of all fields, from zero.
    ordinal: usize,
    start: usize,
}

/// A document in the making.
#[derive(Default)]
struct Fields {
    folded: String,
    original: String,
}

impl Fields {
    fn push(&mut self, field: SearchField, text: &str) {
        let marker = char::from(field.marker());
        self.folded.push(marker);
        fold_into(text, &mut self.folded);
        self.original.push(marker);
        // A control character would pass for a marker. All that do are one byte, as a space is.
        self.original.extend(
            text.chars()
                .map(|c| if c.is_ascii_control() { ' ' } else { c }),
        );
    }

    fn push_unless_empty(&mut self, field: SearchField, text: &str) {
        if !text.is_empty() {
            self.push(field, text);
        }
    }

    fn push_labels(&mut self, secrets: &[CustomSecret]) {
        for secret in secrets {
            self.push(SearchField::SecretLabel, &secret.label);
        }
    }

    fn into_document(self, is_favourite: bool) -> Document {
        Document {
            bytes: ByteSet::of(self.folded.as_bytes()),
            original: (!self.original.is_ascii()).then(|| self.original.into_boxed_str()),
            text: self.folded.into_boxed_str(),
            is_favourite,
        }
    }
}
