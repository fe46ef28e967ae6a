//! A vault in which nothing is left at its default. No record is made with `..`, so that a new field has to be filled
//! here before the tests build again.

use undercroft_model::*;
use undercroft_secret::SecretBytes;

use super::*;

pub(super) const ACCOUNT: ItemId = ItemId::from_bytes([0x11; 16]);
pub(super) const IDENTITY: ItemId = ItemId::from_bytes([0x21; 16]);
pub(super) const ROOT: ItemId = ItemId::from_bytes([0x22; 16]);
pub(super) const PROFILE: ItemId = ItemId::from_bytes([0x31; 16]);
const PHONE: DeviceId = DeviceId::from_bytes([0x41; 16]);
const KEY: &str = "AKIAIOSFODNN7EXAMPLE";

/// Fills a vault: items in use, in the bin, deleted, with histories, and the settings.
pub(super) fn fill(vault: &mut Vault) {
    for (id, content) in contents(vault) {
        vault.put(Some(id), content, NOW).unwrap();
    }
    // Histories: an edit of each kind.
    for id in [ACCOUNT, IDENTITY, PROFILE] {
        let mut content = vault.item(id).unwrap().live().unwrap().clone();
        match &mut content {
            Content::Account(account) => account.name = "Renamed: hex:00 and text: too".to_owned(),
            Content::Identity(identity) => {
                let field = Field::Password;
                let password = vault.seal(id, &field, &SecretBytes::copy_of("neu-ß-🔑".as_bytes()));
                let sign_on = identity.sign_on.as_mut().unwrap();
                sign_on.replace_password(password, NOW.plus_secs(60));
            }
            Content::Profile(profile) => profile.notes.push_str(", changed"),
            Content::Settings(_) | Content::Unknown { .. } => unreachable!(),
        }
        vault.put(Some(id), content, NOW.plus_secs(60)).unwrap();
    }
    let binned = ItemId::from_bytes([0x12; 16]);
    vault.bin(binned, NOW.plus_secs(90)).unwrap();
    let gone = ItemId::from_bytes([0x13; 16]);
    vault.delete(gone, NOW.plus_secs(90)).unwrap();
    vault.put_settings(settings(), NOW).unwrap();
    // Changed by two installations, as after a merge.
    vault.go_on_as(InstallationId::from_bytes([9; 16]));
    let mut root = vault.item(ROOT).unwrap().live().unwrap().clone();
    if let Content::Identity(identity) = &mut root {
        identity.notes.push_str(" from the other machine");
    }
    vault.put(Some(ROOT), root, NOW.plus_secs(120)).unwrap();
}

pub(super) fn contents(vault: &Vault) -> Vec<(ItemId, Content)> {
    let mut contents = vec![
        (
            ACCOUNT,
            Content::Account(account(vault, ACCOUNT, "482915736028")),
        ),
        (
            IDENTITY,
            Content::Identity(identity(vault, IDENTITY, iam("ines"))),
        ),
        (ROOT, Content::Identity(identity(vault, ROOT, root()))),
    ];
    for (number, id) in [(0x12, "100000000002"), (0x13, "100000000003")] {
        let item = ItemId::from_bytes([number; 16]);
        contents.push((item, Content::Account(account(vault, item, id))));
    }
    for (number, recipe) in (0x31..).zip(recipes()) {
        let item = ItemId::from_bytes([number; 16]);
        contents.push((item, Content::Profile(profile(number, recipe))));
    }
    contents.push((
        ItemId::from_bytes([0x51; 16]),
        Content::Unknown {
            kind: "of-a-newer-version".to_owned(),
            value: Value::Map(vec![(
                Value::Text("number".into()),
                Value::Integer(7.into()),
            )]),
        },
    ));
    contents
}

fn sealed(vault: &Vault, item: ItemId, field: &Field, secret: &str) -> SealedValue {
    vault.seal(item, field, &SecretBytes::copy_of(secret.as_bytes()))
}

fn custom(vault: &Vault, item: ItemId, number: u8) -> CustomSecret {
    let id = FieldId::from_bytes([number; 16]);
    CustomSecret {
        id,
        label: format!("PIN {number}"),
        value: sealed(
            vault,
            item,
            &Field::Custom(id),
            &format!("00{number} line\nend"),
        ),
        extra: Extra::new(),
    }
}

fn account(vault: &Vault, item: ItemId, id: &str) -> Account {
    let endpoint =
        |name: &str| Some(EndpointUrl::parse(&format!("https://{name}.example.com")).unwrap());
    Account {
        id: AccountId::parse(id).unwrap(),
        alias: Some(AccountAlias::parse("larkspur-prod").unwrap()),
        partition: Partition::Aws,
        name: "Larkspur “prod” <b>".to_owned(),
        colour: Colour::ALL[3],
        production: true,
        favourite: true,
        tags: vec![Tag::parse("team:web").unwrap(), Tag::parse("ünï").unwrap()],
        notes: "Two\nlines, a tab\t, a \\ and \u{1F511}".to_owned(),
        region: Some(Region::parse("eu-north-1").unwrap()),
        endpoints: Endpoints {
            sts: endpoint("sts"),
            iam: endpoint("iam"),
            sign_in: endpoint("signin"),
            extra: Extra::new(),
        },
        secrets: vec![custom(vault, item, 1), custom(vault, item, 2)],
        extra: Extra::new(),
    }
}

fn iam(name: &str) -> IdentityKind {
    IdentityKind::IamUser {
        name: UserName::parse(name).unwrap(),
    }
}

fn root() -> IdentityKind {
    IdentityKind::Root {
        email: EmailAddress::parse("root@larkspur.example").unwrap(),
    }
}

fn identity(vault: &Vault, item: ItemId, kind: IdentityKind) -> Identity {
    let is_root = kind.is_root();
    let key = |id: &str, secret: &str| {
        let id = AccessKeyId::parse(id).unwrap();
        AccessKey {
            secret: sealed(vault, item, &Field::AccessKeySecret(id.clone()), secret),
            id,
            state: KeyState::Active,
            added_at: NOW,
            created_at: Some(NOW.plus_secs(-86_400)),
            rotated_at: Some(NOW.plus_secs(-3_600)),
            last_used_at: Some(NOW.plus_secs(-60)),
            checked_at: Some(NOW.plus_secs(-30)),
            extra: Extra::new(),
        }
    };
    let device = |id: DeviceId, name: &str, seed: &[u8]| MfaDevice {
        id,
        name: name.to_owned(),
        serial: Some(Serial::parse(&format!("arn:aws:iam::482915736028:mfa/{name}")).unwrap()),
        seed: vault.seal(item, &Field::MfaSeed(id), &SecretBytes::copy_of(seed)),
        params: OtpParams {
            algorithm: OtpAlgorithm::Sha256,
            digits: Digits::new(8).unwrap(),
            period: PeriodSecs::new(60).unwrap(),
        },
        added_at: NOW,
        extra: Extra::new(),
    };
    let (phone, token) = if is_root {
        (
            DeviceId::from_bytes([0x43; 16]),
            DeviceId::from_bytes([0x44; 16]),
        )
    } else {
        (PHONE, DeviceId::from_bytes([0x42; 16]))
    };
    let name = |name: &str| {
        if is_root {
            format!("root-{name}")
        } else {
            name.to_owned()
        }
    };
    Identity {
        account: ACCOUNT,
        kind,
        favourite: true,
        notes: "notes of hers".to_owned(),
        sign_on: Some(SignOn {
            password: sealed(vault, item, &Field::Password, "present \"one\"\\ "),
            changed_at: NOW,
            past: vec![PastPassword {
                value: sealed(vault, item, &Field::Password, "before"),
                replaced_at: NOW.plus_secs(-1),
                extra: Extra::new(),
            }],
            extra: Extra::new(),
        }),
        devices: vec![
            // The bytes of a seed need be no text.
            device(
                phone,
                &name("phone"),
                &[0, 255, 1, 254, 128, 7, 9, 200, 13, 10],
            ),
            device(token, &name("token"), &[0x3c; 32]),
        ],
        keys: if is_root {
            vec![key("AKIAI44QH8DHBEXAMPLE", "root/key+SECRET")]
        } else {
            vec![
                key(KEY, "wJalrXUtnFEMI/K7MDENG"),
                key("AKIAI44QH8DHBEXAMPL2", "hex:second"),
            ]
        },
        secrets: vec![custom(vault, item, 3)],
        enrolment: Some(Enrolment {
            name: "half-made".to_owned(),
            started_at: NOW,
            device: Some(PHONE),
            enabled: true,
            extra: Extra::new(),
        }),
        extra: Extra::new(),
    }
}

fn profile(number: u8, recipe: Recipe) -> Profile {
    Profile {
        name: ProfileName::parse(&format!("profile-{number}")).unwrap(),
        recipe,
        region: Some(Region::parse("eu-west-1").unwrap()),
        output: Some(OutputFormat::YamlStream),
        duration: Some(DurationSecs::new(1_800).unwrap()),
        favourite: true,
        notes: "a profile".to_owned(),
        approval: Some(Approval::Always),
        extra: Extra::new(),
    }
}

fn recipes() -> Vec<Recipe> {
    let key = Some(AccessKeyId::parse(KEY).unwrap());
    let role = RoleArn::parse("arn:aws:iam::482915736028:role/deploy").unwrap();
    let policy =
        || Some(SessionPolicy::parse(r#"{"Version":"2012-10-17","Statement":[]}"#).unwrap());
    let arns = || vec![PolicyArn::parse("arn:aws:iam::aws:policy/ReadOnlyAccess").unwrap()];
    let tags = || {
        vec![SessionTag {
            key: "team".to_owned(),
            value: "web".to_owned(),
            transitive: true,
        }]
    };
    let assumed = |source: RoleSource| {
        Recipe::Role(Box::new(RoleRecipe {
            source,
            role: role.clone(),
            mfa: Mfa::Device { device: PHONE },
            external_id: Some(ExternalId::parse("ext-1").unwrap()),
            session_name: Some(RoleSessionName::parse("ines").unwrap()),
            source_identity: Some(SourceIdentity::parse("ines").unwrap()),
            tags: tags(),
            policy: policy(),
            policy_arns: arns(),
            extra: Extra::new(),
        }))
    };
    let web = |token: TokenSource| {
        Recipe::WebIdentity(Box::new(WebIdentityRecipe {
            role: role.clone(),
            token,
            session_name: Some(RoleSessionName::parse("web").unwrap()),
            policy: policy(),
            policy_arns: arns(),
            extra: Extra::new(),
        }))
    };
    vec![
        Recipe::LongTerm(KeyRecipe {
            identity: IDENTITY,
            key: key.clone(),
            extra: Extra::new(),
        }),
        Recipe::Session(SessionRecipe {
            identity: IDENTITY,
            key: key.clone(),
            mfa: Mfa::None,
            extra: Extra::new(),
        }),
        assumed(RoleSource::Identity {
            identity: IDENTITY,
            key: key.clone(),
        }),
        assumed(RoleSource::Profile { profile: PROFILE }),
        Recipe::Federated(Box::new(FederatedRecipe {
            identity: IDENTITY,
            key,
            name: FederatedName::parse("guest").unwrap(),
            policy: policy(),
            policy_arns: arns(),
            tags: tags(),
            extra: Extra::new(),
        })),
        web(TokenSource::File {
            path: "/run/token".to_owned(),
        }),
        web(TokenSource::Command {
            words: vec!["/usr/bin/print-token".to_owned(), "--now".to_owned()],
        }),
        Recipe::Sso(Box::new(SsoRecipe {
            start_url: "https://larkspur.awsapps.com/start".to_owned(),
            sso_region: Region::parse("eu-west-1").unwrap(),
            account: AccountId::parse("482915736028").unwrap(),
            role_name: "ReadOnly".to_owned(),
            sso_session: Some("corp".to_owned()),
            extra: Extra::new(),
        })),
        Recipe::Unknown {
            kind: "of-a-newer-version".to_owned(),
            value: Value::Map(vec![(
                Value::Text("bytes".into()),
                Value::Bytes(vec![0, 255]),
            )]),
        },
    ]
}

pub(super) fn settings() -> Settings {
    Settings {
        clipboard_clears_in_secs: 77,
        locks_after_idle_secs: 1_234,
        locks_with_screen: false,
        locks_on_sleep: false,
        keeps_window_on_close: true,
        quick_unlock: QuickUnlock::UntilLogout,
        theme: Theme::HighContrast,
        proxy: Some("http://proxy.example:3128".to_owned()),
        ca_bundle: Some(
            "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n".to_owned(),
        ),
        approval: Approval::Never,
        approval_rules: vec![ApprovalRule {
            program: "/usr/bin/terraform".to_owned(),
            script: Some("/home/ines/run.py".to_owned()),
            profile: Some(PROFILE),
            verdict: Verdict::Allow,
            added_at: NOW,
            extra: Extra::new(),
        }],
        pinned_order: vec![ROOT, IDENTITY],
        extra: Extra::new(),
    }
}
