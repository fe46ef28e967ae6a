//! What must hold for any text.

use proptest::prelude::*;
use undercroft_aws::files::{
    FoundSection, Parsed, Which, config, console, decode, diff, edit, export, merge, recognise,
};
use undercroft_aws::format::ProfileName;

/// Lines of such files, in any order.
fn line() -> impl Strategy<Value = String> {
    let body = prop_oneof![
        6 => prop::sample::select(vec![
            "[default]", "[a]", "[profile a]", "[profile \"a\"]", "[profile b] # c", "[ b ]", "[", "[]", "[profile a b]",
            "[sso-session s]", "[services x]", "[DEFAULT]", "# comment", "; comment", "", "  ",
            "region = eu-central-1", "region=us-east-1", "region : x # y", "REGION  =  z ;w", "output = json",
            "aws_access_key_id = AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key = hunter2hunter2",
            "aws_session_token=hunter2hunter2", "role_arn = arn:aws:iam::123456789012:role/r", "source_profile = a",
            "source_profile = b", "include_profile = b", "credential_process = aws-vault exec 'a b' --json",
            "mfa_serial = arn:aws:iam::123456789012:mfa/m", "s3 =", "max_x = 1", "duration_seconds = 3600",
            "credential_process = \"x", "sso_session = s", "= x", "stray", "key", "session_tags = a=b,c",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
    ];
    let indent = prop::sample::select(vec!["", "", "", " ", "  ", "\t", "    "]);
    let end = prop::sample::select(vec!["\n", "\n", "\r\n", "\r"]);
    (indent, body, end).prop_map(|(indent, body, end)| format!("{indent}{body}{end}"))
}

fn file() -> impl Strategy<Value = String> {
    let mark = prop::sample::select(vec!["", "", "\u{feff}"]);
    (mark, prop::collection::vec(line(), 0..24), "[^\r\n]{0,6}")
        .prop_map(|(mark, lines, last)| format!("{mark}{}{last}", lines.concat()))
}

fn which() -> impl Strategy<Value = Which> {
    prop::sample::select(vec![Which::Config, Which::Credentials])
}

/// Every section but one with its settings.
fn others(parsed: &Parsed, name: &str) -> Vec<(String, Vec<(String, String)>)> {
    let sections = parsed
        .profiles
        .iter()
        .filter(|section| section.name != name);
    let all = sections.chain(&parsed.sso_sessions);
    all.map(|section| (section.name.clone(), settings(section)))
        .collect()
}

fn settings(section: &FoundSection) -> Vec<(String, String)> {
    let settings = section.settings();
    settings
        .map(|(key, setting)| (key.to_owned(), setting.value().expose().to_owned()))
        .collect()
}

/// The lines of `text` are those of `whole` with others between them.
fn is_within(text: &[&str], whole: &[&str]) -> bool {
    let mut whole = whole.iter();
    text.iter().all(|line| whole.any(|other| other == line))
}

fn lines(text: &str) -> Vec<&str> {
    text.trim_start_matches('\u{feff}')
        .split(['\n', '\r'])
        .filter(|line| !line.is_empty())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), name in "\\PC{0,12}") {
        let _ = recognise(&bytes, &name);
        let _ = console::parse(&bytes, &name);
        if let Some(text) = decode(&bytes) {
            let _ = export::parse(text.expose());
            let parsed = config::parse(text.expose(), Which::Config);
            let _ = merge(&parsed, &parsed);
        }
    }

    #[test]
    fn any_two_files_merge_and_show_no_secret(one in file(), other in file()) {
        let config = config::parse(&one, Which::Config);
        let credentials = config::parse(&other, Which::Credentials);
        let profiles = merge(&config, &credentials);
        let problems: Vec<_> = profiles
            .iter()
            .flat_map(|profile| &profile.problems)
            .chain(&config.problems)
            .chain(&credentials.problems)
            .map(ToString::to_string)
            .collect();
        let shown = format!("{config:?}{credentials:?}{profiles:?}{problems:?}");
        prop_assert!(!shown.contains("hunter2"));
        prop_assert!(!diff(&one, &other).contains("hunter2"));
    }

    #[test]
    fn what_is_set_is_read_and_all_else_stays(
        text in file(),
        name in prop::sample::select(vec!["default", "a", "b", "new"]),
        key in prop::sample::select(vec!["region", "credential_process", "Output", "s3"]),
        value in "[a-z/][a-z0-9 =/:\"-]{0,12}[a-z]",
    ) {
        let profile = ProfileName::parse(name).unwrap();
        let Ok(edited) = edit::set_profile(&text, &profile, &[(key, &value)]) else {
            // A layout that would pull another section along is left to people.
            return Ok(());
        };
        let (before, after) = (config::parse(&text, Which::Config), config::parse(edited.text.expose(), Which::Config));
        let setting = after.profile(name).and_then(|section| section.setting(&key.to_lowercase())).unwrap();
        prop_assert_eq!(setting.value().expose(), &value);
        prop_assert_eq!(others(&before, name), others(&after, name));
        prop_assert_eq!(text.starts_with('\u{feff}'), edited.text.expose().starts_with('\u{feff}'));
        let ends = |text: &str| text.ends_with(['\n', '\r']);
        let is_empty = text.trim_start_matches('\u{feff}').is_empty();
        prop_assert!(is_empty || ends(&text) == ends(edited.text.expose()));
        let again = edit::set_profile(edited.text.expose(), &profile, &[(key, &value)]).unwrap();
        prop_assert!(!again.is_changed);
        prop_assert_eq!(again.text.expose(), edited.text.expose());
    }

    #[test]
    fn a_new_profile_only_adds_lines(text in file()) {
        let profile = ProfileName::parse("new").unwrap();
        let edited = edit::set_profile(&text, &profile, &[("region", "x"), ("output", "json")]).unwrap();
        prop_assert!(edited.text.expose().starts_with(text.trim_end_matches(['\n', '\r'])));
        prop_assert!(edited.is_changed);
    }

    #[test]
    fn what_is_removed_is_gone_and_all_else_stays(
        text in file(),
        which in which(),
        name in prop::sample::select(vec!["default", "a", "b"]),
    ) {
        let keys = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"];
        let edited = edit::remove_keys(&text, which, name, &keys).unwrap();
        let (before, after) = (config::parse(&text, which), config::parse(edited.text.expose(), which));
        prop_assert_eq!(others(&before, name), others(&after, name));
        let left = |parsed: &Parsed| parsed.profile(name).map(settings).unwrap_or_default();
        let wanted: Vec<_> = left(&before).into_iter().filter(|(key, _)| !keys.contains(&key.as_str())).collect();
        prop_assert_eq!(left(&after), wanted);
        // A comment behind a removed value is all that may become a line of its own.
        let kept: Vec<_> = lines(edited.text.expose()).into_iter().filter(|line| !line.trim_start().starts_with(['#', ';'])).collect();
        prop_assert!(is_within(&kept, &lines(&text)));
    }

    #[test]
    fn nothing_to_remove_leaves_every_byte(text in file(), which in which()) {
        let edited = edit::remove_keys(&text, which, "a", &["not_there"]).unwrap();
        prop_assert_eq!(edited.text.expose(), &text);
        prop_assert!(!edited.is_changed);
    }

    #[test]
    fn tables_read_back(
        secret in "[A-Za-z0-9/+,\"]{1,40}",
        password in "[ -~]{0,20}",
        user in "[a-z][a-z0-9+=,.@_-]{0,20}",
        (mark, end) in (any::<bool>(), prop::sample::select(vec!["\n", "\r\n"])),
    ) {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let text = format!(
            "{}Password,Access key ID,User name,Secret access key{end}{},AKIAIOSFODNN7EXAMPLE,{},{}{end}",
            if mark { "\u{feff}" } else { "" }, quoted(&password), quoted(&user), quoted(&secret),
        );
        let rows = console::parse(text.as_bytes(), "x.csv").unwrap();
        prop_assert_eq!(rows.len(), 1);
        let row = &rows[0];
        prop_assert_eq!(row.password.as_ref().map(|found| found.expose()).unwrap_or_default(), &password);
        prop_assert_eq!(row.key.as_ref().unwrap().1.expose(), &secret);
        prop_assert_eq!(row.is_root, user == "root");
        if user != "root" {
            prop_assert_eq!(row.user.as_ref().unwrap().as_str(), user);
        }
    }
}
