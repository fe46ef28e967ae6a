//! Made-up identities and profiles, for measuring what grows with the vault.

use std::error::Error;

use undercroft_model::{
    AccessKey, AccessKeyId, Account, AccountAlias, AccountId, Content, DeviceId, EndpointUrl,
    Extra, Field, Identity, IdentityKind, ItemId, KeyState, Mfa, MfaDevice, OtpParams, Partition,
    Profile, ProfileName, Recipe, Region, RoleArn, RoleRecipe, RoleSource, Serial, SignOn, Tag,
    Timestamp, UserName,
};
use undercroft_secret::SecretBytes;
use undercroft_vault::Vault;

const IDENTITIES_PER_ACCOUNT: u32 = 20;

const PLACES: [&str; 12] = [
    "atrium", "belfry", "cloister", "dormer", "eaves", "forge", "gallery", "hall", "keep",
    "larder", "mews", "nave",
];
const PEOPLE: [&str; 10] = [
    "ada", "bruno", "chiara", "dmitri", "esther", "farid", "greta", "hugo", "ines", "jonas",
];

/// Files so many IAM users with a password, an MFA device and an access key each, and so many profiles.
pub(crate) fn file(
    vault: &mut Vault,
    (identities, profiles): (u32, u32),
    endpoint: Option<&EndpointUrl>,
    now: Timestamp,
) -> Result<(), Box<dyn Error>> {
    let mut account_item = ItemId::new_random();
    let mut account_id = AccountId::parse("100000000000")?;
    for number in 0..identities {
        if number.is_multiple_of(IDENTITIES_PER_ACCOUNT) {
            account_item = ItemId::new_random();
            let account = account(number / IDENTITIES_PER_ACCOUNT, endpoint)?;
            account_id = account.id.clone();
            vault.put(Some(account_item), Content::Account(account), now)?;
        }
        let item = ItemId::new_random();
        let identity = identity(vault, item, account_item, &account_id, number, now)?;
        vault.put(Some(item), Content::Identity(identity), now)?;
        let own = profiles / identities + u32::from(number < profiles % identities);
        for which in 0..own {
            let profile = profile(item, &account_id, number, which)?;
            vault.put(None, Content::Profile(profile), now)?;
        }
    }
    Ok(())
}

fn profile(
    identity: ItemId,
    account: &AccountId,
    number: u32,
    which: u32,
) -> Result<Profile, Box<dyn Error>> {
    let place = PLACES[which as usize % PLACES.len()];
    let role = format!("arn:aws:iam::{account}:role/teams/{place}-{which}");
    let recipe = RoleRecipe {
        source: RoleSource::Identity {
            identity,
            key: None,
        },
        role: RoleArn::parse(&role)?,
        mfa: Mfa::default(),
        external_id: None,
        session_name: None,
        source_identity: None,
        tags: Vec::new(),
        policy: None,
        policy_arns: Vec::new(),
        extra: Extra::new(),
    };
    let name = ProfileName::parse(&format!("{place}-{number:05}-{which}"))?;
    let mut profile = Profile::new(name, Recipe::Role(Box::new(recipe)));
    profile.region = Some(Region::parse("eu-central-1")?);
    Ok(profile)
}

fn account(number: u32, endpoint: Option<&EndpointUrl>) -> Result<Account, Box<dyn Error>> {
    let place = PLACES[number as usize % PLACES.len()];
    let id = AccountId::parse(&format!(
        "{:012}",
        100_000_000_000 + u64::from(number) * 104_729
    ))?;
    let mut account = Account::new(id, Partition::Aws);
    account.name = format!("The {place} no. {number}");
    account.alias = Some(AccountAlias::parse(&format!("{place}-{number:05}"))?);
    account.production = number.is_multiple_of(7);
    account.tags = vec![Tag::parse(place)?];
    account.notes = format!("Kept behind the {place} since the {number}th spring.");
    account.endpoints.sts = endpoint.cloned();
    account.endpoints.iam = endpoint.cloned();
    Ok(account)
}

fn identity(
    vault: &Vault,
    item: ItemId,
    account: ItemId,
    account_id: &AccountId,
    number: u32,
    now: Timestamp,
) -> Result<Identity, Box<dyn Error>> {
    let name = format!("{}.{number:05}", PEOPLE[number as usize % PEOPLE.len()]);
    let kind = IdentityKind::IamUser {
        name: UserName::parse(&name)?,
    };
    let mut identity = Identity::new(account, kind);
    identity.notes = format!("Desk {number}, next to the window.");
    let secret = |text: &str| SecretBytes::new(format!("{text}-{number:024}").into_bytes());
    let password = vault.seal(item, &Field::Password, &secret("password"));
    identity.sign_on = Some(SignOn::new(password, now));
    let device = DeviceId::new_random();
    identity.devices.push(MfaDevice {
        id: device,
        name: "phone".to_owned(),
        serial: Some(Serial::of_virtual_device(
            Partition::Aws,
            account_id,
            &name,
        )?),
        seed: vault.seal(item, &Field::MfaSeed(device), &secret("a seed of forty")),
        params: OtpParams::default(),
        added_at: now,
        extra: Extra::new(),
    });
    let id = AccessKeyId::parse(&format!("AKIA{number:016}"))?;
    let field = Field::AccessKeySecret(id.clone());
    identity.keys.push(AccessKey {
        secret: vault.seal(item, &field, &secret("a secret access")),
        id,
        state: KeyState::Unknown,
        added_at: now,
        created_at: None,
        rotated_at: None,
        last_used_at: None,
        checked_at: None,
        extra: Extra::new(),
    });
    Ok(identity)
}
