//! What must hold for any file, written by anybody.

#![allow(
    clippy::unwrap_used,
    reason = "the functions beside the tests are tests too"
)]

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use undercroft_import::{ImportError, MAX_BYTES, MAX_ENTRIES, read};
use undercroft_otp::{OtpAuth, Seed, migration_uris, qr};
use undercroft_secret::{SecretBytes, SecretString};

/// Small files of every kind that cost nothing to open.
fn samples() -> Vec<Vec<u8>> {
    let folder =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../tests/vectors/import/files");
    [
        "lines-ente.txt",
        "aegis-plain.json",
        "aegis-encrypted.json",
        "2fas-plain.2fas",
        "2fas-encrypted.2fas",
        "bitwarden-plain.json",
        "bitwarden-pbkdf2.json",
        "keepassxc.csv",
        "keepass.xml",
    ]
    .iter()
    .map(|name| fs::read(folder.join(name)).unwrap())
    .collect()
}

/// Pieces of the formats, in any order.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "{", "}", "[", "]", ":", ",", "\"", "\"db\":", "\"entries\":", "\"header\":", "\"services\":[", "null",
            "\"servicesEncrypted\":\"AA==:AA==:AA==\"", "\"encrypted\":true", "\"items\":", "\"login\":{\"totp\":",
            "otpauth://totp/a?secret=", "otpauth-migration://offline?data=", "GEZDGNBVGY3TQOJQGEZDGNBV", "\n", ";",
            "<KeePassFile>", "<Entry>", "</Entry>", "<String><Key>otp</Key><Value>", "</Value></String>", "&amp;",
            "&#0;", "&#x110000;", "]]>", "<![CDATA[", "<!--", "name,login_totp\n", "Title,OTPAuth\n", "\u{feff}", "ü",
            "\u{0}", "\u{202e}", "-1", "1e999", "99999999999999999999",
        ])
        .prop_map(str::to_owned),
        1 => "\\PC{0,8}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes, None);
    }

    #[test]
    fn no_pieces_panic(pieces in prop::collection::vec(piece(), 0..24)) {
        let _ = read(pieces.concat().as_bytes(), None);
    }

    #[test]
    fn no_changed_file_panics(which in 0usize..9, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), cut: prop::sample::Index) {
        let mut bytes = samples().swap_remove(which);
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let _ = read(&bytes, None);
        bytes.truncate(cut.index(bytes.len()));
        let _ = read(&bytes, None);
    }

    #[test]
    fn devices_come_back_from_lines(seeds in prop::collection::vec(prop::collection::vec(1u8.., 20..40), 1..6), name in "[a-zA-Z0-9 @.]{1,30}") {
        let devices: Vec<_> = seeds
            .iter()
            .map(|seed| Seed::from_bytes(SecretBytes::copy_of(seed)).unwrap())
            .map(|seed| OtpAuth::from_parts("Amazon Web Services", name.trim(), seed, Default::default()).unwrap())
            .collect();
        let text: Vec<_> = devices.iter().map(|device| device.to_uri().expose().to_owned()).collect();
        let import = read(text.join("\n").as_bytes(), None).unwrap();
        prop_assert_eq!(import.entries.len(), devices.len());
        for (found, wanted) in import.entries.iter().zip(&devices) {
            let found = found.as_ref().unwrap();
            prop_assert!(found.seed.ct_eq(&wanted.seed));
            prop_assert_eq!(&found.name, &wanted.name);
        }
    }
}

#[test]
fn pictures_are_read() {
    let seed = Seed::from_bytes(SecretBytes::copy_of(&[7; 20])).unwrap();
    let device = OtpAuth::from_parts(
        "Amazon Web Services",
        "alice@123456789012",
        seed,
        Default::default(),
    )
    .unwrap();
    let png = qr::draw(&device.to_uri()).unwrap().to_png(4);
    let import = read(png.expose(), None).unwrap();
    assert!(import.entries[0].as_ref().unwrap().seed.ct_eq(&device.seed));

    let export = migration_uris(std::slice::from_ref(&device));
    let png = qr::draw(&export.uris[0]).unwrap().to_png(4);
    let import = read(png.expose(), None).unwrap();
    assert_eq!(import.entries.len(), 0);
    assert_eq!(import.parts[0].devices.len(), 1);

    let blank = qr::draw(&SecretString::copy_of("hello")).unwrap().to_png(4);
    let import = read(blank.expose(), None).unwrap();
    assert_eq!(
        import.entries[0].as_ref().unwrap_err().reason.code(),
        "entry-no-device"
    );
    assert_eq!(
        read(&png.expose()[..200], None).unwrap_err(),
        ImportError::Damaged
    );
}

#[test]
fn more_than_an_export_can_be_is_refused() {
    assert_eq!(
        read(&vec![b' '; MAX_BYTES + 1], None).unwrap_err(),
        ImportError::TooLarge
    );
    let line = "otpauth://totp/a?secret=GEZDGNBVGY3TQOJQGEZDGNBV\n";
    assert_eq!(
        read(line.repeat(MAX_ENTRIES + 1).as_bytes(), None).unwrap_err(),
        ImportError::TooLarge
    );
    assert_eq!(
        read(line.repeat(MAX_ENTRIES).as_bytes(), None)
            .unwrap()
            .entries
            .len(),
        MAX_ENTRIES
    );
}
