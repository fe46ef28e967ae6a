//! Accounts, as they are listed, found and shown.

use undercroft_model::{
    AccountAlias, AccountId, Colour, DeviceId, Endpoints, FieldId, ItemId, Partition, ProfileName,
    Region, Settings, Tag, Timestamp,
};

use super::{IdentityRow, Notice};

/// The frame of the main window.
#[derive(Clone, Debug, PartialEq)]
pub struct Overview {
    /// How many accounts there are.
    pub accounts: usize,
    /// How many identities there are.
    pub identities: usize,
    /// Every tag in use, sorted.
    pub tags: Vec<Tag>,
    /// How many items rest in the bin.
    pub binned: usize,
    /// How many live sessions there are.
    pub sessions: usize,
    /// What the user should know, oldest first; the position is what `dismiss_notice` takes.
    pub notices: Vec<Notice>,
    /// The settings.
    pub settings: Settings,
    /// Whether the desktop has a keychain for quick unlock.
    pub has_keychain: bool,
}

/// An account in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountRow {
    /// The item.
    pub id: ItemId,
    /// The 12 digits.
    pub account_id: AccountId,
    /// The account alias.
    pub alias: Option<AccountAlias>,
    /// The name, else the alias, else the id: never empty.
    pub name: String,
    /// The partition.
    pub partition: Partition,
    /// The colour.
    pub colour: Colour,
    /// Whether it is marked production.
    pub production: bool,
    /// Whether it is a favourite.
    pub favourite: bool,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// How many identities it has, those in the bin left out.
    pub identities: usize,
    /// Whether a session of it is live.
    pub live: bool,
}

/// Everything about an account but its secrets.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountDetails {
    /// What its row shows.
    pub row: AccountRow,
    /// The name as it was given; empty where the row shows another.
    pub own_name: String,
    /// Free notes.
    pub notes: String,
    /// The region of its STS calls, where set.
    pub region: Option<Region>,
    /// The region used when none is set.
    pub default_region: Region,
    /// Custom endpoints.
    pub endpoints: Endpoints,
    /// Custom secrets.
    pub secrets: Vec<CustomSecretRow>,
    /// Its identities, the root user first, then by name.
    pub identities: Vec<IdentityRow>,
    /// When it was filed.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
    /// How many earlier versions its history holds.
    pub history: usize,
}

/// A custom secret, without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomSecretRow {
    /// The field.
    pub id: FieldId,
    /// What it is called.
    pub label: String,
}

/// A hit of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The item.
    pub item: ItemId,
    /// The account that it is or belongs to.
    pub account: AccountRow,
    /// The identity, where the hit is one.
    pub identity: Option<IdentityRow>,
    /// The parts of the hit's name to set off: offset and length in UTF-16 units.
    pub matched: Vec<(usize, usize)>,
    /// Likewise of what stands below the name: an identity's account by its name, an account's alias.
    pub matched_below: Vec<(usize, usize)>,
    /// The profile, where the hit is one.
    pub profile: Option<HitProfile>,
    /// The first MFA device of the identity.
    pub device: Option<DeviceId>,
}

/// A profile that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HitProfile {
    /// Its name.
    pub name: ProfileName,
    /// Its recipe's kind, as in [`crate::ProfileRow`].
    pub kind: String,
    /// The name of the role that it ends in.
    pub role: Option<String>,
    /// Whether it stands on top.
    pub favourite: bool,
}
