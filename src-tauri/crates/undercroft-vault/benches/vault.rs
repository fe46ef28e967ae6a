//! What the format costs at ten thousand identities with MFA: encoding, writing, opening, decoding.
//!
//! `cargo bench -p undercroft-vault --bench vault` prints medians. Disk and Argon2id are not in the figures,
//! except where a line says so.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    reason = "a benchmark prints, and has nobody to hand an error to"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use undercroft_model::{
    Account, AccountId, Content, DeviceId, Field, Identity, IdentityKind, InstallationId, Item,
    ItemId, ItemState, MfaDevice, OtpParams, Partition, Revision, Serial, SignOn, Timestamp,
    UserName, VaultId,
};
use undercroft_secret::{SecretBytes, SecretString, WipingAllocator};
use undercroft_vault::{
    Body, Credential, Header, KdfParams, Slot, StoredItem, VaultKey, open, open_with_key, seal,
    unseal, write,
};

/// As in the program, so that freeing costs what it costs there.
#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator;

const IDENTITIES: u32 = 10_000;
const IDENTITIES_PER_ACCOUNT: u32 = 20;
const ROUNDS: usize = 21;

fn main() {
    let key = VaultKey::random();
    let vault = VaultId::new_random();
    let installation = InstallationId::new_random();
    let items = sample_items(&key, vault, installation);
    let password = SecretString::copy_of("correct horse battery staple");
    let slot = Slot::new_password(
        &key,
        &password,
        KdfParams::FLOOR,
        Revision::first(installation),
    );
    let header = Header::new(vec![slot.expect("the least parameters work")]);

    report("encode all items, as a first import does", || {
        items
            .iter()
            .map(|item| StoredItem::encode(item).expect("CBOR"))
            .collect::<Vec<_>>()
    });
    let mut body = Body::new(vault);
    body.items = items
        .iter()
        .map(|item| StoredItem::encode(item).expect("CBOR"))
        .collect();
    let bytes = write(&header, &key, &body).expect("it fits");
    println!(
        "{IDENTITIES} identities, {} items, a file of {} bytes",
        items.len(),
        bytes.len()
    );

    report("write: encode, pad and encrypt the body", || {
        write(&header, &key, &body).expect("it fits")
    });
    report("open with the key: decrypt and index", || {
        open_with_key(&bytes, &key).expect("it opens")
    });
    report("open with a password, Argon2id at its floor", || {
        open(&bytes, Credential::Password(&password)).expect("it opens")
    });
    report("write, then open as a save's verification does", || {
        let bytes = write(&header, &key, &body).expect("it fits");
        open_with_key(&bytes, &key).expect("it opens")
    });
    let calibrated = KdfParams::calibrate().expect("64 MiB are there");
    println!(
        "calibrated for new vaults: {} MiB, {} iterations, {} lane",
        calibrated.memory_kib / 1024,
        calibrated.iterations,
        calibrated.lanes
    );
    let start = Instant::now();
    let raised = Slot::new_password(&key, &password, calibrated, Revision::first(installation));
    raised.expect("what was measured works");
    println!(
        "{:>10.3} ms  a password slot with those",
        start.elapsed().as_secs_f64() * 1000.0
    );

    report("decode all items", || {
        body.items
            .iter()
            .map(|item| item.decode().expect("an item"))
            .collect::<Vec<_>>()
    });
    report("decode and encode one item", || {
        let stored = body.items.iter().next().expect("there are some");
        StoredItem::encode(&stored.decode().expect("an item")).expect("CBOR")
    });
    let mut opened: Vec<Body> = (0..ROUNDS).map(|_| body.clone()).collect();
    opened.iter_mut().for_each(|body| {
        *body = open_with_key(&bytes, &key).expect("it opens").1;
    });
    report("drop an opened body, which wipes it", || drop(opened.pop()));
    report_unseal(&key, vault, &items);
}

fn report_unseal(key: &VaultKey, vault: VaultId, items: &[Item]) {
    let found = items.iter().find_map(|item| match item.content() {
        Some(Content::Identity(identity)) => Some((item.id, identity.devices.first()?)),
        _ => None,
    });
    let (item, device) = found.expect("there is a device");
    let field = Field::MfaSeed(device.id);
    report("unseal one seed", || {
        unseal(key, vault, item, &field, &device.seed).expect("its place")
    });
}

/// Prints the median of [`ROUNDS`] runs. Dropping the result is not measured.
fn report<T>(what: &str, mut work: impl FnMut() -> T) {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            let result = black_box(work());
            let elapsed = start.elapsed();
            drop(result);
            elapsed
        })
        .collect();
    times.sort();
    println!(
        "{:>10.3} ms  {what}",
        times[ROUNDS / 2].as_secs_f64() * 1000.0
    );
}

fn sample_items(key: &VaultKey, vault: VaultId, installation: InstallationId) -> Vec<Item> {
    let now = Timestamp::from_unix_secs(1_800_000_000);
    let item = |id, content| Item {
        id,
        revision: Revision::first(installation),
        created_at: now,
        modified_at: now,
        state: ItemState::Live(content),
        history: Vec::new(),
        extra: Default::default(),
    };
    let mut items = Vec::new();
    for account in 0..IDENTITIES / IDENTITIES_PER_ACCOUNT {
        let account_id = AccountId::parse(&format!("{account:012}")).expect("twelve digits");
        let account_item = ItemId::new_random();
        let mut content = Account::new(account_id.clone(), Partition::Aws);
        content.name = format!("Workload {account}");
        content.notes =
            "Owned by the platform team; ask in the channel before changing anything.".repeat(2);
        items.push(item(account_item, Content::Account(content)));
        for user in 0..IDENTITIES_PER_ACCOUNT {
            let id = ItemId::new_random();
            let name = UserName::parse(&format!("user-{user}")).expect("a user name");
            let mut identity = Identity::new(account_item, IdentityKind::IamUser { name });
            let sealed = |field: &Field, secret: &[u8]| {
                seal(key, vault, id, field, &SecretBytes::copy_of(secret))
            };
            identity.sign_on = Some(SignOn {
                password: sealed(&Field::Password, b"a console password of 32 letters"),
                changed_at: now,
                past: Vec::new(),
                extra: Default::default(),
            });
            let device = DeviceId::new_random();
            let serial = format!("arn:aws:iam::{account_id}:mfa/phone-{user}");
            identity.devices.push(MfaDevice {
                id: device,
                name: format!("phone-{user}"),
                serial: Some(Serial::parse(&serial).expect("a serial")),
                seed: sealed(&Field::MfaSeed(device), &[7; 40]),
                params: OtpParams::default(),
                added_at: now,
                extra: Default::default(),
            });
            identity.notes = "Rotates its key on the first Monday of the month.".to_owned();
            items.push(item(id, Content::Identity(identity)));
        }
    }
    items
}
