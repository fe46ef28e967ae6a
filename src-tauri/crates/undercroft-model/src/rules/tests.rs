use super::*;
use crate::*;

fn id(byte: u8) -> ItemId {
    ItemId::from_bytes([byte; 16])
}

fn now() -> Timestamp {
    Timestamp::from_unix_secs(1_795_000_000)
}

fn sealed(byte: u8) -> SealedValue {
    SealedValue {
        id: ValueId::from_bytes([byte; 16]),
        sealed: vec![byte; 44],
    }
}

fn account(digits: &str) -> Account {
    Account::new(AccountId::parse(digits).unwrap(), Partition::Aws)
}

fn user(name: &str) -> Identity {
    Identity::new(
        id(1),
        IdentityKind::IamUser {
            name: UserName::parse(name).unwrap(),
        },
    )
}

fn root() -> Identity {
    Identity::new(
        id(1),
        IdentityKind::Root {
            email: EmailAddress::parse("aws@example.com").unwrap(),
        },
    )
}

fn device(serial: Option<&str>) -> MfaDevice {
    MfaDevice {
        id: DeviceId::new_random(),
        name: "phone".to_owned(),
        serial: serial.map(|serial| Serial::parse(serial).unwrap()),
        seed: sealed(3),
        params: OtpParams::default(),
        added_at: now(),
        extra: Extra::new(),
    }
}

fn key(key_id: &str) -> AccessKey {
    AccessKey {
        id: AccessKeyId::parse(key_id).unwrap(),
        secret: sealed(4),
        state: KeyState::Unknown,
        added_at: now(),
        created_at: None,
        rotated_at: None,
        last_used_at: None,
        checked_at: None,
        extra: Extra::new(),
    }
}

fn check(
    identity: &Identity,
    own: Option<ItemId>,
    others: &[(ItemId, Content)],
) -> Result<(), IdentityRuleError> {
    let account = Content::Account(account("123456789012"));
    let others = others.iter().map(|(id, content)| (*id, content));
    check_identity(identity, own, others.chain([(id(1), &account)]))
}

#[test]
fn an_account_stands_once_per_partition() {
    let existing = Content::Account(account("123456789012"));
    let others = || [(id(1), &existing)];
    let twin = account("1234-5678-9012");
    assert_eq!(
        check_account(&twin, None, others()),
        Err(AccountRuleError::Duplicate { existing: id(1) })
    );
    assert_eq!(check_account(&twin, Some(id(1)), others()), Ok(()));
    let china = Account::new(twin.id.clone(), Partition::AwsCn);
    assert_eq!(check_account(&china, None, others()), Ok(()));
    assert_eq!(
        check_account(&account("210987654321"), None, others()),
        Ok(())
    );
}

#[test]
fn a_region_is_of_the_accounts_partition() {
    let mut account = account("123456789012");
    account.region = Some(Region::parse("cn-north-1").unwrap());
    assert_eq!(
        check_account(&account, None, []),
        Err(AccountRuleError::RegionOfOtherPartition {
            of_region: Partition::AwsCn,
            partition: Partition::Aws
        })
    );
    account.partition = Partition::AwsCn;
    assert_eq!(check_account(&account, None, []), Ok(()));
}

#[test]
fn tags_names_and_labels_are_checked() {
    let mut account = account("123456789012");
    account.tags = vec![Tag::parse("Prod").unwrap(), Tag::parse("prod").unwrap()];
    assert_eq!(
        check_account(&account, None, []),
        Err(AccountRuleError::DuplicateTag)
    );
    account.tags = (0..=MAX_TAGS)
        .map(|number| Tag::parse(&format!("tag {number}")).unwrap())
        .collect();
    assert_eq!(
        check_account(&account, None, []),
        Err(AccountRuleError::TooManyTags)
    );
    account.tags.clear();
    account.name = "two\nlines".to_owned();
    assert_eq!(
        check_account(&account, None, []),
        Err(AccountRuleError::Name(TextError::ControlCharacter))
    );
    account.name = "n".repeat(101);
    let too_long = TextError::TooLong {
        limit: 100,
        found: 101,
    };
    assert_eq!(
        check_account(&account, None, []),
        Err(AccountRuleError::Name(too_long))
    );
    account.name.clear();
    account.notes = "two\nlines\tare fine".to_owned();
    assert_eq!(check_account(&account, None, []), Ok(()));
    account.notes.push('\0');
    assert_eq!(
        check_account(&account, None, []),
        Err(AccountRuleError::Notes(TextError::ControlCharacter))
    );
    account.notes.clear();
    let secret = CustomSecret {
        id: FieldId::new_random(),
        label: " ".into(),
        value: sealed(1),
        extra: Extra::new(),
    };
    account.secrets = vec![secret];
    assert_eq!(
        check_account(&account, None, []),
        Err(AccountRuleError::Label(TextError::Empty))
    );
}

#[test]
fn an_account_has_one_root_user_and_distinct_iam_users() {
    let others = [
        (id(2), Content::Identity(root())),
        (id(3), Content::Identity(user("Jane"))),
    ];
    assert_eq!(
        check(&root(), None, &others),
        Err(IdentityRuleError::SecondRoot { existing: id(2) })
    );
    assert_eq!(check(&root(), Some(id(2)), &others), Ok(()));
    assert_eq!(
        check(&user("jane"), None, &others),
        Err(IdentityRuleError::DuplicateUser { existing: id(3) })
    );
    assert_eq!(check(&user("joan"), None, &others), Ok(()));
    let mut elsewhere = root();
    elsewhere.account = id(9);
    assert_eq!(
        check(&elsewhere, None, &others),
        Err(IdentityRuleError::NoAccount)
    );
}

#[test]
fn awss_limits_hold() {
    let mut identity = user("jane");
    identity.devices = (0..8).map(|_| device(None)).collect();
    identity.keys = vec![key("AKIAIOSFODNN7EXAMPL1"), key("AKIAIOSFODNN7EXAMPL2")];
    assert_eq!(check(&identity, None, &[]), Ok(()));
    identity.devices.push(device(None));
    assert_eq!(
        check(&identity, None, &[]),
        Err(IdentityRuleError::TooManyDevices)
    );
    identity.devices.clear();
    identity.keys.push(key("AKIAIOSFODNN7EXAMPL3"));
    assert_eq!(
        check(&identity, None, &[]),
        Err(IdentityRuleError::TooManyKeys)
    );
}

#[test]
fn a_serial_belongs_to_its_account_and_to_one_device() {
    let with = |serial: &str| {
        let mut identity = user("jane");
        identity.devices = vec![device(Some(serial))];
        identity
    };
    let own = "arn:aws:iam::123456789012:mfa/jane";
    assert_eq!(check(&with(own), None, &[]), Ok(()));
    assert_eq!(check(&with("GAHT12345678"), None, &[]), Ok(()));
    let other_account = with("arn:aws:iam::210987654321:mfa/jane");
    assert_eq!(
        check(&other_account, None, &[]),
        Err(IdentityRuleError::SerialOfOtherAccount)
    );
    let other_partition = with("arn:aws-cn:iam::123456789012:mfa/jane");
    assert_eq!(
        check(&other_partition, None, &[]),
        Err(IdentityRuleError::SerialOfOtherPartition)
    );

    let mut twice = with(own);
    twice.devices.push(device(Some(own)));
    assert_eq!(
        check(&twice, None, &[]),
        Err(IdentityRuleError::DuplicateSerial { existing: None })
    );
    let mut joan = with(own);
    joan.kind = user("joan").kind;
    let others = [(id(5), Content::Identity(with(own)))];
    assert_eq!(
        check(&joan, None, &others),
        Err(IdentityRuleError::DuplicateSerial {
            existing: Some(id(5))
        })
    );
}

#[test]
fn a_key_belongs_to_one_identity() {
    let mut jane = user("jane");
    jane.keys = vec![key("AKIAIOSFODNN7EXAMPLE"), key("AKIAIOSFODNN7EXAMPLE")];
    assert_eq!(
        check(&jane, None, &[]),
        Err(IdentityRuleError::DuplicateKey { existing: None })
    );
    jane.keys.pop();
    let mut joan = user("joan");
    joan.keys = jane.keys.clone();
    let others = [(id(5), Content::Identity(jane.clone()))];
    assert_eq!(
        check(&joan, None, &others),
        Err(IdentityRuleError::DuplicateKey {
            existing: Some(id(5))
        })
    );
    assert_eq!(check(&jane, Some(id(5)), &others), Ok(()));
}

#[test]
fn past_passwords_are_capped_and_in_order() {
    let mut sign_on = SignOn::new(sealed(0), now());
    for byte in 1..=30 {
        sign_on.replace_password(sealed(byte), now().plus_secs(i64::from(byte)));
    }
    assert_eq!(sign_on.password, sealed(30));
    assert_eq!(sign_on.changed_at, now().plus_secs(30));
    let past: Vec<u8> = sign_on
        .past
        .iter()
        .map(|past| past.value.sealed[0])
        .collect();
    assert_eq!(past, (10..30).collect::<Vec<u8>>());
}

#[test]
fn history_is_capped_and_the_bin_lasts_thirty_days() {
    let content = Content::Account(account("123456789012"));
    let mut item = Item {
        id: id(1),
        revision: Revision::first(InstallationId::from_bytes([1; 16])),
        created_at: now(),
        modified_at: now(),
        state: ItemState::Live(content.clone()),
        history: Vec::new(),
        extra: Extra::new(),
    };
    for counter in 1..=25 {
        item.remember(PastContent {
            revision: Revision {
                counter,
                installation: InstallationId::from_bytes([1; 16]),
            },
            replaced_at: now(),
            reason: PastReason::Edited,
            content: content.clone(),
            extra: Extra::new(),
        });
    }
    let counters: Vec<u64> = item
        .history
        .iter()
        .map(|past| past.revision.counter)
        .collect();
    assert_eq!(counters, (6..=25).collect::<Vec<u64>>());
    assert_eq!(item.leaves_bin_at(), None);
    item.state = ItemState::Binned { at: now(), content };
    assert_eq!(item.leaves_bin_at(), Some(now().plus_secs(30 * 24 * 3600)));
}
