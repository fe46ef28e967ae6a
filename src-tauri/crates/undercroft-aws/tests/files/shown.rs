//! What the files read as, as JSON with the secrets in the clear: for vectors, whose secrets are made up.

use serde_json::{Map, Value, json};
use undercroft_aws::files::{
    AwsProfile, Keys, Kind, Parsed, Problem, ProcessCommand, Role, RoleSource, Sso, Which, config,
    console::FoundKeys, merge,
};

/// The profiles of both files, with all problems as `FILE:LINE:CODE`.
pub(crate) fn profiles(config: &str, credentials: &str) -> Value {
    let config = config::parse(config, Which::Config);
    let credentials = config::parse(credentials, Which::Credentials);
    let profiles = merge(&config, &credentials);
    let layout = config.problems.iter().chain(&credentials.problems);
    json!({
        "profiles": profiles.iter().map(profile).collect::<Vec<_>>(),
        "problems": layout.map(problem).collect::<Vec<_>>(),
    })
}

/// The settings as they stand in both files, the credentials file's over the config file's.
#[allow(dead_code, reason = "the example and the tests share this file")]
pub(crate) fn settings(config: &str, credentials: &str) -> Value {
    let config = config::parse(config, Which::Config);
    let credentials = config::parse(credentials, Which::Credentials);
    let mut profiles = Map::new();
    for parsed in [&config, &credentials] {
        for section in &parsed.profiles {
            let entry = profiles
                .entry(section.name.clone())
                .or_insert_with(|| json!({}));
            for (key, setting) in section.settings() {
                entry[key] = json!(setting.value().expose());
            }
        }
    }
    let sessions: Map<String, Value> = config.sso_sessions.iter().map(sso_session).collect();
    let problems = |parsed: &Parsed| parsed.problems.iter().map(problem).collect::<Vec<_>>();
    json!({
        "profiles": profiles,
        "sso_sessions": sessions,
        "problems": {"config": problems(&config), "credentials": problems(&credentials)},
    })
}

fn sso_session(section: &undercroft_aws::files::FoundSection) -> (String, Value) {
    let settings = section.settings();
    let settings: Map<String, Value> = settings
        .map(|(key, setting)| (key.to_owned(), json!(setting.value().expose())))
        .collect();
    (section.name.clone(), Value::Object(settings))
}

fn problem(problem: &Problem) -> String {
    let line = problem.line.map(|line| line.to_string());
    let line = line.unwrap_or_else(|| "-".to_owned());
    format!("{}:{line}:{}", problem.file.name(), problem.reason.code())
}

fn profile(profile: &AwsProfile) -> Value {
    let problems: Vec<_> = profile.problems.iter().map(problem).collect();
    let mut shown = object(json!({
        "name": profile.name,
        "kind": profile.kind.code(),
        "own_key": profile.own_key.as_ref().map(keys),
        "region": profile.region,
        "output": profile.output,
        "account": profile.account,
        "problems": if problems.is_empty() { Value::Null } else { json!(problems) },
    }));
    let kind = match &profile.kind {
        Kind::Keys(key) => keys(key),
        Kind::Role(role) => role_json(role),
        Kind::Sso(sso) => sso_json(sso),
        Kind::Process(command) => command_json(command),
        Kind::Login(arn) => json!({ "login": arn }),
        Kind::Session | Kind::Empty => json!({}),
    };
    shown.append(&mut object(kind));
    Value::Object(shown)
}

fn keys(keys: &Keys) -> Value {
    Value::Object(object(json!({
        "id": keys.id, "secret": keys.secret.expose(), "mfa_serial": keys.mfa_serial,
    })))
}

fn role_json(role: &Role) -> Value {
    let source = role.source.as_ref().map(|source| match source {
        RoleSource::Profile(name) => json!({ "profile": name }),
        RoleSource::Machine(machine) => json!({ "machine": machine.name() }),
        RoleSource::WebIdentity { token_file } => json!({ "token_file": token_file }),
    });
    let listed = |list: Value| (list != json!([])).then_some(list);
    json!({
        "role": role.arn,
        "source": source,
        "mfa_serial": role.mfa_serial,
        "external_id": role.external_id,
        "duration_secs": role.duration,
        "session_name": role.session_name,
        "source_identity": role.source_identity,
        "tags": listed(json!(role.tags)),
        "transitive_tags": listed(json!(role.transitive_tags)),
    })
}

fn sso_json(sso: &Sso) -> Value {
    json!({
        "sso": object(json!({
            "session": sso.session, "start_url": sso.start_url, "region": sso.region,
            "account": sso.account, "role_name": sso.role_name,
        })),
    })
}

fn command_json(command: &ProcessCommand) -> Value {
    let (program, profile) = match command {
        ProcessCommand::Undercroft { profile } => ("undercroft", profile.as_ref()),
        ProcessCommand::AwsVault { profile } => ("aws-vault", profile.as_ref()),
        ProcessCommand::Granted { profile } => ("granted", profile.as_ref()),
        ProcessCommand::Known { program } => (*program, None),
        ProcessCommand::Other => ("other", None),
    };
    json!({ "command": object(json!({ "program": program, "profile": profile })) })
}

/// A row of one of the console's files.
#[allow(dead_code, reason = "the example and the tests share this file")]
pub(crate) fn row(row: &FoundKeys) -> Value {
    let problems: Vec<_> = row.problems.iter().map(|problem| problem.code()).collect();
    Value::Object(object(json!({
        "user": row.user,
        "password": row.password.as_ref().map(|password| password.expose().to_owned()),
        "key": row.key.as_ref().map(|(id, secret)| json!([id, secret.expose()])),
        "account": row.account,
        "alias": row.alias,
        "partition": row.partition,
        "is_root": row.is_root.then_some(true),
        "problems": if problems.is_empty() { Value::Null } else { json!(problems) },
    })))
}

/// Leaves out what is null.
fn object(value: Value) -> Map<String, Value> {
    let Value::Object(fields) = value else {
        return Map::new();
    };
    fields
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect()
}
