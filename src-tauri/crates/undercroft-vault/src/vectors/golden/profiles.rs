//! Profiles of every kind, with nearly every field, and the rules of programs that ask for them.

use undercroft_model::{
    AccessKeyId, Approval, ApprovalRule, Content, DeviceId, DurationSecs, ExternalId,
    FederatedName, FederatedRecipe, ItemId, ItemState, KeyRecipe, Mfa, OutputFormat, PolicyArn,
    Profile, ProfileName, Recipe, Region, RoleArn, RoleRecipe, RoleSessionName, RoleSource,
    SessionPolicy, SessionRecipe, SessionTag, Settings, SourceIdentity, SsoRecipe, TokenSource,
    Verdict, WebIdentityRecipe,
};

use super::{Contents, account, at, iam_user, identity};
use crate::vectors::fixed;

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}"#;

fn item(name: &str) -> ItemId {
    ItemId::from_bytes(fixed(name))
}

fn key() -> Option<AccessKeyId> {
    Some(AccessKeyId::parse("AKIAIOSFODNN7EXAMPLE").unwrap())
}

fn role() -> RoleArn {
    RoleArn::parse("arn:aws:iam::444455556666:role/ops/deploy").unwrap()
}

fn tag(key: &str, value: &str, transitive: bool) -> SessionTag {
    SessionTag {
        key: key.to_owned(),
        value: value.to_owned(),
        transitive,
    }
}

fn read_only() -> PolicyArn {
    PolicyArn::parse("arn:aws:iam::aws:policy/ReadOnlyAccess").unwrap()
}

fn recipes() -> Vec<(&'static str, Recipe)> {
    let user = item("user");
    let session = SessionRecipe {
        identity: user,
        key: None,
        mfa: Mfa::Device {
            device: DeviceId::from_bytes(fixed("device of user")),
        },
        extra: Default::default(),
    };
    let direct = RoleRecipe {
        source: RoleSource::Identity {
            identity: user,
            key: key(),
        },
        role: role(),
        mfa: Mfa::None,
        external_id: Some(ExternalId::parse("partner-7").unwrap()),
        session_name: Some(RoleSessionName::parse("build.42").unwrap()),
        source_identity: Some(SourceIdentity::parse("jane").unwrap()),
        tags: vec![tag("team", "blue", false), tag("cost", "42", true)],
        policy: Some(SessionPolicy::parse(POLICY).unwrap()),
        policy_arns: vec![read_only()],
        extra: Default::default(),
    };
    let chained = RoleRecipe {
        source: RoleSource::Profile {
            profile: item("profile direct"),
        },
        mfa: Mfa::IfThere,
        external_id: None,
        session_name: None,
        source_identity: None,
        tags: Vec::new(),
        policy: None,
        policy_arns: Vec::new(),
        ..direct.clone()
    };
    let federated = FederatedRecipe {
        identity: user,
        key: None,
        name: FederatedName::parse("guest").unwrap(),
        policy: Some(SessionPolicy::parse(POLICY).unwrap()),
        policy_arns: vec![read_only()],
        tags: vec![tag("team", "", false)],
        extra: Default::default(),
    };
    let web = |token| {
        Recipe::WebIdentity(Box::new(WebIdentityRecipe {
            role: role(),
            token,
            session_name: None,
            policy: None,
            policy_arns: vec![read_only()],
            extra: Default::default(),
        }))
    };
    let path = "/var/run/secrets/token".to_owned();
    let words = vec!["/usr/bin/token".to_owned(), "--short".to_owned()];
    let long_term = KeyRecipe {
        identity: user,
        key: key(),
        extra: Default::default(),
    };
    let sso = SsoRecipe {
        start_url: "https://example.awsapps.com/start".to_owned(),
        sso_region: Region::parse("eu-west-1").unwrap(),
        account: "444455556666".parse().unwrap(),
        role_name: "Reader".to_owned(),
        sso_session: Some("corp".to_owned()),
        extra: Default::default(),
    };
    vec![
        ("session", Recipe::Session(session)),
        ("direct", Recipe::Role(Box::new(direct))),
        ("chained", Recipe::Role(Box::new(chained))),
        ("federated", Recipe::Federated(Box::new(federated))),
        ("by file", web(TokenSource::File { path })),
        ("by program", web(TokenSource::Command { words })),
        ("long-term", Recipe::LongTerm(long_term)),
        ("identity center", Recipe::Sso(Box::new(sso))),
        (
            "of later",
            Recipe::Unknown {
                kind: "roles-anywhere".to_owned(),
                value: ciborium::Value::Map(vec![("anchor".into(), "ta-1".into())]),
            },
        ),
    ]
}

/// An account and its user, a profile of every kind, and a rule of each verdict.
pub(super) fn profiles() -> Contents {
    let mut contents = Contents::default();
    let account = account(&mut contents, "account");
    contents.item("account", 1, ItemState::Live(Content::Account(account)));
    let user = identity(&mut contents, "user", "account", iam_user());
    contents.item("user", 1, ItemState::Live(Content::Identity(user)));
    for (name, recipe) in recipes() {
        let mut profile = Profile::new(ProfileName::parse(name).unwrap(), recipe);
        if name == "direct" {
            profile.region = Some(Region::parse("eu-central-1").unwrap());
            profile.output = Some(OutputFormat::YamlStream);
            profile.duration = Some(DurationSecs::new(7200).unwrap());
            profile.favourite = true;
            profile.notes = "For releases.".to_owned();
            profile.approval = Some(Approval::Always);
        }
        let state = ItemState::Live(Content::Profile(profile));
        contents.item(&format!("profile {name}"), 1, state);
    }
    let rule = |program: &str, profile, verdict| ApprovalRule {
        program: program.to_owned(),
        script: None,
        profile,
        verdict,
        added_at: at(70),
        extra: Default::default(),
    };
    let direct = Some(item("profile direct"));
    let script = ApprovalRule {
        script: Some("/home/jane/deploy.py".to_owned()),
        ..rule("/usr/bin/python3", direct, Verdict::Allow)
    };
    let settings = Settings {
        approval: Approval::Never,
        approval_rules: vec![script, rule("/usr/bin/curl", None, Verdict::Deny)],
        ..Settings::default()
    };
    contents.item("settings", 1, ItemState::Live(Content::Settings(settings)));
    contents
}
