//! MFA devices: whose they are by their labels, serials and seeds.

use super::*;
use undercroft_session::AccountDraft;

fn plain(label: &str, seed: &str) -> String {
    format!("otpauth://totp/{label}?secret={seed}\n")
}

fn of_issuer(issuer: &str, label: &str, seed: &str) -> String {
    format!("otpauth://totp/{issuer}:{label}?secret={seed}&issuer={issuer}\n")
}

/// Different seeds, by their numbers.
fn seed(number: u8) -> String {
    format!("{}{}", char::from(b'A' + number), &SEED[1..])
}

fn devices(file: &FoundFile) -> Vec<(&str, FoundStatus)> {
    let rows = rows(file).into_iter();
    rows.filter(|(kind, ..)| *kind == Device)
        .map(|(_, name, status)| (name, status))
        .collect()
}

#[tokio::test]
async fn a_device_of_another_issuer_goes_by_the_12_digits_and_has_no_serial() {
    let stage = Stage::unlocked().await;
    stage.account(ID).await;
    let lines = of_issuer("Okta", "jim%40123456789012", &seed(0))
        + &of_issuer("Duo", "jim%40123456789012", &seed(1));
    let list = write(&stage, "codes.txt", lines);
    let found = import(&stage, &[list]).await;
    assert_eq!(
        devices(&found[0]),
        [
            ("Okta:jim@123456789012", New),
            ("Duo:jim@123456789012", New)
        ]
    );
    let jim = user(&stage, ID, "jim").await;
    assert_eq!(jim.devices.len(), 2);
    assert!(jim.devices.iter().all(|device| device.serial.is_none()));
}

#[tokio::test]
async fn a_label_without_a_device_or_an_account_is_nobodys() {
    let stage = Stage::unlocked().await;
    let unnamed = AccountDraft {
        name: String::new(),
        ..stage::account("210987654321")
    };
    stage.session.save_account(unnamed).await.unwrap();
    // The key's account has no name either.
    let credentials = write(&stage, "credentials", keys("work", KEY, KEY_SECRET));
    let lines = [
        plain("jane.doe%40", &seed(0)),
        plain("%40123456789012", &seed(1)),
        plain("%20%40acme", &seed(2)),
    ];
    let list = write(&stage, "codes.txt", lines.concat());
    let found = import(&stage, &[list, credentials]).await;
    assert!(rows(&found[0]).is_empty(), "{found:?}");
    assert_eq!(found[0].problems.len(), 3);
    for problem in &found[0].problems {
        assert!(problem.contains("its label names no account"), "{problem}");
    }
}

#[tokio::test]
async fn a_device_that_is_not_imported_is_called_by_what_is_known_of_it() {
    let stage = Stage::unlocked().await;
    let lines = [
        "otpauth://totp/broken?secret=1\n".to_owned(),
        "otpauth://totp/?secret=1\n".to_owned(),
        format!("otpauth://totp/?secret={SEED}&issuer=Shop\n"),
        plain("", OTHER_SEED),
        "otpauth://totp/me?secret=GEZDGNBVGY3TQOJQ&issuer=AWS%20IAM%20Identity%20Center\n"
            .to_owned(),
    ];
    let list = write(&stage, "codes.txt", lines.concat());
    let found = import(&stage, &[list]).await;
    let wanted = [
        "broken: not imported: ",
        "a device is not imported: ",
        "Shop:: its label names no account",
        "a device without a label: its label names no account",
        "me: this device is for IAM Identity Center",
    ];
    assert_eq!(found[0].problems.len(), wanted.len(), "{found:?}");
    for words in wanted {
        let mut problems = found[0].problems.iter();
        assert!(
            problems.any(|problem| problem.starts_with(words)),
            "{words}: {found:?}"
        );
    }
}

#[tokio::test]
async fn a_user_has_eight_devices_and_no_ninth() {
    let stage = Stage::unlocked().await;
    let lines = (0..9).map(|n| otpauth(&format!("d{n}/jane%40123456789012"), &seed(n)));
    let list = write(&stage, "codes.txt", lines.collect::<String>());
    let found = import(&stage, &[list]).await;
    let devices = devices(&found[0]);
    assert_eq!(devices.len(), 9);
    assert!(devices[..8].iter().all(|(_, status)| *status == New));
    assert_eq!(devices[8].1, Conflict);
    let problems = &found[0].problems;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].contains("has 8 devices already"));
    assert_eq!(user(&stage, ID, "jane").await.devices.len(), 8);
}

#[tokio::test]
async fn a_seed_tells_whose_a_device_is_within_its_account() {
    let stage = Stage::unlocked().await;
    let lines = [
        otpauth("jane%40123456789012", SEED),
        otpauth("phone%40123456789012", SEED),
        otpauth("phone%40210987654321", SEED),
    ];
    let list = write(&stage, "codes.txt", lines.concat());
    let found = import(&stage, &[list]).await;
    assert_eq!(
        rows(&found[0]),
        [
            (Account, ID, New),
            (Identity, "jane", New),
            (Device, "jane@123456789012", New),
            (Device, "phone@123456789012", Duplicate),
            (Account, "210987654321", New),
            (Identity, "phone", New),
            (Device, "phone@210987654321", New),
        ]
    );
    assert_eq!(account_of(&stage, ID).await.identities.len(), 1);
}

#[tokio::test]
async fn no_two_users_get_a_device_of_one_serial() {
    let stage = Stage::unlocked().await;
    // The vault's user has the device of the serial that a device of the user called phone would have.
    let filed = stage.filed().await;
    let phone = stage.user(filed.account, "phone").await;
    let list = write(
        &stage,
        "codes.txt",
        otpauth("phone%40123456789012", OTHER_SEED),
    );
    let before = state(&stage).await;
    let found = import(&stage, &[list]).await;
    assert_eq!(state(&stage).await, before);
    assert!(rows(&found[0]).is_empty(), "{found:?}");
    assert_eq!(found[0].problems.len(), 1);
    let phone = stage.session.identity(phone).await.unwrap();
    assert!(phone.devices.is_empty());
}
