//! What holds for any vault and for any bytes.

use crate::fixture::{hash_end, vault};
use proptest::collection::vec;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use undercroft_model::{InstallationId, Timestamp, VaultId};
use undercroft_vault::{Body, SaveStamp, StoredItem, open_with_key, parse, write};

fn saves() -> impl Strategy<Value = Vec<SaveStamp>> {
    let stamp = (
        any::<[u8; 16]>(),
        any::<u64>(),
        any::<[u8; 16]>(),
        any::<i64>(),
    )
        .prop_map(|(id, counter, installation, at)| SaveStamp {
            id,
            counter,
            installation: InstallationId::from_bytes(installation),
            at: Timestamp::from_unix_secs(at),
        });
    vec(stamp, 0..100)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_body_survives(id: [u8; 16], saves in saves(), names in vec(".{0,2000}", 0..40)) {
        let fixture = vault();
        let mut body = Body::new(VaultId::from_bytes(id));
        body.saves = saves;
        for name in &names {
            let item = crate::fixture::item(&fixture.key, body.vault, name);
            body.items.insert(StoredItem::encode(&item).unwrap());
        }
        let bytes = write(&fixture.header, &fixture.key, &body).unwrap();
        let (header, opened) = open_with_key(&bytes, &fixture.key).unwrap();

        prop_assert_eq!(&header, &fixture.header);
        prop_assert_eq!(opened.vault, body.vault);
        prop_assert_eq!(&opened.saves[..], &body.saves[body.saves.len().saturating_sub(64)..]);
        prop_assert_eq!(&opened.items, &body.items);
        let body_len = bytes.len() - hash_end(&bytes) - 32 - 16;
        prop_assert_eq!(body_len % 65_536, 0);
        prop_assert!(body_len <= 1 << 20 || body_len.is_multiple_of(1 << 18));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_bytes_panic(bytes: Vec<u8>) {
        let _ = parse(&bytes);
    }

    #[test]
    fn no_header_panics(header: Vec<u8>, body in vec(any::<u8>(), 0..64)) {
        let mut bytes = vault().bytes[..12].to_vec();
        bytes.extend(u32::try_from(header.len()).unwrap().to_be_bytes());
        bytes.extend(&header);
        bytes.extend(Sha256::digest(&bytes));
        bytes.extend([0; 32]);
        bytes.extend(body);
        prop_assert!(parse(&bytes).is_err());
    }

    #[test]
    fn no_handful_of_changes_opens(changes in vec((any::<prop::sample::Index>(), 1_u8..), 1..5)) {
        let fixture = vault();
        let mut bytes = fixture.bytes.clone();
        for (index, mask) in &changes {
            let at = index.index(bytes.len());
            bytes[at] ^= mask;
        }
        prop_assume!(bytes != fixture.bytes);
        prop_assert!(open_with_key(&bytes, &fixture.key).is_err());
    }
}
