//! Accounts of a JSON file.

use std::error::Error;

use serde::Deserialize;
use undercroft_model::{
    AccessKey, AccessKeyId, Account, AccountAlias, AccountId, Colour, Content, CustomSecret,
    DeviceId, EmailAddress, EndpointUrl, Extra, Field, FieldId, Identity, IdentityKind, ItemId,
    KeyState, MfaDevice, OtpParams, Partition, Region, Serial, SignOn, Tag, Timestamp, UserName,
    rules::{check_account, check_identity},
};
use undercroft_otp::Seed;
use undercroft_secret::{SecretBytes, SecretString};
use undercroft_vault::Vault;

use crate::days_ago;

#[derive(Deserialize)]
struct File {
    accounts: Vec<AccountEntry>,
}

#[derive(Deserialize)]
struct AccountEntry {
    id: String,
    alias: Option<String>,
    partition: String,
    name: String,
    colour: String,
    production: bool,
    favourite: bool,
    tags: Vec<String>,
    region: Option<String>,
    notes: String,
    secrets: Vec<SecretEntry>,
    root: IdentityEntry,
    users: Vec<IdentityEntry>,
}

#[derive(Deserialize)]
struct SecretEntry {
    label: String,
    value: String,
}

#[derive(Deserialize)]
struct IdentityEntry {
    email: Option<String>,
    name: Option<String>,
    favourite: bool,
    notes: String,
    password: Option<String>,
    past_passwords: Vec<String>,
    mfa: Vec<DeviceEntry>,
    keys: Vec<KeyEntry>,
}

#[derive(Deserialize)]
struct DeviceEntry {
    name: String,
    serial: String,
    seed: String,
}

#[derive(Deserialize)]
struct KeyEntry {
    id: String,
    secret: String,
}

/// Files the accounts of `text` with their identities; all must satisfy the model's rules.
pub(crate) fn file(
    vault: &mut Vault,
    text: &str,
    endpoint: Option<&EndpointUrl>,
    now: Timestamp,
) -> Result<(), Box<dyn Error>> {
    let file: File = serde_json::from_str(text)?;
    for entry in file.accounts {
        let account_item = ItemId::new_random();
        let account = account(vault, account_item, &entry, endpoint)?;
        check_account(&account, None, [])?;
        let content = Content::Account(account);
        vault.put(Some(account_item), content.clone(), now)?;
        for entry in [entry.root].into_iter().chain(entry.users) {
            let item = ItemId::new_random();
            let identity = identity(vault, item, account_item, entry, now)?;
            check_identity(&identity, None, [(account_item, &content)])?;
            vault.put(Some(item), Content::Identity(identity), now)?;
        }
    }
    Ok(())
}

fn account(
    vault: &Vault,
    item: ItemId,
    entry: &AccountEntry,
    endpoint: Option<&EndpointUrl>,
) -> Result<Account, Box<dyn Error>> {
    let partition = Partition::parse(&entry.partition)?;
    let mut account = Account::new(AccountId::parse(&entry.id)?, partition);
    account.alias = entry
        .alias
        .as_deref()
        .map(AccountAlias::parse)
        .transpose()?;
    account.name.clone_from(&entry.name);
    account.colour = Colour::parse(&entry.colour)?;
    account.production = entry.production;
    account.favourite = entry.favourite;
    account.tags = entry
        .tags
        .iter()
        .map(|tag| Tag::parse(tag))
        .collect::<Result<_, _>>()?;
    account.notes.clone_from(&entry.notes);
    account.region = entry.region.as_deref().map(Region::parse).transpose()?;
    account.endpoints.sts = endpoint.cloned();
    account.endpoints.iam = endpoint.cloned();
    for secret in &entry.secrets {
        let id = FieldId::new_random();
        account.secrets.push(CustomSecret {
            id,
            label: secret.label.clone(),
            value: vault.seal(item, &Field::Custom(id), &bytes(&secret.value)),
            extra: Extra::new(),
        });
    }
    Ok(account)
}

fn identity(
    vault: &Vault,
    item: ItemId,
    account: ItemId,
    entry: IdentityEntry,
    now: Timestamp,
) -> Result<Identity, Box<dyn Error>> {
    let kind = match (entry.email, entry.name) {
        (Some(email), _) => IdentityKind::Root {
            email: EmailAddress::parse(&email)?,
        },
        (None, Some(name)) => IdentityKind::IamUser {
            name: UserName::parse(&name)?,
        },
        (None, None) => return Err("an identity has neither an email nor a name".into()),
    };
    let mut identity = Identity::new(account, kind);
    identity.favourite = entry.favourite;
    identity.notes = entry.notes;
    let passwords: Vec<String> = entry
        .past_passwords
        .into_iter()
        .chain(entry.password)
        .collect();
    for (age, password) in passwords.iter().rev().enumerate().rev() {
        let at = days_ago(now, 40 + 90 * i64::try_from(age)?);
        let value = vault.seal(item, &Field::Password, &bytes(password));
        match &mut identity.sign_on {
            Some(sign_on) => sign_on.replace_password(value, at),
            None => identity.sign_on = Some(SignOn::new(value, at)),
        }
    }
    for device in entry.mfa {
        let id = DeviceId::new_random();
        let seed = Seed::from_base32(&SecretString::new(device.seed))?.seed;
        identity.devices.push(MfaDevice {
            id,
            name: device.name,
            serial: Some(Serial::parse(&device.serial)?),
            seed: vault.seal(item, &Field::MfaSeed(id), &seed.to_bytes()),
            params: OtpParams::default(),
            added_at: days_ago(now, 200),
            extra: Extra::new(),
        });
    }
    for key in entry.keys {
        let id = AccessKeyId::parse(&key.id)?;
        let field = Field::AccessKeySecret(id.clone());
        identity.keys.push(AccessKey {
            secret: vault.seal(item, &field, &bytes(&key.secret)),
            id,
            state: KeyState::Unknown,
            added_at: days_ago(now, 120),
            created_at: Some(days_ago(now, 120)),
            rotated_at: None,
            last_used_at: None,
            checked_at: None,
            extra: Extra::new(),
        });
    }
    Ok(identity)
}

fn bytes(text: &str) -> SecretBytes {
    SecretBytes::copy_of(text.as_bytes())
}
