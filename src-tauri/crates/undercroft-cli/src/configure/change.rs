//! What a profile's section becomes.

use undercroft_agent::ProfileRow;
use undercroft_aws::{
    files::{
        self, FoundSection, Parsed, Which, command_words,
        edit::{EditError, remove_keys, set_profile, shadowed_by},
    },
    format::{ProfileName, ProfileNameError},
};
use zeroize::Zeroizing;

const PROCESS: &str = "credential_process";

/// What tells how credentials are made, in whose place a profile of the vault can be.
const MAKING: [&str; 14] = [
    "role_arn",
    "source_profile",
    "parent_profile",
    "credential_source",
    "mfa_serial",
    "mfa_process",
    "external_id",
    "role_session_name",
    "duration_seconds",
    "source_identity",
    "session_tags",
    "transitive_session_tags",
    "web_identity_token_file",
    "web_identity_token_process",
];

/// Why a profile is left alone.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The credentials file has the profile too, and AWS's programs would use that.
    Credentials { keys: Vec<&'static str> },
    /// The section has something that AWS's programs use before a command, and that the vault's profile can replace.
    Config { keys: Vec<&'static str> },
    /// The section has a key in plain text.
    PlainKey,
    /// The section signs in in a way that no profile of the vault does.
    OtherWay { keys: Vec<&'static str> },
    /// The section assumes another role than the vault's profile.
    OtherRole,
    /// The section runs another program.
    OtherCommand,
    /// The name can't stand in a header.
    Name(ProfileNameError),
    /// The file does not allow the change.
    Edit(EditError),
}

/// Sets a profile's settings in the text of a config file; `replaces` says whether settings may go that the vault's profile
/// is in the place of.
pub(super) fn changed(
    text: &str,
    credentials: &Parsed,
    row: &ProfileRow,
    settings: &[(&str, String)],
    replaces: bool,
) -> Result<Zeroizing<String>, Refused> {
    let name = ProfileName::parse(&row.name).map_err(Refused::Name)?;
    let keys = shadowed_by(credentials, &row.name);
    if !keys.is_empty() {
        return Err(Refused::Credentials { keys });
    }
    let config = files::config::parse(text, Which::Config);
    if let Some(section) = config.profile(&row.name) {
        check(section, row, shadowed_by(&config, &row.name), replaces)?;
    }
    let settings: Vec<_> = settings
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    let mut edited = set_profile(text, &name, &settings).map_err(Refused::Edit)?;
    if replaces {
        // Afterwards, so that a section that would be left empty keeps its place.
        let set = edited.text.expose();
        edited = remove_keys(set, Which::Config, &row.name, &MAKING).map_err(Refused::Edit)?;
    }
    Ok(Zeroizing::new(edited.text.expose().to_owned()))
}

/// Whether the profile may be changed, with the settings that AWS's programs would use before a command.
fn check(
    section: &FoundSection,
    row: &ProfileRow,
    mut keys: Vec<&'static str>,
    replaces: bool,
) -> Result<(), Refused> {
    keys.retain(|key| *key != PROCESS);
    if keys.iter().any(|key| is_of_a_key(key)) {
        return Err(Refused::PlainKey);
    }
    let others = keys.iter().copied().filter(|key| !MAKING.contains(key));
    let others: Vec<_> = others.collect();
    if !others.is_empty() {
        return Err(Refused::OtherWay { keys: others });
    }
    let value = |key| section.setting(key).map(|setting| setting.value().expose());
    if !replaces {
        if !keys.is_empty() {
            return Err(Refused::Config { keys });
        }
        if value(PROCESS).is_some_and(|command| !is_ours(command)) {
            return Err(Refused::OtherCommand);
        }
    }
    let role = value("role_arn");
    if role.is_some_and(|role| row.role.as_deref() != Some(role)) {
        return Err(Refused::OtherRole);
    }
    Ok(())
}

/// Whether a setting is part of a key, or of a session made of one.
pub(super) fn is_of_a_key(setting: &str) -> bool {
    setting.starts_with("aws_")
}

/// Tells whether a command runs this program.
fn is_ours(command: &str) -> bool {
    let words = command_words(command).unwrap_or_default();
    let program = words.first().map(|word| word.expose());
    let name = program.and_then(|program| program.rsplit(['/', '\\']).next());
    matches!(name, Some("undercroft" | "undercroft.exe"))
}

/// Quotes a word where it needs it, so that botocore's splitting and a POSIX shell both see one word.
///
/// Some SDKs run the command in a shell, others split it themselves.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._+=,@:/-".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\"'\"'"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use undercroft_agent::{AccountRef, ProfileKind};
    use undercroft_model::AccountId;

    use super::*;

    fn row(name: &str) -> ProfileRow {
        ProfileRow {
            name: name.into(),
            kind: ProfileKind::Session,
            account: AccountRef {
                id: AccountId::parse("123456789012").unwrap(),
                alias: None,
            },
            identity: None,
            role: None,
            mfa: false,
            session: None,
            region: None,
            output: None,
        }
    }

    const ROLE: &str = "arn:aws:iam::123456789012:role/admin";

    fn changed_to(config: &str, row: &ProfileRow, replaces: bool) -> Result<String, Refused> {
        let none = Parsed::default();
        let command = format!("undercroft credential-process {}", row.name);
        let changed = changed(config, &none, row, &[(PROCESS, command)], replaces);
        changed.map(|text| text.to_string())
    }

    fn change(config: &str, name: &str) -> Result<String, Refused> {
        changed_to(config, &row(name), false)
    }

    fn replace(config: &str) -> Result<String, Refused> {
        let row = ProfileRow {
            kind: ProfileKind::Role,
            role: Some(ROLE.into()),
            ..row("shop")
        };
        changed_to(config, &row, true)
    }

    #[test]
    fn a_section_is_added_and_an_own_command_is_changed() {
        assert_eq!(
            change("", "shop").as_deref(),
            Ok("[profile shop]\ncredential_process = undercroft credential-process shop\n")
        );
        let old =
            "# mine\n[profile shop]\ncredential_process = /opt/undercroft credential-process x\n";
        assert_eq!(
            change(old, "shop").as_deref(),
            Ok("# mine\n[profile shop]\ncredential_process = undercroft credential-process shop\n")
        );
    }

    #[test]
    fn what_would_win_is_refused() {
        let keys = vec!["aws_access_key_id"];
        let credentials =
            files::config::parse("[shop]\naws_access_key_id = a\n", Which::Credentials);
        for replaces in [false, true] {
            let refused = changed("", &credentials, &row("shop"), &[], replaces);
            assert_eq!(refused, Err(Refused::Credentials { keys: keys.clone() }));
        }
        let keys = vec!["role_arn"];
        assert_eq!(
            change("[profile shop]\nrole_arn = a\n", "shop"),
            Err(Refused::Config { keys })
        );
        let other = "[profile shop]\ncredential_process = aws-vault export shop\n";
        assert_eq!(change(other, "shop"), Err(Refused::OtherCommand));
        assert!(matches!(change("", "a]b"), Err(Refused::Name(_))));
    }

    #[test]
    fn what_the_vault_has_goes_and_all_else_stays() {
        let config = format!(
            "[profile other]\nrole_arn = x\n\n# the shop\n[profile shop]\nrole_arn = {ROLE}\n\
             # by hand\nsource_profile = base\nregion=eu-west-1\nmfa_serial = m\ns3 =\n  max_queue_size = 1\n\
             duration_seconds = 900\noutput = text\ncli_pager =\n\n[profile last]\noutput = json\n"
        );
        assert_eq!(
            replace(&config).as_deref(),
            Ok(
                "[profile other]\nrole_arn = x\n\n# the shop\n[profile shop]\n\
                # by hand\nregion=eu-west-1\ns3 =\n  max_queue_size = 1\n\
                output = text\ncli_pager =\ncredential_process = undercroft credential-process shop\n\n\
                [profile last]\noutput = json\n"
            )
        );
        let only = format!("[profile shop]\nrole_arn = {ROLE}\n[profile last]\noutput = json\n");
        let place =
            replace(&only).map(|text| text.starts_with("[profile shop]\ncredential_process"));
        assert_eq!(place, Ok(true));
        let other = "[profile shop]\ncredential_process = aws-vault export shop\n";
        assert_eq!(replace(other), change("[profile shop]\n", "shop"));
    }

    #[test]
    fn what_the_vault_does_not_have_is_not_replaced() {
        let of = |settings: &str| replace(&format!("[profile shop]\n{settings}\n"));
        let other_way = |keys: &[&'static str]| {
            Err(Refused::OtherWay {
                keys: keys.to_vec(),
            })
        };
        assert_eq!(
            of("role_arn = arn:aws:iam::123456789012:role/b"),
            Err(Refused::OtherRole)
        );
        assert_eq!(
            of("sso_session = a\nsso_region = b"),
            other_way(&["sso_session"])
        );
        assert_eq!(of("login_session = a"), other_way(&["login_session"]));
        assert_eq!(of("aws_access_key_id = a"), Err(Refused::PlainKey));
        assert_eq!(of("aws_session_token = a"), Err(Refused::PlainKey));
        // A profile of the vault that is no role does not stand for one.
        let config = format!("[profile shop]\nrole_arn = {ROLE}\n");
        assert_eq!(
            changed_to(&config, &row("shop"), true),
            Err(Refused::OtherRole)
        );
    }

    proptest! {
        #[test]
        fn a_quoted_word_is_one_word(word in "\\PC{1,20}") {
            let words = command_words(&quoted(&word)).unwrap();
            let words: Vec<_> = words.iter().map(|word| word.expose()).collect();
            prop_assert_eq!(words, [word.as_str()]);
        }
    }
}
