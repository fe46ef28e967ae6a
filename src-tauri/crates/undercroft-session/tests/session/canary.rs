//! Canaries: secrets of every kind, and a look for them in everything that is printed or written.

use std::{fmt::Debug, fs};

use crate::stage::{
    self, Answers, KEY_SECRET, PASSWORD, SEED, Stage, device, files_below, key, password, secret,
};
use undercroft_aws::AwsErrorKind;
use undercroft_session::{
    CopyTarget, CustomSecretDraft, KeyDraft, LockReason, SecretRef, SessionFormat, SessionWish,
};

const CANARIES: [&str; 8] = [
    PASSWORD,
    SEED,
    "12345678901234567890", // The seed's bytes.
    KEY_SECRET,
    "SESSION-SECRET-CANARY",
    "SESSION-TOKEN-CANARY",
    "CONSOLE-PASSWORD-CANARY",
    "CUSTOM-SECRET-CANARY",
];

/// Everything that was printed on the way.
#[derive(Default)]
struct Printed(String);

impl Printed {
    fn add(&mut self, value: &impl Debug) {
        self.0.push_str(&format!("{value:?}\n{value:#?}\n"));
    }

    fn add_error<T: Debug>(&mut self, result: Result<T, undercroft_session::SessionError>) {
        let error = result.expect_err("it is refused");
        self.0.push_str(&format!("{error}\n"));
        self.add(&error);
    }
}

#[tokio::test]
async fn no_secret_is_printed_or_written_in_the_clear() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let session = &stage.session;
    let mut printed = Printed::default();

    session
        .set_password(filed.identity, secret("CONSOLE-PASSWORD-CANARY"))
        .await
        .unwrap();
    let draft = CustomSecretDraft {
        item: filed.identity,
        id: None,
        label: "PIN".to_owned(),
        value: Some(secret("CUSTOM-SECRET-CANARY")),
    };
    printed.add(&draft);
    let field = session.save_custom_secret(draft).await.unwrap();
    let answer = session.get_session(filed.wish()).await.unwrap();
    printed.add(&answer);
    printed.add(&device(filed.identity, "phone", SEED));
    printed.add(&key(filed.identity, stage::KEY));

    printed.add(&session.overview().await.unwrap());
    printed.add(&session.accounts().await.unwrap());
    printed.add(&session.account(filed.account).await.unwrap());
    printed.add(&session.identity(filed.identity).await.unwrap());
    printed.add(&session.search("jane".to_owned(), 9).await.unwrap());
    printed.add(&session.history(filed.identity).await.unwrap());
    printed.add(&session.sessions().await.unwrap());
    printed.add(&session.vault_details().await.unwrap());
    printed.add(&session.check_vault().await.unwrap());
    printed.add(&session.preview_seed(None, secret(SEED)).await.unwrap());
    let codes = session.codes(filed.identity).await.unwrap();
    let code = codes[0].code.as_str().to_owned();
    printed.add(&codes);
    let reveal = SecretRef::Custom {
        item: filed.identity,
        field,
    };
    printed.add(&session.reveal(reveal).await.unwrap());
    printed.add(&session.new_recovery_key(password()).await.unwrap());
    printed.add(session);

    // Refusals of what was typed into the wrong field.
    let mut draft = device(filed.identity, KEY_SECRET, "CONSOLE-PASSWORD-CANARY!");
    draft.serial = SEED.to_owned();
    printed.add_error(session.save_device(draft).await);
    let wrong = KeyDraft {
        secret: Some(secret("CUSTOM-SECRET-CANARY with spaces")),
        ..key(filed.identity, KEY_SECRET)
    };
    printed.add_error(session.save_access_key(wrong).await);
    let mut account = stage::account(KEY_SECRET);
    account.alias = SEED.to_owned();
    account.region = "CONSOLE-PASSWORD-CANARY".to_owned();
    account.sts_endpoint = "CUSTOM-SECRET-CANARY".to_owned();
    printed.add_error(session.save_account(account).await);
    printed.add_error(
        session
            .preview_seed(
                None,
                secret("otpauth://totp/x?secret=CUSTOM-SECRET-CANARY-0189"),
            )
            .await,
    );
    printed.add_error(
        session
            .verify_password(secret("CONSOLE-PASSWORD-CANARY"))
            .await,
    );
    printed.add_error(session.unlock_with_recovery_key(secret(KEY_SECRET)).await);
    stage
        .sts
        .will(Answers::Refusal(AwsErrorKind::AccessDenied, None));
    let wish = SessionWish {
        device: None,
        ..filed.wish()
    };
    printed.add_error(session.get_session(wish).await);

    for canary in CANARIES {
        assert!(!printed.0.contains(canary), "{canary} was printed");
    }
    assert!(!printed.0.contains(&code), "a code was printed");

    // What a person would find on the disk afterwards.
    session.lock(LockReason::User).await;
    let files = files_below(stage.folder.path());
    assert!(files.len() >= 5, "{files:?}");
    for path in files {
        let bytes = fs::read(&path).unwrap();
        for canary in CANARIES {
            let found = bytes
                .windows(canary.len())
                .any(|window| window == canary.as_bytes());
            assert!(!found, "{canary} stands in {}", path.display());
        }
    }
}

#[tokio::test]
async fn the_search_for_canaries_would_find_one() {
    // A control: the same look finds a secret where one is put on purpose.
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage.session.get_session(filed.wish()).await.unwrap();
    let live = stage.session.sessions().await.unwrap();
    let target = CopyTarget::Session {
        session: live[0].id,
        format: SessionFormat::Json,
    };
    stage.session.copy(target).await.unwrap();
    let mut printed = Printed::default();
    printed.add(&stage.platform.pasted());
    assert!(printed.0.contains("SESSION-SECRET-CANARY"));
}

#[cfg(unix)]
#[tokio::test]
async fn what_lies_beside_the_vault_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;

    let stage = Stage::unlocked().await;
    stage.filed().await;
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&stage.state_dir()), 0o700);
    assert_eq!(mode(&stage.state_file()), 0o600);
    assert_eq!(mode(&stage.state_dir().join("last.json")), 0o600);
    assert_eq!(mode(&stage.state_dir().join("installation")), 0o600);
}
