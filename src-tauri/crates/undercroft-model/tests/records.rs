//! Records in CBOR: what is written is read, and what a newer version wrote is kept.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

#[path = "../benches/samples/mod.rs"]
mod samples;

use ciborium::{Value, cbor};
use proptest::prelude::*;
use undercroft_model::*;

fn encode<T: serde::Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

fn decode<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    ciborium::from_reader(bytes).map_err(|error| error.to_string())
}

fn as_value<T: serde::Serialize>(value: &T) -> Value {
    decode(&encode(value)).unwrap()
}

/// The entries of a map.
fn entries(value: &mut Value) -> &mut Vec<(Value, Value)> {
    value.as_map_mut().expect("a map")
}

fn entry<'a>(value: &'a mut Value, name: &str) -> &'a mut Value {
    let found = entries(value)
        .iter_mut()
        .find(|(key, _)| key.as_text() == Some(name));
    &mut found.expect("the entry").1
}

/// Fields as a newer version might add: every kind of CBOR value, tags and byte strings among them.
fn newer_fields() -> Vec<(Value, Value)> {
    let nested =
        cbor!({ "bytes" => Value::Bytes(vec![0, 255]), "list" => [1, -2, 2.5, null, true] })
            .unwrap();
    let tagged = Value::Tag(1, Box::new(Value::Integer(1_795_428_000.into())));
    let keyed = Value::Map(vec![(
        Value::Integer(7.into()),
        Value::Text("seven".into()),
    )]);
    vec![
        (
            Value::Text("newer-bytes".into()),
            Value::Bytes(vec![7; 300]),
        ),
        (Value::Text("newer-keyed".into()), keyed),
        (Value::Text("newer-nested".into()), nested),
        (Value::Text("newer-tagged".into()), tagged),
        (
            Value::Text("newer-text".into()),
            Value::Text("ä".repeat(5_000)),
        ),
    ]
}

/// Adds newer fields to every record within `value`; the maps that are no records are left as they are.
fn add_newer_fields(value: &mut Value) {
    if let Value::Map(map) = value {
        let names: Vec<String> = map
            .iter()
            .filter_map(|(key, _)| key.as_text().map(str::to_owned))
            .collect();
        let is = |known: &[&str]| known.iter().all(|name| names.iter().any(|has| has == name));
        map.iter_mut()
            .for_each(|(_, value)| add_newer_fields(value));
        let is_closed = [
            &["kind", "value"][..],
            &["live"],
            &["binned"],
            &["deleted"],
            &["root"],
            &["iam-user"],
            &["counter", "installation"],
            &["id", "sealed"],
            &["algorithm", "digits", "period"],
            &["email"],
            &["at", "content"],
            &["at"],
        ];
        let is_user_name = names == ["name"];
        if !is_user_name
            && !is_closed
                .iter()
                .any(|known| known.len() == names.len() && is(known))
        {
            map.extend(newer_fields());
        }
    } else if let Value::Array(values) = value {
        values.iter_mut().for_each(add_newer_fields);
    }
}

fn full_items() -> Vec<Item> {
    let mut items = samples::items(2, 6);
    let account = items[0].clone();
    let sealed = SealedValue {
        id: ValueId::from_bytes([9; 16]),
        sealed: vec![9; 5_000],
    };
    let secret = CustomSecret {
        id: FieldId::from_bytes([8; 16]),
        label: "PIN".into(),
        value: sealed.clone(),
        extra: Extra::new(),
    };
    if let ItemState::Live(Content::Account(account)) = &mut items[0].state {
        account.region = Some(Region::parse("eu-central-1").unwrap());
        account.endpoints.sts = Some(EndpointUrl::parse("http://localhost:4566").unwrap());
        account.secrets = vec![secret.clone()];
        account.colour = Colour::Teal;
        account.favourite = true;
        account.notes = "n".repeat(9_000);
    }
    if let ItemState::Live(Content::Identity(identity)) = &mut items[3].state {
        identity.secrets = vec![secret];
        identity
            .sign_on
            .as_mut()
            .unwrap()
            .replace_password(sealed, Timestamp::from_unix_secs(5));
    }
    let past = PastContent {
        revision: account.revision,
        replaced_at: Timestamp::from_unix_secs(-1),
        reason: PastReason::LostMerge,
        content: account.content().unwrap().clone(),
        extra: Extra::new(),
    };
    items[0].remember(past);
    let content = account.content().unwrap().clone();
    items.push(Item {
        state: ItemState::Binned {
            at: Timestamp::from_unix_secs(1),
            content,
        },
        ..account.clone()
    });
    items.push(Item {
        state: ItemState::Deleted {
            at: Timestamp::from_unix_secs(2),
        },
        ..account.clone()
    });
    items.push(Item {
        state: ItemState::Live(Content::Settings(Settings::default())),
        ..account
    });
    items
}

#[test]
fn items_round_trip() {
    for item in full_items() {
        assert_eq!(decode::<Item>(&encode(&item)), Ok(item));
    }
}

#[test]
fn fields_of_a_newer_version_survive_a_rewrite_everywhere() {
    for item in full_items() {
        let mut newer = as_value(&item);
        add_newer_fields(&mut newer);
        let read: Item = decode(&encode(&newer)).unwrap();
        assert_ne!(read, item);
        assert_eq!(read.extra.len(), newer_fields().len());
        assert!(
            as_value(&read) == newer,
            "a rewrite changed {:?}",
            item.state
        );
        // A second reading finds the same again.
        assert_eq!(decode::<Item>(&encode(&read)), Ok(read));
    }
}

#[test]
fn a_kind_of_a_newer_version_is_kept() {
    let mut value = as_value(&full_items()[0]);
    let newer = cbor!({ "kind" => "key-pair", "value" => { "bytes" => Value::Bytes(vec![1, 2]), "n" => 5 } }).unwrap();
    *entry(entry(&mut value, "state"), "live") = newer.clone();
    let item: Item = decode(&encode(&value)).unwrap();
    let content = item.live().unwrap();
    assert_eq!(content.kind(), "key-pair");
    assert!(matches!(content, Content::Unknown { .. }));
    assert_eq!(as_value(content), newer);
    assert_eq!(as_value(&item), value);
}

#[test]
fn a_value_may_stand_before_its_kind() {
    for item in full_items() {
        let Some(content) = item.content() else {
            continue;
        };
        let mut value = as_value(content);
        entries(&mut value).reverse();
        assert_eq!(decode::<Content>(&encode(&value)).as_ref(), Ok(content));
    }
}

#[test]
fn broken_records_are_refused() {
    let item = full_items().remove(2);
    let broken = |change: &dyn Fn(&mut Value)| {
        let mut value = as_value(&item);
        change(&mut value);
        decode::<Item>(&encode(&value)).unwrap_err()
    };
    let state = |value: &mut Value, change: &dyn Fn(&mut Value)| {
        change(entry(entry(value, "state"), "live"))
    };
    assert!(
        broken(&|value| entries(value).retain(|(key, _)| key.as_text() != Some("revision")))
            .contains("revision")
    );
    assert!(broken(&|value| *entry(value, "id") = Value::Bytes(vec![1; 15])).contains("16"));
    let twice = broken(&|value| {
        let copy = entries(value)[0].clone();
        entries(value).push(copy);
    });
    assert!(twice.contains("duplicate"), "{twice}");
    let unknown_twice = broken(&|value| {
        entries(value).push((Value::Text("new".into()), Value::Null));
        entries(value).push((Value::Text("new".into()), Value::Null));
    });
    assert!(unknown_twice.contains("twice"), "{unknown_twice}");
    broken(&|value| {
        state(value, &|content| {
            entries(content).push((Value::Text("more".into()), Value::Null))
        })
    });
    broken(&|value| state(value, &|content| entries(content).truncate(1)));
    broken(&|value| {
        state(value, &|content| {
            *entry(entry(content, "value"), "account") = Value::Text("x".into())
        })
    });
    let serial = broken(&|value| {
        state(value, &|content| {
            let devices = entry(entry(content, "value"), "devices");
            *entry(&mut devices.as_array_mut().unwrap()[0], "serial") =
                Value::Text("topsecretserial with spaces".into());
        });
    });
    assert!(!serial.contains("topsecret"), "{serial}");
}

#[test]
fn closed_maps_refuse_what_they_would_lose() {
    let revision = Revision::first(InstallationId::from_bytes([1; 16]));
    let sealed = SealedValue {
        id: ValueId::from_bytes([1; 16]),
        sealed: vec![],
    };
    let user = IdentityKind::IamUser {
        name: UserName::parse("jane").unwrap(),
    };
    let state = ItemState::Deleted {
        at: Timestamp::default(),
    };
    let with_more = |mut value: Value| {
        add_newer_fields(&mut value);
        entries(&mut value).push((Value::Text("more".into()), Value::Null));
        encode(&value)
    };
    decode::<Revision>(&with_more(as_value(&revision))).unwrap_err();
    decode::<SealedValue>(&with_more(as_value(&sealed))).unwrap_err();
    decode::<OtpParams>(&with_more(as_value(&OtpParams::default()))).unwrap_err();
    decode::<IdentityKind>(&with_more(as_value(&user))).unwrap_err();
    decode::<ItemState>(&with_more(as_value(&state))).unwrap_err();
}

#[test]
fn sealed_values_and_ids_are_byte_strings() {
    let sealed = SealedValue {
        id: ValueId::from_bytes([1; 16]),
        sealed: vec![2; 70],
    };
    let expected =
        cbor!({ "id" => Value::Bytes(vec![1; 16]), "sealed" => Value::Bytes(vec![2; 70]) })
            .unwrap();
    assert_eq!(as_value(&sealed), expected);
    let shown = format!("{sealed:?}");
    assert!(
        shown.contains("len: 70") && !shown.contains("2, 2"),
        "{shown}"
    );
}

#[test]
fn what_is_default_is_not_written() {
    let account = Account::new(AccountId::parse("123456789012").unwrap(), Partition::Aws);
    assert_eq!(
        as_value(&account),
        cbor!({ "id" => "123456789012", "partition" => "aws" }).unwrap()
    );
}

#[test]
fn wrong_settings_count_as_the_strict_ones_and_spoil_no_other() {
    let read = |value: Result<Value, _>| decode::<Settings>(&encode(&value.unwrap())).unwrap();
    assert_eq!(read(cbor!({})), Settings::default());
    let settings = read(cbor!({
        "clipboard_clears_in_secs" => 60,
        "locks_after_idle_secs" => 99_999_999,
        "locks_with_screen" => "no",
        "locks_on_sleep" => false,
        "quick_unlock" => "for-ever",
        "theme" => "sepia",
        "newer" => 1,
    }));
    let strict = Settings::default();
    assert_eq!(settings.clipboard_clears_in_secs, 60);
    assert_eq!(settings.locks_after_idle_secs, strict.locks_after_idle_secs);
    assert!(settings.locks_with_screen && !settings.locks_on_sleep);
    assert_eq!(settings.theme, Theme::System);
    assert_eq!(settings.quick_unlock, QuickUnlock::Off);
    let on = read(cbor!({ "quick_unlock" => "until-logout" }));
    assert_eq!(on.quick_unlock, QuickUnlock::UntilLogout);
    assert_eq!(decode::<Settings>(&encode(&on)), Ok(on));
    assert_eq!(
        settings.extra.field("newer"),
        Some(&Value::Integer(1.into()))
    );
    assert_eq!(decode::<Settings>(&encode(&settings)), Ok(settings));
    let proxied = read(cbor!({ "proxy" => "http://proxy.example:3128", "ca_bundle" => 7 }));
    assert_eq!(proxied.proxy.as_deref(), Some("http://proxy.example:3128"));
    assert_eq!(proxied.ca_bundle, None);
    assert_eq!(decode::<Settings>(&encode(&proxied)), Ok(proxied));
    for wrong in [0, 4, 601, -5, 1_i64 << 40] {
        assert_eq!(read(cbor!({ "clipboard_clears_in_secs" => wrong })), strict);
    }
}

/// Every setting as nobody would leave it.
fn loose_settings() -> Settings {
    Settings {
        clipboard_clears_in_secs: 600,
        locks_after_idle_secs: 86_400,
        locks_with_screen: false,
        locks_on_sleep: false,
        keeps_window_on_close: true,
        quick_unlock: QuickUnlock::UntilLogout,
        theme: Theme::Dark,
        proxy: Some("http://proxy.example:3128".into()),
        ca_bundle: Some("-----BEGIN CERTIFICATE-----".into()),
        approval: Approval::Never,
        approval_rules: vec![ApprovalRule {
            program: "/usr/bin/program".into(),
            script: None,
            profile: None,
            verdict: Verdict::Allow,
            added_at: Timestamp::from_unix_secs(0),
            extra: Extra::new(),
        }],
        pinned_order: vec![ItemId::from_bytes([7; 16])],
        extra: Extra::new(),
    }
}

#[test]
fn each_setting_of_each_wrong_kind_is_the_strict_one_and_spoils_no_other() {
    let loose = as_value(&loose_settings());
    let strict = as_value(&Settings::default());
    let field = |value: &Value, name: &str| {
        let found = value.as_map().unwrap().iter();
        let mut found = found.filter(|(key, _)| key.as_text() == Some(name));
        found.next().map(|(_, value)| value.clone())
    };
    let wrong = [
        Value::Null,
        Value::Bool(true),
        Value::Integer((-1).into()),
        Value::Integer(0.into()),
        Value::Integer(u64::MAX.into()),
        Value::Float(0.5),
        Value::Text("x".into()),
        Value::Text(String::new()),
        Value::Bytes(vec![0; 16]),
        Value::Array(Vec::new()),
        Value::Array(vec![Value::Integer(7.into())]),
        Value::Map(Vec::new()),
        Value::Tag(1, Box::new(Value::Null)),
    ];
    let names: Vec<String> = loose
        .as_map()
        .unwrap()
        .iter()
        .map(|(key, _)| key.as_text().unwrap().to_owned())
        .collect();
    assert_eq!(names.len(), 12);
    let mut cases = 0;
    for name in &names {
        for wrong in &wrong {
            let mut value = loose.clone();
            *entry(&mut value, name) = wrong.clone();
            let read = as_value(&decode::<Settings>(&encode(&value)).unwrap());
            let found = field(&read, name);
            let is_taken = found.as_ref() == Some(wrong);
            assert!(
                is_taken || found == field(&strict, name),
                "{name}: {wrong:?} became {found:?}"
            );
            // Taken for what it is only where it is one of the values that the window offers.
            let has_kind = std::mem::discriminant(wrong)
                == std::mem::discriminant(&field(&loose, name).unwrap());
            assert!(!is_taken || has_kind, "{name}: {wrong:?}");
            for other in names.iter().filter(|other| *other != name) {
                assert_eq!(
                    field(&read, other),
                    field(&loose, other),
                    "{name}: {wrong:?} spoils {other}"
                );
            }
            cases += 1;
        }
    }
    println!(
        "settings in the vault: {cases} wrong values; each read as the strict one, no other spoiled"
    );
}

#[test]
fn the_newer_revision_has_the_higher_counter() {
    let (low, high) = (
        InstallationId::from_bytes([1; 16]),
        InstallationId::from_bytes([2; 16]),
    );
    let first = Revision::first(high);
    assert!(first.next(low) > first);
    assert!(Revision::first(high) > Revision::first(low));
    assert_eq!(first.next(low).counter, 2);
}

#[test]
fn accounts_say_where_to_sign_in() {
    let mut account = Account::new(AccountId::parse("123456789012").unwrap(), Partition::AwsCn);
    let user = IdentityKind::IamUser {
        name: UserName::parse("jane").unwrap(),
    };
    let root = IdentityKind::Root {
        email: EmailAddress::parse("aws@example.com").unwrap(),
    };
    assert_eq!(account.title(), "123456789012");
    assert_eq!(
        account.sign_in_url(&user),
        "https://123456789012.signin.amazonaws.cn/console"
    );
    account.alias = Some(AccountAlias::parse("acme-prod").unwrap());
    assert_eq!(account.title(), "acme-prod");
    assert_eq!(
        account.sign_in_url(&user),
        "https://acme-prod.signin.amazonaws.cn/console"
    );
    assert_eq!(account.sign_in_url(&root), "https://console.amazonaws.cn/");
    account.endpoints.sign_in = Some(EndpointUrl::parse("https://sso.example.com/acme").unwrap());
    assert_eq!(account.sign_in_url(&root), "https://sso.example.com/acme");
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|number| Value::Integer(number.into())),
        any::<u64>().prop_map(|number| Value::Integer(number.into())),
        (-1e300..1e300_f64).prop_map(Value::Float),
        any::<String>().prop_map(Value::Text),
        any::<Vec<u8>>().prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((any::<String>().prop_map(Value::Text), inner.clone()), 0..4)
                .prop_map(Value::Map),
            // The low tags have meanings of their own (numbers), which reading resolves.
            (100..u64::MAX, inner).prop_map(|(tag, value)| Value::Tag(tag, Box::new(value))),
        ]
    })
}

proptest! {
    #[test]
    fn any_unknown_field_survives(name in "[a-z]{1,9}-[a-z]{0,5}", value in any_value()) {
        let mut account = Account::new(AccountId::parse("123456789012").unwrap(), Partition::Aws);
        account.extra.insert(name, value);
        prop_assert_eq!(decode::<Account>(&encode(&account)), Ok(account));
    }

    #[test]
    fn no_bytes_make_reading_panic(bytes in any::<Vec<u8>>(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let _ = decode::<Item>(&bytes);
        let mut changed = encode(&full_items()[at.index(9)]);
        let position = at.index(changed.len());
        changed[position] = byte;
        if let Ok(item) = decode::<Item>(&changed) {
            prop_assert_eq!(decode::<Item>(&encode(&item)), Ok(item));
        }
    }
}

fn profile_with(recipe: Recipe) -> Content {
    let mut profile = Profile::new(ProfileName::parse("work").expect("a name"), recipe);
    profile.region = Some(Region::parse("eu-west-1").expect("a region"));
    profile.output = Some(OutputFormat::YamlStream);
    profile.duration = Some(DurationSecs::new(900).expect("a duration"));
    profile.approval = Some(Approval::Always);
    Content::Profile(profile)
}

#[test]
fn profiles_of_every_kind_come_back() {
    let identity = ItemId::new_random();
    let key = Some(AccessKeyId::parse("AKIAIOSFODNN7EXAMPLE").expect("a key id"));
    let role = RoleArn::parse("arn:aws:iam::123456789012:role/deploy").expect("a role");
    let tag = SessionTag {
        key: "team".into(),
        value: "blue".into(),
        transitive: true,
    };
    let recipes = [
        Recipe::LongTerm(KeyRecipe {
            identity,
            key: key.clone(),
            extra: Extra::new(),
        }),
        Recipe::Session(SessionRecipe {
            identity,
            key: None,
            mfa: Mfa::Device {
                device: DeviceId::new_random(),
            },
            extra: Extra::new(),
        }),
        Recipe::Role(Box::new(RoleRecipe {
            source: RoleSource::Identity { identity, key },
            role: role.clone(),
            mfa: Mfa::None,
            external_id: None,
            session_name: Some(RoleSessionName::parse("jane").expect("a name")),
            source_identity: None,
            tags: vec![tag.clone()],
            policy: Some(SessionPolicy::parse("{}").expect("a policy")),
            policy_arns: vec![PolicyArn::read_only(Partition::Aws)],
            extra: Extra::new(),
        })),
        Recipe::Federated(Box::new(FederatedRecipe {
            identity,
            key: None,
            name: FederatedName::parse("jane").expect("a name"),
            policy: None,
            policy_arns: Vec::new(),
            tags: vec![tag],
            extra: Extra::new(),
        })),
        Recipe::WebIdentity(Box::new(WebIdentityRecipe {
            role,
            token: TokenSource::Command {
                words: vec!["/usr/bin/token".into(), "--audience".into()],
            },
            session_name: None,
            policy: None,
            policy_arns: Vec::new(),
            extra: Extra::new(),
        })),
        Recipe::Sso(Box::new(SsoRecipe {
            start_url: "https://example.awsapps.com/start".into(),
            sso_region: Region::parse("eu-west-1").expect("a region"),
            account: AccountId::parse("123456789012").expect("an id"),
            role_name: "ReadOnly".into(),
            sso_session: Some("work".into()),
            extra: Extra::new(),
        })),
    ];
    for recipe in recipes {
        let content = profile_with(recipe);
        assert_eq!(decode::<Content>(&encode(&content)), Ok(content));
    }
}

#[test]
fn a_recipe_of_a_newer_version_is_kept() {
    let stored = cbor!({
        "kind" => "profile",
        "value" => {
            "name" => "later",
            "recipe" => { "kind" => "passkey", "value" => { "hello" => 1 } },
            "sparkle" => true,
        },
    })
    .expect("CBOR");
    let content: Content = stored.deserialized().expect("a profile");
    let profile = content.as_profile().expect("a profile");
    assert_eq!(profile.recipe.kind(), "passkey");
    let again: Value = decode(&encode(&content)).expect("CBOR");
    assert_eq!(again, stored);
}
