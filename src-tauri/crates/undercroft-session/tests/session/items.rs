//! What the vault holds: accounts, identities, devices, keys, secrets, the bin and the history.

use crate::stage::{
    KEY, KEY_SECRET, OTHER_SEED, SEED, Stage, account, device, key, problem, secret,
    session_profile,
};
use undercroft_model::{ItemId, KeyState, Partition, rules::IdentityRuleError};
use undercroft_session::{
    AccountDraft, BinnedKind, CustomSecretDraft, DeviceDraft, IdentityDraft, KeyDraft, Notice,
    SecretRef, SessionError, WhoKind,
};

fn fields(error: &SessionError) -> Vec<&'static str> {
    let SessionError::Invalid { problems } = error else {
        panic!("{error:?}");
    };
    problems.iter().map(|problem| problem.field).collect()
}

fn identity(account: ItemId, kind: WhoKind, name: &str) -> IdentityDraft {
    IdentityDraft {
        id: None,
        account,
        kind,
        name: name.to_owned(),
        notes: String::new(),
    }
}

async fn reveal(stage: &Stage, secret: SecretRef) -> Result<String, SessionError> {
    let text = stage.session.reveal(secret).await?;
    Ok(text.expose().to_owned())
}

#[tokio::test]
async fn every_field_that_can_not_be_taken_is_said_at_once() {
    let stage = Stage::unlocked().await;
    let draft = AccountDraft {
        account_id: "12345".to_owned(),
        alias: "Not An Alias".to_owned(),
        partition: "aws-mars".to_owned(),
        colour: "mauve".to_owned(),
        region: "Frankfurt".to_owned(),
        sts_endpoint: "http://sts.example.com".to_owned(),
        tags: vec!["good".to_owned(), "a,b".to_owned()],
        ..AccountDraft::default()
    };
    let refused = stage.session.save_account(draft).await.unwrap_err();
    let mut found = fields(&refused);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "account_id",
            "alias",
            "colour",
            "partition",
            "region",
            "sts_endpoint",
            "tags"
        ]
    );
    assert!(stage.session.accounts().await.unwrap().is_empty());
}

#[tokio::test]
async fn accounts_are_listed_favourites_first_then_by_name() {
    let stage = Stage::unlocked().await;
    for (digits, name) in [
        ("111111111111", "zebra"),
        ("222222222222", "Apple"),
        ("333333333333", ""),
    ] {
        let draft = AccountDraft {
            name: name.to_owned(),
            tags: vec!["shop".to_owned()],
            ..account(digits)
        };
        stage.session.save_account(draft).await.unwrap();
    }
    let names = || async {
        let rows = stage.session.accounts().await.unwrap();
        rows.into_iter().map(|row| row.name).collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["333333333333", "Apple", "zebra"]);
    let zebra = stage.session.accounts().await.unwrap()[2].id;
    stage.session.set_favourite(zebra, true).await.unwrap();
    assert_eq!(names().await, ["zebra", "333333333333", "Apple"]);
    let overview = stage.session.overview().await.unwrap();
    assert_eq!((overview.accounts, overview.tags.len()), (3, 1));
}

#[tokio::test]
async fn an_account_stands_once_in_the_vault_also_when_it_rests_in_the_bin() {
    let stage = Stage::unlocked().await;
    let first = stage.account("123456789012").await;
    let twin = || stage.session.save_account(account("1234-5678-9012"));
    let duplicate = |binned| SessionError::DuplicateAccount {
        item: first,
        name: "Account 123456789012".to_owned(),
        binned,
    };
    assert_eq!(twin().await, Err(duplicate(false)));
    stage.session.bin_item(first).await.unwrap();
    assert_eq!(twin().await, Err(duplicate(true)));
    let other = stage.session.save_account(account("210987654321")).await;
    other.expect("an account of another number");
    let china = AccountDraft {
        partition: "aws-cn".to_owned(),
        ..account("123456789012")
    };
    stage.session.save_account(china).await.unwrap();
    let gov = AccountDraft {
        partition: "aws-us-gov".to_owned(),
        ..account("123456789012")
    };
    let saved = stage.session.save_account(gov).await;
    saved.expect("another partition's account of the same number");
    let changed = AccountDraft {
        id: Some(first),
        ..account("123456789012")
    };
    assert_eq!(
        stage.session.save_account(changed).await,
        Err(SessionError::NoSuchItem),
        "not while binned"
    );
}

#[tokio::test]
async fn a_serial_and_a_key_belong_to_one_identity_also_after_others_changed() {
    let stage = Stage::unlocked().await;
    let account = stage.account("123456789012").await;
    let first = stage.user(account, "robin").await;
    stage.device(first, "phone", SEED).await;
    stage.key(first, KEY).await;
    let other = stage.user(account, "ada").await;
    let third = stage.user(account, "eve").await;
    for binned in [false, true] {
        if binned {
            stage.session.bin_item(other).await.unwrap();
        } else {
            stage.device(other, "tablet", OTHER_SEED).await;
        }
        let taken = device(third, "phone", OTHER_SEED);
        let refused = stage.session.save_device(taken).await.unwrap_err();
        assert_eq!(fields(&refused), ["serial"]);
        let taken = stage.session.save_access_key(key(third, KEY)).await;
        assert_eq!(fields(&taken.unwrap_err()), ["id"]);
    }
}

#[tokio::test]
async fn a_serial_of_another_account_is_called_that_also_when_it_is_filed_there() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let other = stage.account("210987654321").await;
    let there = stage.user(other, "jane.doe").await;
    let of = |identity, seed| DeviceDraft {
        serial: "arn:aws:iam::210987654321:mfa/tablet".to_owned(),
        ..device(identity, "tablet", seed)
    };
    stage.session.save_device(of(there, SEED)).await.unwrap();
    let refused = stage.session.save_device(of(filed.identity, OTHER_SEED));
    let said = IdentityRuleError::SerialOfOtherAccount.to_string();
    assert_eq!(problem(refused.await), ("serial", said));
}

#[tokio::test]
async fn an_account_keeps_what_a_draft_does_not_have() {
    let stage = Stage::unlocked().await;
    let id = stage.account("123456789012").await;
    stage.session.set_favourite(id, true).await.unwrap();
    let draft = AccountDraft {
        id: Some(id),
        alias: "acme".to_owned(),
        region: "eu-central-1".to_owned(),
        ..account("123456789012")
    };
    stage.session.save_account(draft).await.unwrap();
    let details = stage.session.account(id).await.unwrap();
    assert!(details.row.favourite);
    assert_eq!(details.row.partition, Partition::Aws);
    assert_eq!(details.region.unwrap().as_str(), "eu-central-1");
    assert_eq!(details.history, 1, "a favourite is no version");
    let wrong_partition = AccountDraft {
        id: Some(id),
        region: "cn-north-1".to_owned(),
        ..account("123456789012")
    };
    let refused = stage
        .session
        .save_account(wrong_partition)
        .await
        .unwrap_err();
    assert_eq!(fields(&refused), ["region"]);
}

#[tokio::test]
async fn one_root_user_and_each_user_name_once_per_account() {
    let stage = Stage::unlocked().await;
    let account = stage.account("123456789012").await;
    let save = |draft| stage.session.save_identity(draft);
    let root = save(identity(account, WhoKind::Root, "aws@example.com"))
        .await
        .unwrap();
    let second = save(identity(account, WhoKind::Root, "other@example.com")).await;
    assert_eq!(
        second,
        Err(SessionError::DuplicateIdentity {
            item: root,
            binned: false
        })
    );
    let jane = save(identity(account, WhoKind::IamUser, "jane.doe"))
        .await
        .unwrap();
    let second = save(identity(account, WhoKind::IamUser, "Jane.Doe")).await;
    assert_eq!(
        second,
        Err(SessionError::DuplicateIdentity {
            item: jane,
            binned: false
        })
    );
    stage.session.bin_item(jane).await.unwrap();
    let second = save(identity(account, WhoKind::IamUser, "jane.doe")).await;
    assert_eq!(
        second,
        Err(SessionError::DuplicateIdentity {
            item: jane,
            binned: true
        })
    );
    let elsewhere = stage.account("210987654321").await;
    let saved = save(identity(elsewhere, WhoKind::IamUser, "jane.doe")).await;
    saved.expect("another account's user of the same name");
    let refused = save(identity(account, WhoKind::Root, "no email"))
        .await
        .unwrap_err();
    assert_eq!(fields(&refused), ["name"]);
    let rows = stage.session.account(account).await.unwrap().identities;
    assert_eq!(rows.len(), 1);
    assert!(rows[0].kind.is_root());
}

#[tokio::test]
async fn sign_in_pages_follow_alias_partition_and_custom_endpoint() {
    let stage = Stage::unlocked().await;
    let with = |digits: &str, partition: &str, alias: &str, sign_in: &str| AccountDraft {
        partition: partition.to_owned(),
        alias: alias.to_owned(),
        sign_in_endpoint: sign_in.to_owned(),
        ..account(digits)
    };
    for (draft, kind, url) in [
        (
            with("111111111111", "aws", "", ""),
            WhoKind::IamUser,
            "https://111111111111.signin.aws.amazon.com/console",
        ),
        (
            with("222222222222", "aws", "acme", ""),
            WhoKind::IamUser,
            "https://acme.signin.aws.amazon.com/console",
        ),
        (
            with("333333333333", "aws", "acme-two", ""),
            WhoKind::Root,
            "https://console.aws.amazon.com/",
        ),
        (
            with("444444444444", "aws-cn", "acme", ""),
            WhoKind::IamUser,
            "https://acme.signin.amazonaws.cn/console",
        ),
        (
            with("555555555555", "aws", "", "https://login.example.com/aws"),
            WhoKind::IamUser,
            "https://login.example.com/aws",
        ),
    ] {
        let account = stage.session.save_account(draft).await.unwrap();
        let name = if kind == WhoKind::Root {
            "aws@example.com"
        } else {
            "jane"
        };
        let id = stage
            .session
            .save_identity(identity(account, kind, name))
            .await
            .unwrap();
        assert_eq!(stage.session.sign_in_url(id).await.unwrap(), url);
    }
}

#[tokio::test]
async fn console_passwords_are_kept_with_their_past() {
    let stage = Stage::unlocked().await;
    let account = stage.account("123456789012").await;
    let id = stage.user(account, "jane.doe").await;
    for password in ["first", "second"] {
        stage
            .session
            .set_password(id, secret(password))
            .await
            .unwrap();
        stage.clock.advance(60.0);
    }
    stage.session.generate_password(id).await.unwrap();
    let sign_on = stage.session.identity(id).await.unwrap().sign_on.unwrap();
    assert_eq!(sign_on.past.len(), 2);
    let mut past = Vec::new();
    for row in &sign_on.past {
        let value = SecretRef::PastPassword {
            identity: id,
            value: row.id,
        };
        past.push(reveal(&stage, value).await.unwrap());
    }
    assert_eq!(past, ["second", "first"], "newest first");
    let present = reveal(&stage, SecretRef::Password { identity: id })
        .await
        .unwrap();
    assert_eq!(present.len(), 20);
    stage.session.remove_password(id).await.unwrap();
    let gone = reveal(&stage, SecretRef::Password { identity: id }).await;
    assert_eq!(gone, Err(SessionError::NoSuchItem));
    let empty = stage
        .session
        .set_password(id, secret(""))
        .await
        .unwrap_err();
    assert_eq!(fields(&empty), ["password"]);
    let of_length = |length| stage.session.set_password(id, secret(&"ö".repeat(length)));
    of_length(128).await.unwrap();
    let long = of_length(129).await.unwrap_err();
    assert_eq!(fields(&long), ["password"]);
}

#[tokio::test]
async fn a_pasted_address_proposes_account_identity_and_serial() {
    let stage = Stage::unlocked().await;
    let draft = AccountDraft {
        alias: "acme".to_owned(),
        ..account("123456789012")
    };
    let account = stage.session.save_account(draft).await.unwrap();
    let jane = stage.user(account, "jane.doe").await;
    let uri = format!(
        "otpauth://totp/Amazon%20Web%20Services:jane.doe@acme?secret={SEED}&issuer=Amazon%20Web%20Services"
    );
    let preview = stage
        .session
        .preview_seed(None, secret(&uri))
        .await
        .unwrap();
    assert!(preview.from_uri && preview.usable_with_sts && !preview.weak);
    let long = secret(&format!("{uri}&digits=8"));
    let long = stage.session.preview_seed(None, long).await.unwrap();
    assert!(!long.usable_with_sts, "AWS takes codes of six digits");
    assert_eq!(preview.account.unwrap().id, account);
    assert_eq!(preview.identity, Some(jane));
    assert_eq!(preview.device_name.as_deref(), Some("jane.doe"));
    assert_eq!(
        preview.serial.unwrap().as_str(),
        "arn:aws:iam::123456789012:mfa/jane.doe"
    );
    assert_eq!((preview.bits, preview.duplicate_of), (160, None));

    // Saved with nothing else typed, it takes its name from the label.
    let mut draft = device(jane, "", &uri);
    draft.serial = String::new();
    let saved = stage.session.save_device(draft).await.unwrap();
    let details = stage.session.identity(jane).await.unwrap();
    assert_eq!(
        (details.devices[0].id, details.devices[0].name.as_str()),
        (saved, "jane.doe")
    );
    assert!(!details.devices[0].usable_with_sts, "for want of a serial");
}

/// A label of AWS as it stands in an address.
fn labelled(label: &str) -> String {
    format!("otpauth://totp/{label}?secret={OTHER_SEED}")
}

#[tokio::test]
async fn where_the_user_started_from_counts_only_in_the_account_that_the_label_names() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let preview = async |started_from, label: &str| {
        let typed = secret(&labelled(label));
        let preview = stage.session.preview_seed(started_from, typed).await;
        let preview = preview.unwrap();
        (preview.account.map(|row| row.id), preview.identity)
    };
    let other = stage.account("210987654321").await;
    let ada = stage.user(other, "ada").await;
    let robin = stage.user(other, "robin").await;
    let jane = Some(filed.identity);
    for (label, identity) in [
        ("ada@210987654321", Some(ada)),
        ("robin@210987654321", Some(robin)),
        ("eve@210987654321", None),
        ("root-account-mfa-device@210987654321", None),
    ] {
        for started_from in [None, jane] {
            let found = preview(started_from, label).await;
            assert_eq!(found, (Some(other), identity), "{label}");
        }
    }
    let found = preview(jane, "ada@123456789012").await;
    assert_eq!(found, (Some(filed.account), jane));
}

#[tokio::test]
async fn an_arn_names_the_account_of_its_own_partition() {
    let stage = Stage::unlocked().await;
    let mut accounts = Vec::new();
    for partition in ["aws", "aws-cn"] {
        let draft = AccountDraft {
            partition: partition.to_owned(),
            ..account("123456789012")
        };
        accounts.push(stage.session.save_account(draft).await.unwrap());
    }
    for (partition, account) in ["aws", "aws-cn"].into_iter().zip(accounts) {
        let arn = format!("arn:{partition}:iam::123456789012:mfa/phone");
        let typed = secret(&labelled(&arn));
        let preview = stage.session.preview_seed(None, typed).await.unwrap();
        assert_eq!(preview.account.map(|row| row.id), Some(account));
        assert_eq!(preview.serial.unwrap().as_str(), arn);
    }
}

#[tokio::test]
async fn a_device_of_identity_center_has_no_serial_and_nothing_to_do_with_sts() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let typed = secret(&labelled("AWS%20SSO:jane.doe"));
    let preview = stage.session.preview_seed(Some(filed.identity), typed);
    let preview = preview.await.unwrap();
    assert_eq!(preview.identity, Some(filed.identity));
    assert_eq!((preview.serial, preview.usable_with_sts), (None, false));
}

#[tokio::test]
async fn a_typed_seed_is_read_with_its_mistakes_and_duplicates_are_found() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let typed = "gezd gnbv gy3t qojq gezd gnbv gy3t qojq";
    let preview = stage
        .session
        .preview_seed(Some(filed.identity), secret(typed))
        .await
        .unwrap();
    assert!(!preview.from_uri);
    assert_eq!(preview.account.unwrap().id, filed.account);
    assert_eq!(preview.identity, Some(filed.identity));
    assert_eq!(preview.duplicate_of.as_deref(), Some("jane.doe / phone"));
    let corrected = stage
        .session
        .preview_seed(None, secret("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PX0"))
        .await
        .unwrap();
    assert_eq!(corrected.corrections.len(), 1);
    assert_eq!(corrected.duplicate_of, None);
    let weak = stage
        .session
        .preview_seed(None, secret("JBSWY3DPEHPK3PXP"))
        .await
        .unwrap();
    assert!(weak.weak);
    // RFC 4226 wants 128 bits.
    for (bytes, is_weak) in [(15, true), (16, false)] {
        let seed = data_encoding::BASE32_NOPAD.encode(&vec![7; bytes]);
        let uri = format!("otpauth://totp/phone?secret={seed}");
        for typed in [seed, uri] {
            let preview = stage.session.preview_seed(None, secret(&typed)).await;
            assert_eq!(preview.unwrap().weak, is_weak, "{typed}");
        }
    }
    let nothing = stage
        .session
        .preview_seed(None, secret("not a seed!"))
        .await
        .unwrap_err();
    assert_eq!(fields(&nothing), ["secret"]);
    assert!(!format!("{nothing:?} {nothing}").contains("not a seed"));

    let mut again = device(filed.identity, "copy", typed);
    again.serial = String::new();
    let refused = stage.session.save_device(again).await.unwrap_err();
    assert_eq!(fields(&refused), ["secret"]);
}

#[tokio::test]
async fn devices_keep_their_seed_when_only_the_rest_changes() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let code = || async {
        stage.session.codes(filed.identity).await.unwrap()[0]
            .code
            .as_str()
            .to_owned()
    };
    let before = code().await;
    let mut draft = device(filed.identity, "old phone", "");
    draft.id = Some(filed.device);
    draft.serial = "arn:aws:iam::123456789012:mfa/phone".to_owned();
    draft.secret = None;
    stage.session.save_device(draft.clone()).await.unwrap();
    assert_eq!(code().await, before);
    draft.digits = 8;
    stage.session.save_device(draft.clone()).await.unwrap();
    assert_eq!(code().await.len(), 8);
    let details = stage.session.identity(filed.identity).await.unwrap();
    assert!(!details.devices[0].usable_with_sts, "STS takes six digits");
    draft.digits = 9;
    draft.serial = "arn:aws:iam::210987654321:mfa/phone".to_owned();
    assert_eq!(
        fields(&stage.session.save_device(draft.clone()).await.unwrap_err()),
        ["digits"]
    );
    draft.digits = 6;
    assert_eq!(
        fields(&stage.session.save_device(draft).await.unwrap_err()),
        ["serial"]
    );
    let empty = device(filed.identity, "new", "");
    assert_eq!(
        fields(&stage.session.save_device(empty).await.unwrap_err()),
        ["secret"]
    );
    stage
        .session
        .remove_device(filed.identity, filed.device)
        .await
        .unwrap();
    assert!(
        stage
            .session
            .codes(filed.identity)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn eight_devices_and_two_keys_fit() {
    let stage = Stage::unlocked().await;
    let account = stage.account("123456789012").await;
    let id = stage.user(account, "jane.doe").await;
    for n in 0..8_u8 {
        let seed = data_encoding::BASE32.encode(&[n + 1; 20]);
        stage.device(id, &format!("device-{n}"), &seed).await;
    }
    let full = Err(SessionError::TooMany { limit: 8 });
    let ninth = || device(id, "ninth", OTHER_SEED);
    assert_eq!(stage.session.save_device(ninth()).await, full);
    let without_seed = DeviceDraft {
        secret: None,
        ..ninth()
    };
    let ninth = stage.session.save_device(without_seed).await;
    assert_eq!(ninth, full, "said before a seed is asked for");
    stage.key(id, KEY).await;
    let twice = stage
        .session
        .save_access_key(key(id, KEY))
        .await
        .unwrap_err();
    assert_eq!(fields(&twice), ["id"]);
    stage.key(id, "AKIAI44QH8DHBEXAMPLE").await;
    let third = stage
        .session
        .save_access_key(key(id, "AKIAIOSFODNN7EXAMPL3"))
        .await;
    assert_eq!(third, Err(SessionError::TooMany { limit: 2 }));
    let other = stage.user(account, "john.roe").await;
    let elsewhere = stage
        .session
        .save_access_key(key(other, KEY))
        .await
        .unwrap_err();
    assert_eq!(fields(&elsewhere), ["id"], "a key belongs to one identity");
}

#[tokio::test]
async fn a_key_keeps_its_secret_when_its_id_is_corrected() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let corrected = KeyDraft {
        existing: Some(filed.key.clone()),
        secret: None,
        state: KeyState::Inactive,
        created_on: "2026-02-03".to_owned(),
        ..key(filed.identity, "AKIAI44QH8DHBEXAMPLE")
    };
    stage.session.save_access_key(corrected).await.unwrap();
    let row = stage
        .session
        .identity(filed.identity)
        .await
        .unwrap()
        .keys
        .remove(0);
    assert_eq!(row.state, KeyState::Inactive);
    assert_eq!(row.created_at.unwrap().to_string(), "2026-02-03T00:00:00Z");
    let wanted = SecretRef::SecretKey {
        identity: filed.identity,
        key: row.id,
    };
    assert_eq!(reveal(&stage, wanted).await.unwrap(), KEY_SECRET);
    let (short, long) = ("k".repeat(15), "k".repeat(129));
    for text in [&short, &long, "wJalrXUtnFEMI K7MDENG bPxRfiCYEXAMPLEKEY"] {
        let bad = KeyDraft {
            secret: Some(secret(text)),
            ..key(filed.identity, "AKIAIOSFODNN7EXAMPL3")
        };
        assert_eq!(
            fields(&stage.session.save_access_key(bad).await.unwrap_err()),
            ["secret"],
            "{text}"
        );
    }
    let bad = KeyDraft {
        created_on: "yesterday".to_owned(),
        ..key(filed.identity, "not an id")
    };
    assert_eq!(
        fields(&stage.session.save_access_key(bad).await.unwrap_err()),
        ["id", "created_on"]
    );
}

#[tokio::test]
async fn custom_secrets_belong_to_accounts_and_identities() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    for item in [filed.account, filed.identity] {
        let draft = |id, label: &str, value: Option<&str>| CustomSecretDraft {
            item,
            id,
            label: label.to_owned(),
            value: value.map(secret),
        };
        let save = |draft| stage.session.save_custom_secret(draft);
        assert_eq!(
            fields(&save(draft(None, " ", Some("x"))).await.unwrap_err()),
            ["label"]
        );
        assert_eq!(
            fields(&save(draft(None, "PIN", None)).await.unwrap_err()),
            ["value"]
        );
        let field = save(draft(None, "PIN", Some("1234"))).await.unwrap();
        save(draft(Some(field), "Billing PIN", None)).await.unwrap();
        let wanted = SecretRef::Custom { item, field };
        assert_eq!(reveal(&stage, wanted.clone()).await.unwrap(), "1234");
        stage
            .session
            .remove_custom_secret(item, field)
            .await
            .unwrap();
        assert_eq!(reveal(&stage, wanted).await, Err(SessionError::NoSuchItem));
    }
}

#[tokio::test]
async fn an_account_goes_to_the_bin_with_its_identities_and_comes_back_with_them() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let early = stage.user(filed.account, "left.before").await;
    stage.session.bin_item(early).await.unwrap();
    let row = stage.session.accounts().await.unwrap().remove(0);
    assert_eq!(row.identities, 1, "those in the bin left out");
    stage.clock.advance(60.0);
    stage.session.bin_item(filed.account).await.unwrap();
    assert!(stage.session.accounts().await.unwrap().is_empty());
    assert_eq!(
        stage.session.identity(filed.identity).await,
        Err(SessionError::NoSuchItem)
    );
    let rows = stage.session.bin().await.unwrap();
    let kinds: Vec<_> = rows
        .iter()
        .map(|row| (row.kind, row.with_account))
        .collect();
    assert_eq!(
        kinds,
        [
            (BinnedKind::Account, false),
            (BinnedKind::Identity, true),
            (BinnedKind::Identity, true)
        ]
    );
    assert_eq!(rows[0].goes_at.secs_since(rows[0].binned_at), 30 * 86_400);
    stage.session.restore_item(filed.account).await.unwrap();
    let identities = stage
        .session
        .account(filed.account)
        .await
        .unwrap()
        .identities;
    assert_eq!(
        identities.len(),
        1,
        "the one that had left before stays in the bin"
    );
    assert_eq!(stage.session.bin().await.unwrap().len(), 1);
    assert_eq!(stage.session.codes(filed.identity).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_identity_comes_back_with_its_account() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage.user(filed.account, "john.roe").await;
    stage.session.bin_item(filed.account).await.unwrap();
    stage.session.restore_item(filed.identity).await.unwrap();
    let identities = stage
        .session
        .account(filed.account)
        .await
        .unwrap()
        .identities;
    assert_eq!(identities.len(), 1);
    assert_eq!(identities[0].id, filed.identity);
}

#[tokio::test]
async fn what_took_its_place_keeps_a_binned_item_from_coming_back() {
    let stage = Stage::unlocked().await;
    let account = stage.account("123456789012").await;
    let old = stage.user(account, "jane.doe").await;
    let new = stage.user(account, "john.roe").await;
    stage.session.bin_item(old).await.unwrap();
    let renamed = IdentityDraft {
        id: Some(new),
        ..identity(account, WhoKind::IamUser, "jane.doe")
    };
    let refused = stage.session.save_identity(renamed.clone()).await;
    assert_eq!(
        refused,
        Err(SessionError::DuplicateIdentity {
            item: old,
            binned: true
        })
    );
    stage.session.delete_item(old).await.unwrap();
    stage.session.save_identity(renamed).await.unwrap();
    assert_eq!(
        stage.session.restore_item(old).await,
        Err(SessionError::NoSuchItem)
    );
}

#[tokio::test]
async fn the_bin_is_emptied_by_hand_or_after_thirty_days() {
    let stage = Stage::unlocked().await;
    let first = stage.filed().await;
    stage.session.bin_item(first.account).await.unwrap();
    stage.session.empty_bin().await.unwrap();
    assert!(stage.session.bin().await.unwrap().is_empty());
    let second = stage.account("210987654321").await;
    stage.session.bin_item(second).await.unwrap();
    assert_eq!(stage.session.overview().await.unwrap().binned, 1);
    let stage = stage.restart().await;
    stage.clock.advance(30.0 * 86_400.0 - 1.0);
    stage.unlock().await;
    assert_eq!(stage.session.bin().await.unwrap().len(), 1);
    let stage = stage.restart().await;
    stage.clock.advance(1.0);
    stage.unlock().await;
    assert_eq!(stage.notices().await, [Notice::BinEmptied { items: 1 }]);
    assert!(stage.session.bin().await.unwrap().is_empty());
    stage.account("123456789012").await;
}

#[tokio::test]
async fn an_earlier_version_comes_back_and_the_present_one_stays_in_the_history() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage
        .session
        .set_password(filed.identity, secret("first"))
        .await
        .unwrap();
    stage
        .session
        .set_password(filed.identity, secret("second"))
        .await
        .unwrap();
    stage
        .session
        .remove_device(filed.identity, filed.device)
        .await
        .unwrap();
    let rows = stage.session.history(filed.identity).await.unwrap();
    assert_eq!(rows[0].differs_in, ["devices"]);
    assert_eq!(rows[1].differs_in, ["password", "devices"]);
    assert!(
        rows.iter()
            .all(|row| row.name == "jane.doe" && !row.lost_merge)
    );
    let count = rows.len();
    stage
        .session
        .restore_history(filed.identity, rows[1].index)
        .await
        .unwrap();
    let password = SecretRef::Password {
        identity: filed.identity,
    };
    assert_eq!(reveal(&stage, password).await.unwrap(), "first");
    assert_eq!(stage.session.codes(filed.identity).await.unwrap().len(), 1);
    assert_eq!(
        stage.session.history(filed.identity).await.unwrap().len(),
        count + 1
    );
    let gone = stage.session.restore_history(filed.identity, 999).await;
    assert_eq!(gone, Err(SessionError::NoSuchItem));
}

#[tokio::test]
async fn the_history_of_an_account_says_what_each_version_changed() {
    let stage = Stage::unlocked().await;
    let id = stage.account("123456789012").await;
    let newest = async || {
        let rows = stage.session.history(id).await.unwrap();
        rows[0].differs_in.clone()
    };
    let mut draft = AccountDraft {
        id: Some(id),
        ..account("123456789012")
    };
    type Change = fn(&mut AccountDraft);
    let changes: [(&str, Change); 10] = [
        ("account_id", |draft| draft.account_id = "2".repeat(12)),
        ("alias", |draft| draft.alias = "acme".to_owned()),
        ("partition", |draft| draft.partition = "aws-cn".to_owned()),
        ("name", |draft| draft.name = "Greenhouse".to_owned()),
        ("colour", |draft| draft.colour = "teal".to_owned()),
        ("production", |draft| draft.production = true),
        ("tags", |draft| draft.tags = vec!["shop".to_owned()]),
        ("notes", |draft| draft.notes = "Ask Robin.".to_owned()),
        ("region", |draft| draft.region = "cn-north-1".to_owned()),
        ("endpoints", |draft| {
            draft.iam_endpoint = "https://iam.example.com".to_owned();
        }),
    ];
    for (field, change) in changes {
        change(&mut draft);
        stage.session.save_account(draft.clone()).await.unwrap();
        assert_eq!(newest().await, [field]);
    }
    stage.session.set_favourite(id, true).await.unwrap();
    assert_eq!(newest().await, ["favourite", "endpoints"]);
    let pin = CustomSecretDraft {
        item: id,
        id: None,
        label: "PIN".to_owned(),
        value: Some(secret("1234")),
    };
    stage.session.save_custom_secret(pin).await.unwrap();
    assert_eq!(newest().await, ["secrets"]);
}

#[tokio::test]
async fn search_finds_accounts_and_identities_and_follows_changes() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let find = |query: &str| stage.session.search(query.to_owned(), 10);
    let hits = find("jane").await.unwrap();
    assert_eq!(hits[0].item, filed.identity);
    assert_eq!(hits[0].device, Some(filed.device));
    assert_eq!(hits[0].matched, [(0, 4)]);
    assert_eq!(hits[0].account.id, filed.account);
    assert!(
        find("12345")
            .await
            .unwrap()
            .iter()
            .any(|hit| hit.item == filed.account)
    );
    let draft = AccountDraft {
        id: Some(filed.account),
        name: "Greenhouse".to_owned(),
        ..account("123456789012")
    };
    stage.session.save_account(draft).await.unwrap();
    let found = find("greenh").await.unwrap();
    assert_eq!(found[0].item, filed.account);
    assert_eq!(
        (&*found[0].matched, &*found[0].matched_below),
        (&[(0, 6)][..], &[][..])
    );
    assert_eq!(found[1].item, filed.identity);
    assert_eq!(
        (&*found[1].matched, &*found[1].matched_below),
        (&[][..], &[(0, 6)][..])
    );
    stage.session.bin_item(filed.account).await.unwrap();
    assert!(find("greenh").await.unwrap().is_empty());
    assert!(find("jane").await.unwrap().is_empty());
}

#[tokio::test]
async fn equally_good_hits_begin_with_favourites_and_then_those_with_a_code() {
    let stage = Stage::unlocked().await;
    let mut users = Vec::new();
    for id in ["111111111111", "123456789012", "333333333333"] {
        let filed = stage.account(id).await;
        users.push(stage.user(filed, "jane.doe").await);
    }
    stage.device(users[1], "phone", SEED).await;
    stage.session.set_favourite(users[2], true).await.unwrap();
    let hits = stage.session.search("jane".to_owned(), 10).await.unwrap();
    let order: Vec<_> = hits.iter().map(|hit| hit.item).collect();
    assert_eq!(order, [users[2], users[1], users[0]]);
}

#[tokio::test]
async fn a_favourite_profile_is_found_before_its_like() {
    let stage = Stage::unlocked().await;
    let account = stage.account("123456789012").await;
    let user = stage.user(account, "robin").await;
    stage.key(user, KEY).await;
    let first = stage.profile(session_profile("nightly-a", user)).await;
    let second = stage.profile(session_profile("nightly-b", user)).await;
    let order = || async {
        let hits = stage.session.search("nightly".to_owned(), 10).await;
        let hits = hits.unwrap().into_iter();
        hits.map(|hit| hit.item).collect::<Vec<_>>()
    };
    assert_eq!(order().await, [first, second]);
    stage.session.set_favourite(second, true).await.unwrap();
    assert_eq!(order().await, [second, first]);
}
