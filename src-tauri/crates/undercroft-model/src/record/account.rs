//! Accounts.

use super::{IdentityKind, macros::record, sealed::SealedValue};
use crate::{
    account_id::AccountId, alias::AccountAlias, colour::Colour, endpoint::EndpointUrl, id::FieldId,
    partition::Partition, region::Region, tag::Tag,
};

record! {
    /// An AWS account.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Account {
        /// The 12-digit id.
        required id: AccountId,
        /// The alias, where it has one.
        optional alias: Option<AccountAlias>,
        /// The partition; with the id it names one account of the world.
        required partition: Partition,
        /// What its owner calls it.
        optional name: String,
        /// The colour that it wears.
        optional colour: Colour,
        /// Whether a mistake here would hurt: it then wears its colour everywhere.
        optional production: bool,
        /// Whether it stands on top.
        optional favourite: bool,
        /// Tags to filter by.
        optional tags: Vec<Tag>,
        /// Notes; searched, so not for secrets.
        optional notes: String,
        /// The region to call; the partition's own where there is none.
        optional region: Option<Region>,
        /// Endpoints other than AWS's own.
        optional endpoints: Endpoints,
        /// Further secrets.
        optional secrets: Vec<CustomSecret>,
    }
}

impl Account {
    /// A new account of which only the id is known.
    #[must_use]
    pub fn new(id: AccountId, partition: Partition) -> Self {
        Self {
            id,
            alias: None,
            partition,
            name: String::new(),
            colour: Colour::default(),
            production: false,
            favourite: false,
            tags: Vec::new(),
            notes: String::new(),
            region: None,
            endpoints: Endpoints::default(),
            secrets: Vec::new(),
            extra: super::Extra::new(),
        }
    }

    /// What to call the account: its name, else its alias, else its id.
    #[must_use]
    pub fn title(&self) -> &str {
        if !self.name.is_empty() {
            return &self.name;
        }
        self.alias
            .as_ref()
            .map_or(self.id.as_str(), AccountAlias::as_str)
    }

    /// The page where an identity of this account signs in to the console.
    ///
    /// An endpoint of the account's own comes first; the root user has one page for all accounts.
    #[must_use]
    pub fn sign_in_url(&self, kind: &IdentityKind) -> String {
        if let Some(endpoint) = &self.endpoints.sign_in {
            return endpoint.to_string();
        }
        match kind {
            IdentityKind::Root { .. } => format!("https://{}/", self.partition.console_host()),
            IdentityKind::IamUser { .. } => {
                let name = self
                    .alias
                    .as_ref()
                    .map_or(self.id.as_str(), AccountAlias::as_str);
                format!("https://{name}.{}/console", self.partition.signin_host())
            }
        }
    }

    /// The region to call: the account's own, else its partition's.
    #[must_use]
    pub fn region_or_default(&self) -> Region {
        self.region
            .clone()
            .unwrap_or_else(|| self.partition.default_region())
    }
}

record! {
    /// Endpoints of an account other than AWS's own, per service.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Endpoints {
        /// Where STS is called.
        optional sts: Option<EndpointUrl>,
        /// Where IAM is called.
        optional iam: Option<EndpointUrl>,
        /// Where people sign in.
        optional sign_in: Option<EndpointUrl>,
    }
}

record! {
    /// A secret with a label of its owner's.
    #[derive(Clone, Debug, PartialEq)]
    pub struct CustomSecret {
        /// Names the field.
        required id: FieldId,
        /// What its owner calls it; searched.
        required label: String,
        /// The secret.
        required value: SealedValue,
    }
}
