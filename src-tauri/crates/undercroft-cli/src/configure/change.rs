//! What a profile's section becomes.

use undercroft_agent::ProfileRow;
use undercroft_aws::{
    files::{
        self, Parsed, Which, command_words,
        edit::{EditError, set_profile, shadowed_by},
    },
    format::{ProfileName, ProfileNameError},
};

const PROCESS: &str = "credential_process";

/// Why a profile is left alone.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The credentials file has the profile too, and AWS's programs would use that.
    Credentials { keys: Vec<&'static str> },
    /// The section has something that AWS's programs use before a command.
    Config { keys: Vec<&'static str> },
    /// The section runs another program.
    OtherCommand,
    /// The name can't stand in a header.
    Name(ProfileNameError),
    /// The file does not allow the change.
    Edit(EditError),
}

/// Sets a profile's settings in the text of a config file.
pub(super) fn changed(
    text: &str,
    credentials: &Parsed,
    row: &ProfileRow,
    settings: &[(&str, String)],
) -> Result<String, Refused> {
    let name = ProfileName::parse(&row.name).map_err(Refused::Name)?;
    let keys = shadowed_by(credentials, &row.name);
    if !keys.is_empty() {
        return Err(Refused::Credentials { keys });
    }
    let config = files::config::parse(text, Which::Config);
    let mut keys = shadowed_by(&config, &row.name);
    keys.retain(|key| *key != PROCESS);
    if !keys.is_empty() {
        return Err(Refused::Config { keys });
    }
    let command = config
        .profile(&row.name)
        .and_then(|section| section.setting(PROCESS));
    if command.is_some_and(|command| !is_ours(command.value().expose())) {
        return Err(Refused::OtherCommand);
    }
    let settings: Vec<_> = settings
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    set_profile(text, &name, &settings)
        .map(|edited| edited.text.expose().to_owned())
        .map_err(Refused::Edit)
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
pub(super) fn quoted(word: &str) -> String {
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

    fn change(config: &str, credentials: &str, name: &str) -> Result<String, Refused> {
        let credentials = files::config::parse(credentials, Which::Credentials);
        let command = format!("undercroft credential-process {name}");
        changed(config, &credentials, &row(name), &[(PROCESS, command)])
    }

    #[test]
    fn a_section_is_added_and_an_own_command_is_changed() {
        assert_eq!(
            change("", "", "shop").as_deref(),
            Ok("[profile shop]\ncredential_process = undercroft credential-process shop\n")
        );
        let old =
            "# mine\n[profile shop]\ncredential_process = /opt/undercroft credential-process x\n";
        assert_eq!(
            change(old, "", "shop").as_deref(),
            Ok("# mine\n[profile shop]\ncredential_process = undercroft credential-process shop\n")
        );
    }

    #[test]
    fn what_would_win_is_refused() {
        let keys = vec!["aws_access_key_id"];
        let credentials = "[shop]\naws_access_key_id = a\n";
        assert_eq!(
            change("", credentials, "shop"),
            Err(Refused::Credentials { keys })
        );
        let keys = vec!["role_arn"];
        assert_eq!(
            change("[profile shop]\nrole_arn = a\n", "", "shop"),
            Err(Refused::Config { keys })
        );
        let other = "[profile shop]\ncredential_process = aws-vault export shop\n";
        assert_eq!(change(other, "", "shop"), Err(Refused::OtherCommand));
        assert!(matches!(change("", "", "a]b"), Err(Refused::Name(_))));
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
