//! Makes vaults that must open for ever.

mod profiles;

use undercroft_model::{
    AccessKey, AccessKeyId, Account, AccountId, Colour, Content, CustomSecret, DeviceId, Field,
    FieldId, Identity, IdentityKind, InstallationId, Item, ItemId, ItemState, KeyState, MfaDevice,
    OtpAlgorithm, OtpParams, Partition, PastContent, PastPassword, PastReason, Revision,
    SealedValue, Serial, Settings, SignOn, Timestamp, UserName, ValueId, VaultId,
};
use undercroft_secret::{SecretBytes, SecretKey, SecretString};

use super::{Expectation, Holds, PASSWORD, Secret, Vector, fixed, hex};
use crate::body::{Body, SaveStamp, StoredItem};
use crate::format::cbor::{Reader, UnknownFields, Writer};
use crate::format::{self, FormatVersion, Header};
use crate::kdf::KdfParams;
use crate::recovery::RecoveryKey;
use crate::sealed::seal_with;
use crate::slots::{Credential, KeySlot, Slot, SlotKind};
use crate::vault_key::VaultKey;

/// The least that a reader accepts, so that hundreds of vectors take seconds.
pub(super) const KDF: KdfParams = KdfParams {
    memory_kib: 19 * 1024,
    iterations: 1,
    lanes: 1,
};

pub(super) fn key() -> VaultKey {
    VaultKey::from_secret(SecretKey::take_from(&mut fixed("vault key")))
}

pub(super) fn recovery_key() -> RecoveryKey {
    RecoveryKey::from_bytes(fixed("recovery key"))
}

pub(super) fn password_slot(password: &str, kdf: KdfParams) -> KeySlot {
    let salt = fixed(&format!("salt of {password}"));
    let password = SecretString::copy_of(password);
    KeySlot::wrap(&key(), Credential::Password(&password), kdf, salt).unwrap()
}

pub(super) fn recovery_slot() -> KeySlot {
    let recovery_key = recovery_key();
    KeySlot::wrap(
        &key(),
        Credential::RecoveryKey(&recovery_key),
        KDF,
        fixed("recovery salt"),
    )
    .unwrap()
}

/// A slot of a kind that only a later version knows.
pub(super) fn unknown_slot() -> KeySlot {
    let mut map = vec![0xa2, 0x64];
    map.extend(b"kind\x65fido2\x66handle\x44");
    map.extend([1, 2, 3, 4]);
    KeySlot::read(&mut Reader::new(&map)).unwrap()
}

pub(super) fn header(slots: Vec<KeySlot>) -> Header {
    let slots = slots.into_iter().zip(1..);
    Header::new(
        slots
            .map(|(key, counter)| Slot::from_parts(revision(counter), key))
            .collect(),
    )
}

fn installation() -> InstallationId {
    InstallationId::from_bytes(fixed("installation"))
}

fn revision(counter: u64) -> Revision {
    Revision {
        counter,
        installation: installation(),
    }
}

fn at(secs: i64) -> Timestamp {
    Timestamp::from_unix_secs(1_795_000_000 + secs)
}

pub(super) fn body(saves: u64) -> Body {
    let mut body = Body::new(VaultId::from_bytes(fixed("vault")));
    body.saves = (1..=saves)
        .map(|counter| SaveStamp {
            id: fixed(&format!("save {counter}")),
            counter,
            installation: installation(),
            at: at(i64::try_from(counter).unwrap()),
        })
        .collect();
    body
}

/// Items under construction, with the secrets that they hold.
#[derive(Default)]
struct Contents {
    items: Vec<Item>,
    secrets: Vec<Secret>,
}

impl Contents {
    fn item(&mut self, name: &str, counter: u64, state: ItemState) -> &mut Item {
        self.items.push(Item {
            id: ItemId::from_bytes(fixed(name)),
            revision: revision(counter),
            created_at: at(0),
            modified_at: at(i64::try_from(counter).unwrap()),
            state,
            history: Vec::new(),
            extra: Default::default(),
        });
        self.items.last_mut().unwrap()
    }

    /// Seals `text` for an item and expects that it opens there.
    fn seal(&mut self, item: &str, field: &Field, text: &str) -> SealedValue {
        let value = sealed(item, field, text);
        self.expect(item, field, &value, Ok(text));
        value
    }

    fn expect(
        &mut self,
        item: &str,
        field: &Field,
        value: &SealedValue,
        opens: Result<&str, &str>,
    ) {
        self.secrets.push(Secret {
            item: hex(&fixed::<16>(item)),
            field: field.aad(),
            value: hex(value.id.as_bytes()),
            text: opens.ok().map(str::to_owned),
            class: opens.err().map(str::to_owned),
        });
    }
}

fn sealed(item: &str, field: &Field, text: &str) -> SealedValue {
    let place = format!("{item} {} {text}", field.aad());
    seal_with(
        &key(),
        VaultId::from_bytes(fixed("vault")),
        ItemId::from_bytes(fixed(item)),
        field,
        &SecretBytes::copy_of(text.as_bytes()),
        ValueId::from_bytes(fixed(&format!("value {place}"))),
        fixed(&format!("nonce {place}")),
    )
}

fn account(contents: &mut Contents, name: &str) -> Account {
    let id: AccountId = "111122223333".parse().unwrap();
    let mut account = Account::new(id, Partition::Aws);
    account.name = name.to_owned();
    account.alias = Some("example-corp".parse().unwrap());
    account.colour = Colour::Teal;
    account.production = true;
    account.favourite = true;
    account.region = Some("eu-central-1".parse().unwrap());
    account.endpoints.sts = Some(
        "https://vpce-1.sts.eu-central-1.vpce.amazonaws.com"
            .parse()
            .unwrap(),
    );
    account.endpoints.iam = Some("http://localhost:4566".parse().unwrap());
    account.tags = vec!["billing".parse().unwrap()];
    account.notes = "Quarterly review with the auditors. 日本語 too.".to_owned();
    let field = FieldId::from_bytes(fixed("support pin"));
    let value = contents.seal(name, &Field::Custom(field), "support PIN 0000");
    let label = "Support PIN".to_owned();
    account.secrets.push(CustomSecret {
        id: field,
        label,
        value,
        extra: Default::default(),
    });
    account
}

fn identity(contents: &mut Contents, name: &str, account: &str, kind: IdentityKind) -> Identity {
    let mut identity = Identity::new(ItemId::from_bytes(fixed(account)), kind);
    let past = contents.seal(name, &Field::Password, "the password before");
    identity.sign_on = Some(SignOn {
        password: contents.seal(name, &Field::Password, "Tr0ub4dor&3 für AWS"),
        changed_at: at(100),
        past: vec![PastPassword {
            value: past,
            replaced_at: at(100),
            extra: Default::default(),
        }],
        extra: Default::default(),
    });
    let device = DeviceId::from_bytes(fixed(&format!("device of {name}")));
    identity.devices.push(MfaDevice {
        id: device,
        name: "phone".to_owned(),
        serial: Some(Serial::parse("arn:aws:iam::111122223333:mfa/phone").unwrap()),
        seed: contents.seal(name, &Field::MfaSeed(device), "12345678901234567890"),
        params: OtpParams::default(),
        added_at: at(7),
        extra: Default::default(),
    });
    let other = DeviceId::from_bytes(fixed(&format!("other device of {name}")));
    identity.devices.push(MfaDevice {
        id: other,
        name: "hardware".to_owned(),
        serial: None,
        seed: contents.seal(
            name,
            &Field::MfaSeed(other),
            "a seed of 32 bytes for SHA-256!!",
        ),
        params: OtpParams {
            algorithm: OtpAlgorithm::Sha256,
            digits: 8.try_into().unwrap(),
            period: 60.try_into().unwrap(),
        },
        added_at: at(7),
        extra: Default::default(),
    });
    identity.favourite = true;
    identity.notes = "Break glass only.".to_owned();
    let id = AccessKeyId::parse("AKIAIOSFODNN7EXAMPLE").unwrap();
    let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    identity.keys.push(AccessKey {
        secret: contents.seal(name, &Field::AccessKeySecret(id.clone()), secret),
        id,
        state: KeyState::Active,
        added_at: at(8),
        created_at: Some(at(-1)),
        rotated_at: None,
        last_used_at: Some(at(9)),
        checked_at: None,
        extra: Default::default(),
    });
    identity
}

fn iam_user() -> IdentityKind {
    IdentityKind::IamUser {
        name: UserName::parse("deploy").unwrap(),
    }
}

/// An account, its root user, an IAM user and settings; one edit in the history, one item in the bin, one gone.
fn household() -> Contents {
    let mut contents = Contents::default();
    let now = account(&mut contents, "account");
    let before = Content::Account(Account {
        name: "Before".to_owned(),
        ..now.clone()
    });
    let item = contents.item("account", 2, ItemState::Live(Content::Account(now)));
    item.history.push(PastContent {
        revision: revision(1),
        replaced_at: at(5),
        reason: PastReason::Edited,
        content: before,
        extra: Default::default(),
    });
    let email = "root@example.com".parse().unwrap();
    let root = identity(
        &mut contents,
        "root",
        "account",
        IdentityKind::Root { email },
    );
    contents.item("root", 1, ItemState::Live(Content::Identity(root)));
    let user = identity(&mut contents, "user", "account", iam_user());
    contents.item(
        "user",
        3,
        ItemState::Binned {
            at: at(50),
            content: Content::Identity(user),
        },
    );
    contents.item("gone", 4, ItemState::Deleted { at: at(60) });
    contents.item(
        "settings",
        1,
        ItemState::Live(Content::Settings(Settings::default())),
    );
    contents
}

/// A content and fields that only a later version knows.
fn from_the_future() -> Contents {
    let mut contents = Contents::default();
    let mut account = account(&mut contents, "account");
    account
        .extra
        .insert("organisation".to_owned(), "o-exampleorgid".into());
    let value = ciborium::Value::Map(vec![("fingerprint".into(), "1f:51:ae".into())]);
    let item = contents.item("account", 1, ItemState::Live(Content::Account(account)));
    item.extra.insert("pinned".to_owned(), true.into());
    let kind = "key-pair".to_owned();
    contents.item(
        "key pair",
        1,
        ItemState::Live(Content::Unknown { kind, value }),
    );
    contents
}

/// Sealed values that were put where they do not belong, by somebody who has the key.
fn moved_values() -> Contents {
    let mut contents = Contents::default();
    let device = Field::MfaSeed(DeviceId::from_bytes(fixed("device of user")));
    let mut identity = identity(&mut contents, "user", "account", iam_user());
    contents.secrets.clear();

    let of_another_item = sealed("other", &Field::Password, "of another item");
    let of_another_field = sealed("user", &device, "of another field");
    let mut changed = sealed("user", &Field::Password, "changed");
    changed.sealed[12] ^= 1;
    let mut renamed = sealed("user", &Field::Password, "under another id");
    renamed.id = ValueId::from_bytes(fixed("another value id"));
    let mut short = sealed("user", &Field::Password, "cut short");
    short.sealed.truncate(27);

    let sign_on = identity.sign_on.as_mut().unwrap();
    for value in [of_another_item, of_another_field, changed, renamed, short] {
        contents.expect("user", &Field::Password, &value, Err("wrong-value"));
        sign_on.past.push(PastPassword {
            value,
            replaced_at: at(1),
            extra: Default::default(),
        });
    }
    contents.item("user", 1, ItemState::Live(Content::Identity(identity)));
    contents
}

struct Golden {
    name: &'static str,
    about: &'static str,
    header: Header,
    body: Body,
    contents: Contents,
    password: Option<&'static str>,
    recovery: bool,
}

impl Golden {
    fn new(
        name: &'static str,
        about: &'static str,
        slots: Vec<KeySlot>,
        contents: Contents,
    ) -> Self {
        let (header, body) = (header(slots), body(1));
        Self {
            name,
            about,
            header,
            body,
            contents,
            password: None,
            recovery: false,
        }
    }

    fn write(mut self) -> Vector {
        self.body.items = self
            .contents
            .items
            .iter()
            .map(|item| StoredItem::encode(item).unwrap())
            .collect();
        let salt = fixed(&format!("body of {}", self.name));
        let bytes = format::write_with_salt(&self.header, &key(), &self.body, salt).unwrap();
        let kind = |slot: &Slot| match slot.kind() {
            SlotKind::Password => "password".to_owned(),
            SlotKind::RecoveryKey => "recovery-key".to_owned(),
            SlotKind::Unknown => "unknown".to_owned(),
        };
        let content = Holds {
            vault: hex(self.body.vault.as_bytes()),
            version: self.header.version.to_string(),
            slots: self.header.slots.iter().map(kind).collect(),
            saves: self.body.saves.iter().map(|save| save.counter).collect(),
            items: self
                .body
                .items
                .iter()
                .map(|item| hex(item.id().as_bytes()))
                .collect(),
            secrets: self.contents.secrets,
        };
        let recovery = self
            .recovery
            .then(|| recovery_key().to_printable().expose().to_owned());
        let expectation = Expectation {
            about: self.about.to_owned(),
            from: None,
            edits: Vec::new(),
            password: self.password.map(str::to_owned),
            recovery_key: recovery,
            expect: "ok".to_owned(),
            needs: None,
            content: Some(content),
        };
        Vector {
            name: format!("golden/{}", self.name),
            expectation,
            bytes: Some(bytes),
        }
    }
}

pub(super) fn all() -> Vec<Vector> {
    let usual = || vec![password_slot(PASSWORD, KDF), recovery_slot()];
    let empty = Contents::default;
    let mut vaults = vec![
        Golden::new(
            "v1-0-empty",
            "A vault that holds nothing yet.",
            usual(),
            empty(),
        ),
        Golden::new(
            "v1-0-household",
            "Every kind of item of version 1.0, with nearly every field.",
            usual(),
            household(),
        ),
        Golden::new(
            "v1-0-moved-values",
            "It opens; five of its sealed values do not.",
            usual(),
            moved_values(),
        ),
    ];
    vaults.push(Golden {
        recovery: true,
        ..Golden::new(
            "v1-0-recovery-key",
            "Opened with the recovery key.",
            usual(),
            household(),
        )
    });
    vaults.push(Golden {
        recovery: true,
        ..Golden::new(
            "v1-0-recovery-only",
            "No password slot at all.",
            vec![recovery_slot()],
            empty(),
        )
    });
    vaults.push(Golden {
        body: body(64),
        ..Golden::new(
            "v1-0-64-saves",
            "As many save stamps as there may be.",
            usual(),
            empty(),
        )
    });
    let accents = "Pässwörd Ω";
    let slots = vec![password_slot(accents, KDF)];
    vaults.push(Golden {
        password: Some("Pa\u{308}sswo\u{308}rd \u{2126}"),
        ..Golden::new(
            "v1-0-decomposed-password",
            "NFC makes the typed password the stored one.",
            slots,
            empty(),
        )
    });
    let kdf = KdfParams {
        memory_kib: 24 * 1024 + 7,
        iterations: 3,
        lanes: 8,
    };
    let slots = vec![password_slot(PASSWORD, kdf)];
    vaults.push(Golden::new(
        "v1-0-lanes",
        "Eight lanes, an odd amount of memory.",
        slots,
        empty(),
    ));
    let slots =
        ["one", "two", "three", "four", "five", "six"].map(|password| password_slot(password, KDF));
    let slots = slots
        .into_iter()
        .chain([unknown_slot(), password_slot(PASSWORD, KDF)])
        .collect();
    vaults.push(Golden::new(
        "v1-0-eight-slots",
        "The last of eight slots opens.",
        slots,
        empty(),
    ));
    vaults.push(Golden {
        password: Some(""),
        ..Golden::new(
            "v1-0-empty-password",
            "The format allows what the window does not.",
            vec![password_slot("", KDF)],
            empty(),
        )
    });
    vaults.push(Golden::new(
        "v1-0-profiles",
        "A profile of every kind, one of a kind that only a later version knows, and rules of approval.",
        usual(),
        profiles::profiles(),
    ));
    vaults.push(from_the_future_minor());
    vaults.push(nested());
    vaults.into_iter().map(Golden::write).collect()
}

fn from_the_future_minor() -> Golden {
    let slots = vec![unknown_slot(), password_slot(PASSWORD, KDF)];
    let mut golden = Golden::new(
        "v1-7-unknown-fields",
        "A later minor version: unknown slot, content and fields everywhere, all kept.",
        slots,
        from_the_future(),
    );
    golden.header.version = FormatVersion { major: 1, minor: 7 };
    let text = b"\x6bundercroft7";
    keep(&mut golden.header.unknown, "made-for", text);
    keep(
        &mut golden.body.extra,
        "agents",
        &[0x82, 0x01, 0xf9, 0x3c, 0x00],
    );
    golden
}

fn keep(unknown: &mut UnknownFields, name: &str, value: &[u8]) {
    unknown.read(name, &mut Reader::new(value)).unwrap();
}

/// Unknown fields that nest as deep as they may, in header, slot and body.
fn nested() -> Golden {
    let deep = [vec![0x81; 31], vec![0]].concat();
    let mut slot = Writer::default();
    password_slot(PASSWORD, KDF).write(&mut slot);
    let mut slot = slot.finish();
    slot[0] += 1;
    slot.extend(b"\x64deep");
    slot.extend(&deep);
    let slots = vec![KeySlot::read(&mut Reader::new(&slot)).unwrap()];
    let about = "Unknown fields nested 32 deep, in header, slot and body.";
    let mut golden = Golden::new("v1-0-nested", about, slots, Contents::default());
    keep(&mut golden.header.unknown, "deep", &deep);
    keep(&mut golden.body.extra, "deep", &deep);
    golden
}
