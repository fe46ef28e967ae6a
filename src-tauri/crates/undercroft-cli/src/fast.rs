//! A short way for the one command that programs run again and again.
//!
//! Building the whole definition of the command line costs more than the rest of `credential-process`. So its usual forms
//! are recognised by hand, and everything else, mistakes and help included, is left to `clap`. A test holds both ways to
//! the same result.

use std::{ffi::OsString, path::PathBuf};

use crate::arguments::{Arguments, Command, Common, CredentialProcessArgs, Wait};

const NAME: &str = "credential-process";

/// Recognises `credential-process PROFILE` with options that it may have; nothing where `clap` has to look.
pub(crate) fn recognise(words: &[OsString]) -> Option<Arguments> {
    let mut common = Common::default();
    let (mut profile, mut unlock, mut wait) = (None, None, None);
    let mut is_named = false;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.to_str()? {
            "--vault" => once(&mut common.vault, next_path(&mut words)?)?,
            "--socket" => once(&mut common.socket, next_path(&mut words)?)?,
            "--json" => flag(&mut common.json)?,
            "--quiet" | "-q" => flag(&mut common.quiet)?,
            "--verbose" | "-v" => flag(&mut common.verbose)?,
            "--unlock" if is_named => once(&mut unlock, ())?,
            "--wait" if is_named => once(&mut wait, Wait::usual())?,
            NAME if !is_named => is_named = true,
            word if word.starts_with("--wait=") && is_named => {
                let secs = word.strip_prefix("--wait=")?;
                if !secs.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                once(&mut wait, Wait::of_secs(secs.parse().ok()?))?;
            }
            word if word.starts_with('-') => {
                let (place, path) = path_option(word)?;
                once(place.of(&mut common), path)?;
            }
            word if is_named => once(&mut profile, word.to_owned())?,
            _ => return None,
        }
    }
    if common.quiet && common.verbose {
        return None;
    }
    Some(Arguments {
        common,
        command: Command::CredentialProcess(CredentialProcessArgs {
            profile: profile?,
            unlock: unlock.is_some(),
            wait: wait.unwrap_or_default(),
        }),
    })
}

/// An option that takes a path.
#[derive(Clone, Copy)]
enum Place {
    Vault,
    Socket,
}

impl Place {
    fn of(self, common: &mut Common) -> &mut Option<PathBuf> {
        match self {
            Self::Vault => &mut common.vault,
            Self::Socket => &mut common.socket,
        }
    }
}

/// Reads `--vault=PATH` and `--socket=PATH`.
fn path_option(word: &str) -> Option<(Place, PathBuf)> {
    let (place, path) = match word.strip_prefix("--vault=") {
        Some(path) => (Place::Vault, path),
        None => (Place::Socket, word.strip_prefix("--socket=")?),
    };
    (!path.is_empty()).then(|| (place, PathBuf::from(path)))
}

/// A path of its own word; one that looks like an option is left to `clap`.
fn next_path<'a>(words: &mut impl Iterator<Item = &'a OsString>) -> Option<PathBuf> {
    let word = words.next()?;
    let is_plain = !word.is_empty() && !word.as_encoded_bytes().starts_with(b"-");
    is_plain.then(|| PathBuf::from(word))
}

/// Keeps a value; a second one is a mistake for `clap` to tell.
fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.is_none().then(|| *place = Some(value))
}

fn flag(place: &mut bool) -> Option<()> {
    (!*place).then(|| *place = true)
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use proptest::prelude::*;

    use super::*;

    fn slow(words: &[OsString]) -> Result<Arguments, clap::Error> {
        let name = OsString::from("undercroft");
        Arguments::try_parse_from(std::iter::once(&name).chain(words))
    }

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn usual_lines_take_the_short_way() {
        for line in [
            "credential-process prod",
            "credential-process prod --unlock",
            "credential-process --unlock --wait=20 prod",
            "credential-process prod --wait",
            "--socket /run/x credential-process prod",
            "--vault=/v --socket=/s -q credential-process prod --json",
            "credential-process prod --socket /s --verbose",
        ] {
            let fast = recognise(&words(line)).expect(line);
            assert_eq!(fast, slow(&words(line)).expect(line), "{line}");
        }
    }

    #[test]
    fn other_lines_are_left_to_clap() {
        for line in [
            "",
            "credential-process",
            "credential-process a b",
            "credential-process -- a",
            "credential-process --help",
            "credential-process a --wait 5",
            "--unlock credential-process a",
            "credential-process a --quiet -v",
            "ls",
            "-qv credential-process a",
        ] {
            assert!(recognise(&words(line)).is_none(), "{line}");
        }
    }

    fn word() -> impl Strategy<Value = OsString> {
        let fixed = prop::sample::select(vec![
            "credential-process",
            "prod",
            "--unlock",
            "--wait",
            "--wait=",
            "--wait=7",
            "--wait=+7",
            "--wait=4294967296",
            "--vault",
            "--vault=",
            "--vault=/v",
            "--socket",
            "--socket=/s",
            "--json",
            "--json=x",
            "--quiet",
            "-q",
            "--verbose",
            "-v",
            "-qv",
            "-",
            "--",
            "",
            "ls",
            "help",
        ]);
        prop_oneof![
            8 => fixed.prop_map(OsString::from),
            1 => "[ -~é]{0,8}".prop_map(OsString::from),
            1 => not_unicode(),
        ]
    }

    #[cfg(unix)]
    fn not_unicode() -> impl Strategy<Value = OsString> {
        use std::os::unix::ffi::OsStringExt;

        let any = prop::collection::vec(any::<u8>().prop_filter("no NUL", |b| *b != 0), 0..6);
        prop_oneof![any, Just(b"--vault=/\xff".to_vec())].prop_map(OsString::from_vec)
    }

    #[cfg(windows)]
    fn not_unicode() -> impl Strategy<Value = OsString> {
        use std::os::windows::ffi::OsStringExt;

        let any = prop::collection::vec(1_u16.., 0..6);
        any.prop_map(|units| OsString::from_wide(&units))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn both_ways_agree(
            mut words in prop::collection::vec(word(), 0..6),
            at in any::<prop::sample::Index>(),
        ) {
            if !words.is_empty() {
                let at = at.index(words.len());
                words[at] = "credential-process".into();
            }
            if let Some(fast) = recognise(&words) {
                prop_assert_eq!(Some(fast), slow(&words).ok());
            }
        }
    }
}
