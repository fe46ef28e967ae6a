//! What a change of a file of `~/.aws` looks like, without its secrets.

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};
use undercroft_model::{AccessKeyId, AccessKeyIdError};

use crate::files::keys;
use crate::files::lines::{LineRole, Lines};

/// Lines shown around a change.
const CONTEXT: usize = 3;
/// What stands for a secret.
const MASK: &str = "****";

/// Shows the change from `before` to `after` as a unified diff with three lines of context, without file names.
///
/// Values of secret keys are shown as `****`, in comments too, and so is what looks like a secret key anywhere else.
/// Empty when the texts are equal.
#[must_use]
pub fn diff(before: &str, after: &str) -> String {
    let (old, new) = (Lines::of(before), Lines::of(after));
    let (old_raw, new_raw) = (raw(&old), raw(&new));
    let (old_shown, new_shown) = (shown(&old), shown(&new));
    let changes = capture_diff_slices(Algorithm::Myers, &old_raw, &new_raw);
    let mut text = String::new();
    for group in group_diff_ops(changes, CONTEXT) {
        text.push_str(&heading(&group));
        for change in &group {
            let (tag, old, new) = change.as_tag_tuple();
            let mut write = |sign: char, lines: &[String]| {
                for line in lines {
                    text.push(sign);
                    text.push_str(line);
                }
            };
            if tag == DiffTag::Equal {
                write(' ', old_shown.get(old).unwrap_or_default());
            } else {
                write('-', old_shown.get(old).unwrap_or_default());
                write('+', new_shown.get(new).unwrap_or_default());
            }
        }
    }
    text
}

/// The line that says where a group of changes stands.
fn heading(group: &[DiffOp]) -> String {
    let span = |first: usize, end: usize| match end - first {
        // An empty range is named by the line before it, so GNU diff.
        0 => format!("{first},0"),
        1 => format!("{}", first + 1),
        length => format!("{},{length}", first + 1),
    };
    let ends = group.first().zip(group.last());
    let Some((first, last)) = ends else {
        return String::new();
    };
    format!(
        "@@ -{} +{} @@\n",
        span(first.old_range().start, last.old_range().end),
        span(first.new_range().start, last.new_range().end)
    )
}

fn raw<'a>(file: &Lines<'a>) -> Vec<(&'a str, &'a str)> {
    let lines = file.lines.iter();
    lines.map(|line| (line.content, line.end)).collect()
}

/// Every line as it may be shown, with its end.
fn shown(file: &Lines<'_>) -> Vec<String> {
    let mut in_secret = false;
    let lines = file.lines.iter().map(|line| {
        let content = match line.role {
            LineRole::Setting { key, .. } => {
                in_secret = keys::is_secret(key);
                masked(line.content)
            }
            LineRole::Continuation(_) if in_secret => format!("{}{MASK}", line.indent()),
            LineRole::Stray => format!("{}{MASK}", line.indent()),
            LineRole::Blank
            | LineRole::Comment
            | LineRole::Header(_)
            | LineRole::Continuation(_) => masked(line.content),
        };
        let end = if line.end.is_empty() {
            "\n\\ No newline at end of file\n"
        } else {
            "\n"
        };
        content + end
    });
    lines.collect()
}

/// Hides what follows a secret key's name, and whatever has the shape of a secret access key.
fn masked(content: &str) -> String {
    let Some(at) = value_of_secret(content) else {
        return content
            .split_inclusive(|c: char| c.is_whitespace() || matches!(c, '=' | ':' | '"' | '\''))
            .map(|word| {
                let visible = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
                let is_secret = matches!(
                    AccessKeyId::parse(visible),
                    Err(AccessKeyIdError::LooksLikeSecret)
                );
                if is_secret {
                    word.replacen(visible, MASK, 1)
                } else {
                    word.to_owned()
                }
            })
            .collect();
    };
    let (name, value) = content.split_at_checked(at).unwrap_or((content, ""));
    let spaces = value.len() - value.trim_start().len();
    let spaces = value.get(..spaces).unwrap_or_default();
    format!("{name}{spaces}{MASK}")
}

/// Finds the place behind the sign that follows a secret key's name.
fn value_of_secret(content: &str) -> Option<usize> {
    let mut start = 0;
    for part in content.split_inclusive(['=', ':']) {
        start += part.len();
        if part.len() < content.len() && keys::is_secret(part) && part.ends_with(['=', ':']) {
            return Some(start);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_shown_with_three_lines_around_it() {
        let before = "a\nb\n[c]\nd = 1\ne = 2\nf = 3\ng = 4\nh = 5\n";
        let after = "a\nb\n[c]\nd = 1\ne = 2\nf = 9\ng = 4\nh = 5";
        assert_eq!(
            diff(before, after),
            "@@ -3,6 +3,6 @@\n [c]\n d = 1\n e = 2\n-f = 3\n+f = 9\n g = 4\n-h = 5\n+h = 5\n\\ No newline at end of file\n"
        );
        assert_eq!(diff(before, before), "");
        assert_eq!(diff("", "[c]\n"), "@@ -0,0 +1 @@\n+[c]\n");
    }

    #[test]
    fn no_secret_is_shown() {
        let before = "[a]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\nAWS_Secret_Access_Key=hunter1\n  hunter2\n\
            # aws_session_token : hunter3=hunter4\nregion = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\nhunter5\n\
            credential_process = x\n  aws_secret_access_key = hunter6\n";
        for shown in [diff(before, ""), diff("", before), diff(before, "[a]\n")] {
            assert!(!shown.contains("hunter"), "{shown}");
            assert!(!shown.contains("wJalr"), "{shown}");
            assert!(shown.contains("AKIAIOSFODNN7EXAMPLE"));
            assert!(shown.contains("AWS_Secret_Access_Key=****\n"));
            assert!(shown.contains("# aws_session_token : ****\n"));
        }
    }
}
