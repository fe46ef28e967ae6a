//! A large vault's items, the same at every run.

use undercroft_model::{
    AccessKey, Account, AccountAlias, AccountId, Content, DeviceId, EmailAddress, Extra, Identity,
    IdentityKind, InstallationId, Item, ItemId, ItemState, KeyState, MfaDevice, OtpParams,
    Partition, Revision, SealedValue, Serial, SignOn, Tag, Timestamp, UserName, ValueId,
};

const COMPANIES: [&str; 24] = [
    "acme",
    "globex",
    "initech",
    "umbrella",
    "hooli",
    "vandelay",
    "wonka",
    "stark",
    "wayne",
    "tyrell",
    "cyberdyne",
    "soylent",
    "massive",
    "aperture",
    "blackmesa",
    "oscorp",
    "nakatomi",
    "weyland",
    "duff",
    "gringotts",
    "monarch",
    "virtucon",
    "bluth",
    "dunder",
];
const PURPOSES: [&str; 12] = [
    "production",
    "staging",
    "development",
    "sandbox",
    "logging",
    "security",
    "backup",
    "network",
    "billing",
    "data-lake",
    "shared-services",
    "disaster-recovery",
];
const FIRST: [&str; 24] = [
    "anna", "bela", "carlos", "dmitri", "elif", "fatima", "georg", "hanna", "igor", "jane", "kofi",
    "lena", "marek", "nadia", "oskar", "priya", "quentin", "rosa", "søren", "tomas", "ulla",
    "victor", "wanda", "yusuf",
];
const LAST: [&str; 24] = [
    "abbott",
    "berger",
    "castillo",
    "dubois",
    "eriksen",
    "fischer",
    "garcia",
    "hoffmann",
    "ivanov",
    "jensen",
    "kowalski",
    "lindqvist",
    "moreau",
    "novak",
    "okafor",
    "petrov",
    "quist",
    "rossi",
    "schneider",
    "takahashi",
    "ueda",
    "vargas",
    "weber",
    "zhang",
];

/// Makes `accounts` accounts and `identities` identities, each with a password, an MFA device and an access key.
pub(crate) fn items(accounts: usize, identities: usize) -> Vec<Item> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut items: Vec<Item> = (0..accounts)
        .map(|index| item(&mut random, account(index)))
        .collect();
    for index in 0..identities {
        let owner = items[index % accounts].clone();
        let account = owner.content().and_then(Content::as_account).unwrap();
        let identity = identity(&mut random, index, owner.id, account, index < accounts);
        items.push(item(&mut random, Content::Identity(identity)));
    }
    items
}

fn account(index: usize) -> Content {
    let company = COMPANIES[index % COMPANIES.len()];
    let purpose = PURPOSES[index / COMPANIES.len() % PURPOSES.len()];
    let number = index / (COMPANIES.len() * PURPOSES.len());
    let id = AccountId::parse(&format!("{:012}", 100_000_000_000 + index * 7_919_777)).unwrap();
    let mut account = Account::new(id, Partition::Aws);
    account.alias = Some(AccountAlias::parse(&format!("{company}-{purpose}-{number}")).unwrap());
    account.name = format!("{} {}", capitalised(company), capitalised(purpose));
    account.production = purpose == "production";
    account.tags = vec![
        Tag::parse(purpose).unwrap(),
        Tag::parse(if index.is_multiple_of(2) {
            "emea"
        } else {
            "apac"
        })
        .unwrap(),
    ];
    account.notes = format!(
        "Owned by the platform team; cost centre {}",
        1000 + index % 97
    );
    Content::Account(account)
}

fn identity(
    random: &mut Random,
    index: usize,
    owner: ItemId,
    account: &Account,
    root: bool,
) -> Identity {
    let first = FIRST[index * 7 % FIRST.len()].replace('ø', "o");
    let last = LAST[index / FIRST.len() % LAST.len()];
    let kind = if root {
        let alias = account.alias.as_ref().unwrap();
        IdentityKind::Root {
            email: EmailAddress::parse(&format!("aws+{alias}@example.com")).unwrap(),
        }
    } else {
        IdentityKind::IamUser {
            name: UserName::parse(&format!("{first}.{last}.{index}")).unwrap(),
        }
    };
    let mut identity = Identity::new(owner, kind);
    identity.sign_on = Some(SignOn {
        password: sealed(random, 24),
        changed_at: at(index),
        past: Vec::new(),
        extra: Extra::new(),
    });
    identity.devices.push(MfaDevice {
        id: DeviceId::from_bytes(random.bytes()),
        name: "phone".to_owned(),
        serial: Some(
            Serial::of_virtual_device(account.partition, &account.id, &format!("{first}-{index}"))
                .unwrap(),
        ),
        seed: sealed(random, 40),
        params: OtpParams::default(),
        added_at: at(index),
        extra: Extra::new(),
    });
    identity.keys.push(AccessKey {
        id: undercroft_model::AccessKeyId::parse(&format!("AKIA{:016}", index)).unwrap(),
        secret: sealed(random, 40),
        state: KeyState::Active,
        added_at: at(index),
        created_at: Some(at(index)),
        rotated_at: None,
        last_used_at: None,
        checked_at: Some(at(index)),
        extra: Extra::new(),
    });
    if index.is_multiple_of(10) {
        identity.notes = format!(
            "Break-glass user; call {} {} first",
            capitalised(&first),
            capitalised(last)
        );
    }
    identity
}

fn item(random: &mut Random, content: Content) -> Item {
    Item {
        id: ItemId::from_bytes(random.bytes()),
        revision: Revision::first(InstallationId::from_bytes([7; 16])),
        created_at: at(0),
        modified_at: at(1),
        state: ItemState::Live(content),
        history: Vec::new(),
        extra: Extra::new(),
    }
}

fn sealed(random: &mut Random, secret_len: usize) -> SealedValue {
    let sealed = (0..12 + secret_len + 16)
        .map(|_| random.bytes()[0])
        .collect();
    SealedValue {
        id: ValueId::from_bytes(random.bytes()),
        sealed,
    }
}

fn at(index: usize) -> Timestamp {
    Timestamp::from_unix_secs(1_795_000_000 + i64::try_from(index).unwrap())
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}

/// SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn bytes(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.next().to_le_bytes());
        bytes[8..].copy_from_slice(&self.next().to_le_bytes());
        bytes
    }
}
