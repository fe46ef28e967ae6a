//! The label: `issuer:name`, with everything that programs have made of it.

use super::OtpAuthError;
use crate::percent::{self, Plus};
use crate::text::clean;

const MAX_ISSUER_BYTES: usize = 256;
const MAX_NAME_BYTES: usize = 512;

/// Issuer and name, cleaned.
pub(super) struct Label {
    pub(super) issuer: Option<String>,
    /// Only when it is another than `issuer`.
    pub(super) issuer_in_label: Option<String>,
    pub(super) name: String,
    /// Issuer and name as they stand in the path.
    pub(super) written: String,
    pub(super) had_hidden: bool,
}

impl Label {
    /// Splits the still encoded path, given the still encoded `issuer` parameter.
    ///
    /// In the issuer `+` is a space, since some programs form-encode the whole label; in the name it stands for
    /// itself, since AWS allows it in names.
    pub(super) fn parse(path: &str, issuer: Option<&str>) -> Result<Self, OtpAuthError> {
        let mut had_hidden = false;
        let mut cleaned = |text: &str, plus| {
            let cleaned = clean(&percent::decode(text, plus));
            had_hidden |= cleaned.had_hidden;
            cleaned.text
        };

        let parameter = issuer
            .map(|issuer| cleaned(issuer, Plus::Space))
            .filter(|issuer| !issuer.is_empty());
        let (in_label, name) = match &parameter {
            Some(parameter) => split_at_issuer(path, parameter).unwrap_or_else(|| split(path)),
            None => split(path),
        };
        let in_label = in_label.map(|issuer| cleaned(issuer, Plus::Space));
        let name = cleaned(name, Plus::Plus);

        let (issuer, issuer_in_label) = match (parameter, in_label) {
            (Some(parameter), Some(in_label)) if !same(&parameter, &in_label) => {
                (Some(parameter), Some(in_label))
            }
            (Some(parameter), _) => (Some(parameter), None),
            (None, in_label) => (in_label, None),
        };
        for issuer in [&issuer, &issuer_in_label].into_iter().flatten() {
            limit(issuer, MAX_ISSUER_BYTES)?;
        }
        limit(&name, MAX_NAME_BYTES)?;
        let written: String = cleaned(path, Plus::Plus)
            .chars()
            .take(MAX_ISSUER_BYTES + MAX_NAME_BYTES)
            .collect();
        Ok(Self {
            issuer,
            issuer_in_label,
            name,
            written,
            had_hidden,
        })
    }

    /// Lists every text of the label.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let issuers = [&self.issuer, &self.issuer_in_label].into_iter().flatten();
        issuers
            .chain([&self.name, &self.written])
            .map(String::as_str)
    }
}

fn limit(text: &str, limit: usize) -> Result<(), OtpAuthError> {
    if text.len() > limit {
        Err(OtpAuthError::LabelTooLong { limit })
    } else {
        Ok(())
    }
}

/// Splits where the part before the colon is the issuer that the parameter names, which may itself
/// have colons.
fn split_at_issuer<'a>(path: &'a str, issuer: &str) -> Option<(Option<&'a str>, &'a str)> {
    colons(path)
        .take(MAX_ISSUER_BYTES)
        .map(|(start, end)| (&path[..start], &path[end..]))
        .find(|(before, _)| same(&clean(&percent::decode(before, Plus::Space)).text, issuer))
        .map(|(before, name)| (Some(before), name))
}

/// Splits at the first colon that has an issuer before it, unless an ARN begins there.
fn split(path: &str) -> (Option<&str>, &str) {
    let mut name = path;
    loop {
        if begins_arn(name) {
            return (None, name);
        }
        let Some((start, end)) = colons(name).next() else {
            return (None, name);
        };
        let before = &name[..start];
        if !clean(&percent::decode(before, Plus::Space)).text.is_empty() {
            return (Some(before), &name[end..]);
        }
        name = &name[end..];
    }
}

fn begins_arn(path: &str) -> bool {
    // Only the beginning is decoded: `split` asks once for every leading colon.
    let beginning: String = path.chars().take(48).collect();
    let text = clean(&percent::decode(&beginning, Plus::Plus)).text;
    text.get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("arn:"))
}

/// Finds each colon, plain or encoded, as a range of bytes.
fn colons(path: &str) -> impl Iterator<Item = (usize, usize)> {
    path.bytes()
        .enumerate()
        .filter_map(move |(start, byte)| match byte {
            b':' => Some((start, start + 1)),
            b'%' => path
                .get(start..start + 3)
                .filter(|escape| escape.eq_ignore_ascii_case("%3a"))
                .map(|_| (start, start + 3)),
            _ => None,
        })
}

/// Compares issuers as people would: case and the kind of space do not matter.
fn same(left: &str, right: &str) -> bool {
    let words = |text: &str| {
        text.split_whitespace()
            .map(str::to_lowercase)
            .collect::<Vec<_>>()
    };
    words(left) == words(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_written_label_has_what_stands_in_the_path() {
        for (path, issuer, written) in [
            ("jane%40acme", Some("AWS"), "jane@acme"),
            ("AWS:jane%40acme", Some("AWS"), "AWS:jane@acme"),
            ("AWS%3A%20a+b", None, "AWS: a+b"),
            ("", Some("AWS"), ""),
            ("a%E2%80%AEb", None, "ab"),
        ] {
            let label = Label::parse(path, issuer).expect("a label");
            assert_eq!(label.written, written, "{path}");
        }
    }

    fn parts(path: &str, issuer: Option<&str>) -> (Option<String>, Option<String>, String) {
        let label = Label::parse(path, issuer).expect("a label");
        (label.issuer, label.issuer_in_label, label.name)
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn issuer_and_name_have_their_longest() {
        let issuer = "i".repeat(MAX_ISSUER_BYTES);
        let name = "n".repeat(MAX_NAME_BYTES);
        let longest = format!("{issuer}:{name}");
        let other = "o".repeat(MAX_ISSUER_BYTES);
        assert_eq!(parts(&longest, None), (some(&issuer), None, name.clone()));
        assert_eq!(
            parts(&longest, Some(&other)),
            (some(&other), some(&issuer), name.clone())
        );
        let limit_of = |path: &str, parameter: Option<&str>| match Label::parse(path, parameter) {
            Err(OtpAuthError::LabelTooLong { limit }) => limit,
            other => panic!("{:?}", other.map(|label| label.name)),
        };
        assert_eq!(limit_of(&format!("i{longest}"), None), MAX_ISSUER_BYTES);
        assert_eq!(
            limit_of(&format!("i{longest}"), Some("a")),
            MAX_ISSUER_BYTES
        );
        assert_eq!(limit_of("a", Some(&format!("{other}o"))), MAX_ISSUER_BYTES);
        assert_eq!(limit_of(&format!("{longest}n"), None), MAX_NAME_BYTES);
        assert_eq!(limit_of(&format!("{name}n"), None), MAX_NAME_BYTES);
    }

    #[test]
    fn the_written_label_is_cut() {
        // Leading colons count in it and in nothing else.
        let most = MAX_ISSUER_BYTES + MAX_NAME_BYTES;
        for colons in [most - 2, most - 1, most, most + 1] {
            let path = format!("{}ab", ":".repeat(colons));
            let label = Label::parse(&path, None).expect("a label");
            assert_eq!(label.name, "ab");
            assert_eq!(label.written, path[..most.min(path.len())]);
        }
    }

    #[test]
    fn a_colon_may_be_encoded_and_an_escape_broken() {
        for (path, issuer, name) in [
            ("a:b", Some("a"), "b"),
            ("a%3Ab", Some("a"), "b"),
            ("a%3ab", Some("a"), "b"),
            ("a%3Bb", None, "a;b"),
            ("a%3", None, "a%3"),
            ("a%", None, "a%"),
            ("a%3A", Some("a"), ""),
            ("a:", Some("a"), ""),
            (":b", None, "b"),
            ("%20:b", None, "b"),
            ("a%3é", None, "a%3é"),
            ("a:b:c", Some("a"), "b:c"),
            ("ARN:b:c", None, "ARN:b:c"),
            ("::arn%3Ab", None, "arn:b"),
            ("arnb:c", Some("arnb"), "c"),
            ("arn", None, "arn"),
        ] {
            let wanted = (issuer.map(str::to_owned), None, name.to_owned());
            assert_eq!(parts(path, None), wanted, "{path}");
        }
    }

    #[test]
    fn the_parameter_says_where_the_issuer_ends() {
        for (path, parameter, issuer, in_label, name) in [
            ("a:b:c", "a:b", "a:b", None, "c"),
            ("A%3AB:c", "a:b", "a:b", None, "c"),
            ("a++b:c", "A%20b", "A b", None, "c"),
            ("a:b:c", "b", "b", Some("a"), "b:c"),
            ("c", "a", "a", None, "c"),
            ("a:c", "%20", "a", None, "c"),
            ("a:c", "", "a", None, "c"),
            (":c", "a", "a", None, "c"),
        ] {
            let wanted = (some(issuer), in_label.map(str::to_owned), name.to_owned());
            assert_eq!(parts(path, Some(parameter)), wanted, "{path}, {parameter}");
        }
    }

    #[test]
    fn hidden_characters_are_noticed_in_each_text() {
        let had_hidden = |path, issuer| Label::parse(path, issuer).expect("a label").had_hidden;
        assert!(!had_hidden("a:b", Some("a")));
        assert!(had_hidden("a%00:b", None));
        assert!(had_hidden("a:b%00", None));
        assert!(had_hidden("b", Some("a%00")));
    }

    #[test]
    fn every_text_is_listed() {
        let label = Label::parse("a:b", Some("c")).expect("a label");
        assert_eq!(label.texts().collect::<Vec<_>>(), ["c", "a", "b", "a:b"]);
    }
}
