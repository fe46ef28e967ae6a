use ciborium::Value;
use proptest::prelude::*;

use super::*;
use crate::*;

fn item(name: &str, note: Value) -> Item {
    let kind = IdentityKind::Root {
        email: EmailAddress::parse("aws@example.com").unwrap(),
    };
    let mut identity = Identity::new(ItemId::from_bytes([1; 16]), kind);
    identity.notes = name.to_owned();
    let sealed = SealedValue {
        id: ValueId::from_bytes([2; 16]),
        sealed: vec![3; 70],
    };
    identity.sign_on = Some(SignOn::new(sealed.clone(), Timestamp::from_unix_secs(-7)));
    identity.devices.push(MfaDevice {
        id: DeviceId::from_bytes([4; 16]),
        name: name.to_owned(),
        serial: Serial::parse("GAHT12345678").ok(),
        seed: sealed,
        params: OtpParams {
            algorithm: OtpAlgorithm::Sha512,
            ..OtpParams::default()
        },
        added_at: Timestamp::from_unix_secs(1 << 40),
        extra: Extra::new(),
    });
    identity.extra.insert("newer".to_owned(), note);
    Item {
        id: ItemId::from_bytes([5; 16]),
        revision: Revision::first(InstallationId::from_bytes([6; 16])),
        created_at: Timestamp::from_unix_secs(1),
        modified_at: Timestamp::from_unix_secs(2),
        state: ItemState::Live(Content::Identity(identity)),
        history: Vec::new(),
        extra: Extra::new(),
    }
}

#[test]
fn what_this_crate_writes_is_plain() {
    let note = Value::Array(vec![
        Value::Null,
        Value::Bool(true),
        Value::Integer((-300).into()),
        Value::Bytes(vec![1]),
    ]);
    let item = item("phone", Value::Map(vec![(Value::Integer(7.into()), note)]));
    let bytes = to_vec(&item).unwrap();
    assert_eq!(plain::from_slice::<Item>(&bytes).unwrap(), item);
}

#[test]
fn what_is_not_plain_is_read_too() {
    for note in [
        Value::Float(1.5),
        Value::Tag(100, Box::new(Value::Null)),
        Value::Integer((i128::from(i64::MIN) - 1).try_into().unwrap()),
    ] {
        let item = item("phone", note);
        let bytes = to_vec(&item).unwrap();
        assert!(plain::from_slice::<Item>(&bytes).is_err());
        assert_eq!(from_slice(&bytes), Ok(item));
    }
    // A text in two pieces of indefinite length.
    assert_eq!(
        from_slice::<String>(&[0x7f, 0x61, b'a', 0x61, b'b', 0xff]).as_deref(),
        Ok("ab")
    );
}

#[test]
fn errors_tell_what_is_wrong() {
    let bytes = to_vec(&item("phone", Value::Null)).unwrap();
    assert!(
        (0..bytes.len()).all(|len| from_slice::<Item>(&bytes[..len]) == Err(CborError::Syntax))
    );
    let with_more = [bytes.as_slice(), &[0]].concat();
    assert_eq!(
        from_slice::<Item>(&with_more),
        Err(CborError::TrailingBytes)
    );
    assert_eq!(from_slice::<Item>(&[0]), Err(CborError::Content));
    assert_eq!(from_slice::<String>(&[0x61, 0xff]), Err(CborError::Syntax));
}

#[test]
fn a_claimed_length_allocates_nothing() {
    // An array, a text and a byte string of 2^62 and of 2^32 - 1 entries, with none there.
    for major in [0x80, 0x60, 0x40, 0xa0] {
        for claim in [
            &[major | 27, 0x40, 0, 0, 0, 0, 0, 0, 0][..],
            &[major | 26, 255, 255, 255, 255],
        ] {
            assert!(plain::from_slice::<Value>(claim).is_err());
            assert!(from_slice::<Vec<u64>>(claim).is_err());
        }
    }
    let deep = vec![0x81; 100_000];
    assert!(from_slice::<Value>(&deep).is_err());
}

proptest! {
    #[test]
    fn both_readers_agree_on_changed_records(
        name in any::<String>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = to_vec(&item(&name, Value::Text(name.clone()))).unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(item) = plain::from_slice::<Item>(&bytes) {
            prop_assert_eq!(from_slice_by_ciborium(&bytes), Ok(item));
        }
    }

    #[test]
    fn both_readers_agree_on_any_bytes(bytes in any::<Vec<u8>>()) {
        if let Ok(value) = plain::from_slice::<Value>(&bytes) {
            prop_assert_eq!(from_slice_by_ciborium(&bytes), Ok(value));
        }
    }
}
