//! Feeds files to the readers and the editor of `~/.aws`: nothing may panic, what is set must be read and what is removed
//! be gone, and all other lines must stay, byte for byte.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use undercroft_aws::files::{
    FoundSection, Parsed, Which, config, decode, diff, edit, merge, recognise, shadowed_by,
};
use undercroft_aws::format::ProfileName;

/// Longer files are only read: editing them takes long under the instrumentation.
const MOST_LINES: usize = 200;

fuzz_target!(|bytes: &[u8]| {
    let _ = recognise(bytes, "config");
    let Some(text) = decode(bytes) else {
        return;
    };
    let text = text.expose();
    let files = [Which::Config, Which::Credentials].map(|which| config::parse(text, which));
    for profile in merge(&files[0], &files[1]) {
        for problem in &profile.problems {
            assert!(!problem.to_string().is_empty());
        }
    }
    if Lines::of(text).lines.len() > MOST_LINES {
        return;
    }
    for (which, parsed) in [Which::Config, Which::Credentials].into_iter().zip(&files) {
        for section in parsed.profiles.iter().take(2) {
            let _ = shadowed_by(parsed, &section.name);
            let keys = section.settings().map(|(key, _)| key).take(3);
            for key in keys.chain(["region", "not-there"]) {
                remove(text, which, parsed, &section.name, key);
                if let (Which::Config, Ok(name)) = (which, ProfileName::parse(&section.name)) {
                    set(text, parsed, &name, key, "/opt/under croft --profile 'a'");
                }
            }
        }
    }
    let new = ProfileName::parse("undercroft-new").expect("a name");
    set(text, &files[0], &new, "region", "eu-central-1");
});

/// Sets one setting of the config file and compares the files.
fn set(text: &str, before: &Parsed, name: &ProfileName, key: &str, value: &str) {
    // A key or a layout that can't be written is left to people.
    let Ok(edited) = edit::set_profile(text, name, &[(key, value)]) else {
        return;
    };
    let written = edited.text.expose();
    let after = config::parse(written, Which::Config);
    let section = after.profile(name.as_str()).expect("it was set");
    let setting = section.setting(&key.to_lowercase()).expect("it was set");
    assert_eq!(setting.value().expose(), value);
    assert_eq!(
        rest(before, name.as_str(), key),
        rest(&after, name.as_str(), key)
    );
    assert_eq!(edited.is_changed, written != text);
    assert_eq!(edited.is_changed, !diff(text, written).is_empty());

    let changes = Changes::between(text, written);
    let is_new = before.profile(name.as_str()).is_none();
    let (settings, others): (Vec<_>, Vec<_>) =
        changes.added.iter().partition(|line| holds(line, key));
    assert!(settings.len() <= 1);
    for line in others {
        let is_moved =
            is_comment(line) && changes.removed.iter().any(|old| old.contains(line.trim()));
        assert!(
            is_moved || is_new && (is_blank(line) || is_header(line)),
            "{line:?} came"
        );
    }
    // The setting's old line, and those that continued it, which may look like settings.
    if let Some((setting, continued)) = changes.removed.split_first() {
        assert!(holds(setting, key), "{setting:?} went");
        for line in continued {
            // A blank line that comes last is none where the file has no last line end.
            let is_at_the_end = is_blank(line) && !text.ends_with(['\n', '\r']);
            assert!(is_indented(line) || is_at_the_end, "{line:?} went");
        }
    }

    let again = edit::set_profile(written, name, &[(key, value)]).expect("it was set before");
    assert!(!again.is_changed && again.text.expose() == written);
}

/// Takes one setting out of a file and compares the files.
fn remove(text: &str, which: Which, before: &Parsed, name: &str, key: &str) {
    let Ok(edited) = edit::remove_keys(text, which, name, &[key]) else {
        return;
    };
    let written = edited.text.expose();
    let after = config::parse(written, which);
    let left = after.profile(name).and_then(|section| section.setting(key));
    assert!(left.is_none());
    assert_eq!(rest(before, name, key), rest(&after, name, key));
    assert_eq!(edited.is_changed, written != text);
    let was_there = before
        .profile(name)
        .is_some_and(|section| section.setting(key).is_some());
    assert_eq!(edited.is_changed, was_there);

    let changes = Changes::between(text, written);
    for line in &changes.added {
        let is_moved =
            is_comment(line) && changes.removed.iter().any(|old| old.contains(line.trim()));
        assert!(is_moved, "{line:?} came");
    }
    for line in &changes.removed {
        let may_go = holds(line, key) || is_blank(line) || is_header(line) || is_indented(line);
        assert!(may_go, "{line:?} went");
    }
}

/// Every section with its settings, but for one setting; sections without any are left out.
fn rest<'a>(
    parsed: &'a Parsed,
    name: &str,
    key: &str,
) -> BTreeMap<(bool, &'a str), Vec<(&'a str, &'a str)>> {
    let of = |is_profile: bool, section: &'a FoundSection| {
        let is_touched = is_profile && section.name == name;
        let settings = section
            .settings()
            .filter(|(other, _)| !(is_touched && other.eq_ignore_ascii_case(key)))
            .map(|(other, setting)| (other, setting.value().expose()))
            .collect::<Vec<_>>();
        ((is_profile, section.name.as_str()), settings)
    };
    let profiles = parsed.profiles.iter().map(|section| of(true, section));
    let sessions = parsed.sso_sessions.iter().map(|section| of(false, section));
    let mut all: BTreeMap<_, _> = profiles.chain(sessions).collect();
    all.retain(|_, settings| !settings.is_empty());
    all
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with(['#', ';'])
}

fn is_header(line: &str) -> bool {
    line.trim_start().starts_with('[')
}

fn is_indented(line: &str) -> bool {
    line.starts_with(char::is_whitespace) && !is_blank(line) && !is_comment(line)
}

fn holds(line: &str, key: &str) -> bool {
    let before_sign = line.split(['=', ':']).next().unwrap_or_default();
    before_sign.trim().eq_ignore_ascii_case(key)
}

/// A file cut into lines, by other means than those of the editor.
struct Lines<'a> {
    mark: &'a str,
    lines: Vec<&'a str>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let (mark, mut rest) =
            text.split_at(text.len() - text.trim_start_matches('\u{feff}').len());
        let mut lines = Vec::new();
        while !rest.is_empty() {
            let content = rest
                .bytes()
                .take_while(|byte| !matches!(byte, b'\n' | b'\r'))
                .count();
            let end = match rest.as_bytes()[content..] {
                [b'\r', b'\n', ..] => 2,
                [] => 0,
                _ => 1,
            };
            let (line, after) = rest.split_at(content + end);
            lines.push(line);
            rest = after;
        }
        Self { mark, lines }
    }
}

/// The lines that differ between two files; all others are the same in the same order.
struct Changes<'a> {
    removed: Vec<&'a str>,
    added: Vec<&'a str>,
}

impl<'a> Changes<'a> {
    /// Compares by the longest common subsequence. Only a file's last line may gain or lose its line end.
    fn between(before: &'a str, after: &'a str) -> Self {
        // A lone `\r` makes one line end with the `\n` of a blank line, once what stood between them is gone.
        if before.replace("\r\n", "").contains('\r') {
            return Self {
                removed: Vec::new(),
                added: Vec::new(),
            };
        }
        let (before, after) = (Lines::of(before), Lines::of(after));
        assert_eq!(before.mark, after.mark);
        let (before, after) = (before.lines, after.lines);
        let content = |line: &'a str| line.trim_end_matches(['\n', '\r']);
        let is_same = |i: usize, j: usize| {
            let (one, other): (&str, &str) = (before[i], after[j]);
            let is_last = i + 1 == before.len() || j + 1 == after.len();
            one == other || is_last && content(one) == content(other)
        };
        // Most lines are the same, so that only few have to be compared with each other.
        let shorter = before.len().min(after.len());
        let begin = (0..shorter).take_while(|&at| is_same(at, at)).count();
        let end = (0..shorter - begin)
            .take_while(|&at| is_same(before.len() - 1 - at, after.len() - 1 - at))
            .count();
        let (before_end, after_end) = (before.len() - end, after.len() - end);
        let mut longest = vec![vec![0_usize; after_end + 1]; before_end + 1];
        for i in (begin..before_end).rev() {
            for j in (begin..after_end).rev() {
                longest[i][j] = if is_same(i, j) {
                    1 + longest[i + 1][j + 1]
                } else {
                    longest[i + 1][j].max(longest[i][j + 1])
                };
            }
        }
        let (mut removed, mut added) = (Vec::new(), Vec::new());
        let (mut i, mut j) = (begin, begin);
        while i < before_end && j < after_end {
            if is_same(i, j) {
                (i, j) = (i + 1, j + 1);
            } else if longest[i + 1][j] >= longest[i][j + 1] {
                removed.push(before[i]);
                i += 1;
            } else {
                added.push(after[j]);
                j += 1;
            }
        }
        removed.extend(&before[i..before_end]);
        added.extend(&after[j..after_end]);
        Self { removed, added }
    }
}
