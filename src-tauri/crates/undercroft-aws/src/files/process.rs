//! What a `credential_process` runs: told by its words, never run.

use undercroft_secret::SecretString;

/// Whose command a `credential_process` is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProcessCommand {
    /// `undercroft credential-process PROFILE`.
    Undercroft {
        /// The profile that it asks for.
        profile: Option<String>,
    },
    /// `aws-vault exec PROFILE` or `aws-vault export PROFILE`.
    AwsVault {
        /// The profile that it asks for.
        profile: Option<String>,
    },
    /// `granted credential-process --profile PROFILE`.
    Granted {
        /// The profile that it asks for.
        profile: Option<String>,
    },
    /// A program that keeps credentials itself or fetches them elsewhere, by its file name.
    Known {
        /// The program.
        program: &'static str,
    },
    /// Any other.
    Other,
}

/// Programs that are known by name; what they are told is not looked at.
const KNOWN: [&str; 15] = [
    "aws",
    "aws-okta",
    "aws-runas",
    "aws-sso",
    "aws-sso-util",
    "aws2-wrap",
    "aws_signing_helper",
    "awsume",
    "gimme-aws-creds",
    "leapp",
    "okta-aws-cli",
    "op",
    "pass",
    "saml2aws",
    "vault",
];

impl ProcessCommand {
    /// Tells whose command this is.
    pub(crate) fn of(command: &str) -> Self {
        let words = command_words(command).unwrap_or_default();
        let words: Vec<&str> = words.iter().map(SecretString::expose).collect();
        let Some((first, rest)) = words.split_first() else {
            return Self::Other;
        };
        let program = first.rsplit(['/', '\\']).next().unwrap_or_default();
        let program = program.strip_suffix(".exe").unwrap_or(program);
        match program {
            "undercroft" => Self::Undercroft {
                profile: argument(rest, &["--vault", "--socket"]),
            },
            "aws-vault" => Self::AwsVault {
                profile: argument(rest, AWS_VAULT_OPTIONS),
            },
            "granted" | "dgranted" => Self::Granted {
                profile: option(rest, "--profile").map(str::to_owned),
            },
            _ => match KNOWN.iter().find(|known| **known == program) {
                Some(program) => Self::Known { program },
                None => Self::Other,
            },
        }
    }
}

/// Options of aws-vault that take a word of their own.
const AWS_VAULT_OPTIONS: &[&str] = &[
    "--backend",
    "--duration",
    "-d",
    "--format",
    "--mfa-token",
    "-t",
    "--prompt",
    "--region",
    "--keychain",
];

/// Finds the second word that is no option: the one behind the subcommand.
fn argument(words: &[&str], with_value: &[&str]) -> Option<String> {
    let mut words = words.iter().take_while(|word| **word != "--");
    let mut plain = Vec::new();
    while let Some(word) = words.next() {
        if with_value.contains(word) {
            words.next();
        } else if !word.starts_with('-') {
            plain.push(*word);
        }
    }
    plain.get(1).map(|name| (*name).to_owned())
}

/// Finds the value of `--NAME VALUE` or `--NAME=VALUE`.
fn option<'a>(words: &[&'a str], name: &str) -> Option<&'a str> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if *word == name {
            return words.next().copied();
        }
        let value = word.strip_prefix(name);
        if let Some(value) = value.and_then(|rest| rest.strip_prefix('=')) {
            return Some(value);
        }
    }
    None
}

/// Splits a command into words the way the SDKs do, without a shell: quotes hold words together, and a backslash
/// takes the character behind it as it is, between double quotes only before a quote or another backslash.
///
/// `None` when a quote doesn't close, or for more than 4096 bytes.
#[must_use]
pub fn command_words(text: &str) -> Option<Vec<SecretString>> {
    // Each word gets a buffer that it can't outgrow, so the square of the length must stay small.
    if text.len() > 4096 {
        return None;
    }
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let start = || String::with_capacity(text.len());
        match (quote, character) {
            (Some(open), close) if open == close => quote = None,
            (Some('"'), '\\') if matches!(characters.peek(), Some('"' | '\\')) => {
                word.get_or_insert_with(start).extend(characters.next());
            }
            (Some(_), inside) => word.get_or_insert_with(start).push(inside),
            (None, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_with(start);
            }
            (None, '\\') => word.get_or_insert_with(start).push(characters.next()?),
            (None, space) if space.is_whitespace() => {
                words.extend(word.take().map(SecretString::new));
            }
            (None, other) => word.get_or_insert_with(start).push(other),
        }
    }
    words.extend(word.map(SecretString::new));
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Option<Vec<String>> {
        let words = command_words(text)?;
        Some(words.iter().map(|word| word.expose().to_owned()).collect())
    }

    #[test]
    fn words_are_split_without_a_shell() {
        let split = words(r#"  a "b  c" d\ e'f $g' "h\"i\j" "" "#);
        let split = split.expect("quotes close");
        assert_eq!(split, ["a", "b  c", "d ef $g", "h\"i\\j", ""]);
        assert_eq!(words("a 'b"), None);
        assert_eq!(words("a\\"), None);
    }

    #[test]
    fn commands_are_told_by_their_program() {
        let profile = |name: &str| Some(name.to_owned());
        for (command, wanted) in [
            (
                "/usr/bin/undercroft --vault 'my vault' credential-process shop --unlock",
                ProcessCommand::Undercroft {
                    profile: profile("shop"),
                },
            ),
            (
                "aws-vault exec --duration 1h shop --json --prompt=ykman",
                ProcessCommand::AwsVault {
                    profile: profile("shop"),
                },
            ),
            (
                "\"C:\\\\Tools\\\\aws-vault.exe\" export --format=json shop",
                ProcessCommand::AwsVault {
                    profile: profile("shop"),
                },
            ),
            (
                "granted credential-process --profile shop --auto-login",
                ProcessCommand::Granted {
                    profile: profile("shop"),
                },
            ),
            (
                "granted credential-process --profile=shop",
                ProcessCommand::Granted {
                    profile: profile("shop"),
                },
            ),
            (
                "/opt/bin/aws-sso process --arn x",
                ProcessCommand::Known { program: "aws-sso" },
            ),
            ("./own-script --password x", ProcessCommand::Other),
            ("undercroft", ProcessCommand::Undercroft { profile: None }),
            ("", ProcessCommand::Other),
            ("'", ProcessCommand::Other),
        ] {
            assert_eq!(ProcessCommand::of(command), wanted, "{command}");
        }
    }
}
