//! What must hold for every message, and for any line written by anybody.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the functions beside the tests are tests too"
)]

use std::path::PathBuf;

use proptest::{collection::vec, option, prelude::*, sample::select};
use undercroft_agent::{
    ANSWER_BYTES, AccountRef, ActivityRow, ActivityWish, AnswerError, AnswerLine, AnswerLines,
    Code, CodeWish, ConsoleLink, ConsoleWish, Credentials, CredentialsWish, HandedCode, ImportWish,
    ImportedFile, ImportedItem, ImportedKind, ImportedStatus, KeptSection, Password, ProfileKind,
    ProfileRow, Purpose, REQUEST_BYTES, Refusal, Reply, Request, RequestError, SessionEnd,
    SessionRow, State, Status, TakeOutWish, TakenOut, Unlock, Verb, WaitSecs,
};
use undercroft_model::{AccountId, DurationSecs, EndpointUrl, Region, Timestamp};
use undercroft_secret::SecretString;

const VERBS: [Verb; 11] = [
    Verb::Status,
    Verb::Unlock,
    Verb::Lock,
    Verb::Ls,
    Verb::Credentials,
    Verb::Code,
    Verb::Console,
    Verb::Import,
    Verb::Activity,
    Verb::HandOver,
    Verb::TakeOut,
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z0-9/@.-]{1,20}", "\\PC{0,20}", any::<String>()]
}

fn secret() -> impl Strategy<Value = SecretString> {
    text().prop_map(SecretString::new)
}

fn moment() -> impl Strategy<Value = Timestamp> {
    (0..253_402_300_800_i64).prop_map(Timestamp::from_unix_secs)
}

fn wait() -> impl Strategy<Value = WaitSecs> {
    (0..=120_u32).prop_map(WaitSecs::new)
}

fn duration() -> impl Strategy<Value = DurationSecs> {
    (1..129_600_u32).prop_map(|secs| DurationSecs::new(secs).unwrap())
}

fn region() -> impl Strategy<Value = Region> {
    select(vec!["eu-central-1", "us-gov-west-1", "cn-north-1"])
        .prop_map(|name| Region::parse(name).unwrap())
}

fn endpoint() -> impl Strategy<Value = EndpointUrl> {
    select(vec!["http://localhost:4566", "https://sts.example.com/a"])
        .prop_map(|url| EndpointUrl::parse(url).unwrap())
}

fn purpose() -> impl Strategy<Value = Purpose> {
    select(vec![
        Purpose::CredentialProcess,
        Purpose::Export,
        Purpose::Exec,
        Purpose::ExecServer,
        Purpose::Console,
    ])
}

fn request() -> impl Strategy<Value = Request> {
    let credentials = (
        text(),
        any::<bool>(),
        wait(),
        option::of(duration()),
        option::of(text()),
        purpose(),
    );
    let console = (
        text(),
        option::of(text()),
        option::of(region()),
        option::of(text()),
        option::of(duration()),
        wait(),
    );
    let import = (
        vec(
            text().prop_map(|name| PathBuf::from(format!("/{name}"))),
            1..4,
        ),
        any::<bool>(),
        option::of(endpoint()),
        option::of(endpoint()),
        wait(),
    );
    prop_oneof![
        Just(Request::Status),
        (0..=45_u32, option::of("[a-z \"\\\\ü]{1,40}")).prop_map(|(secs, password)| {
            Request::Unlock(Unlock {
                wait_secs: WaitSecs::new(secs),
                password: password.map(|text| Password(SecretString::new(text))),
            })
        }),
        Just(Request::Lock),
        Just(Request::HandOver),
        Just(Request::Ls),
        credentials.prop_map(
            |(profile, fresh, wait_secs, duration_secs, policy, purpose)| {
                Request::Credentials(CredentialsWish {
                    profile,
                    fresh,
                    wait_secs,
                    duration_secs,
                    policy,
                    purpose,
                })
            }
        ),
        (text(), wait())
            .prop_map(|(device, wait_secs)| Request::Code(CodeWish { device, wait_secs })),
        console.prop_map(
            |(profile, service, region, destination, duration_secs, wait_secs)| {
                Request::Console(ConsoleWish {
                    profile,
                    service,
                    region,
                    destination,
                    duration_secs,
                    wait_secs,
                })
            }
        ),
        import.prop_map(|(paths, dry_run, endpoint, signin_endpoint, wait_secs)| {
            Request::Import(ImportWish {
                paths,
                dry_run,
                endpoint,
                signin_endpoint,
                wait_secs,
            })
        }),
        ("/[a-z /.é-]{0,20}", vec(text(), 1..4), wait()).prop_map(|(path, sections, wait_secs)| {
            Request::TakeOut(TakeOutWish {
                path: path.into(),
                sections,
                wait_secs,
            })
        }),
        option::of(moment()).prop_map(|since| Request::Activity(ActivityWish { since })),
    ]
}

fn session_row() -> impl Strategy<Value = SessionRow> {
    (text(), moment()).prop_map(|(profile, expiration)| SessionRow {
        profile,
        expiration,
    })
}

fn profile() -> impl Strategy<Value = ProfileRow> {
    (
        text(),
        select(vec![
            ProfileKind::Session,
            ProfileKind::Role,
            ProfileKind::Federated,
            ProfileKind::LongTerm,
        ]),
        option::of(text()),
        option::of(text()),
        option::of(text()),
        any::<bool>(),
        option::of(moment()),
    )
        .prop_map(|(name, kind, alias, identity, role, mfa, end)| ProfileRow {
            name,
            kind,
            account: AccountRef {
                id: AccountId::parse("123456789012").unwrap(),
                alias,
            },
            identity,
            role,
            mfa,
            session: end.map(|expiration| SessionEnd { expiration }),
            region: end.and_then(|_| Region::parse("eu-central-1").ok()),
            output: end.map(|_| "json".to_owned()),
        })
}

fn file() -> impl Strategy<Value = ImportedFile> {
    let kind = select(vec![
        ImportedKind::Account,
        ImportedKind::Identity,
        ImportedKind::Mfa,
        ImportedKind::AccessKey,
        ImportedKind::Profile,
    ]);
    let status = select(vec![
        ImportedStatus::New,
        ImportedStatus::Duplicate,
        ImportedStatus::Conflict,
    ]);
    let item =
        (kind, text(), status).prop_map(|(kind, name, status)| ImportedItem { kind, name, status });
    let texts = || vec(text(), 0..3);
    (text(), vec(item, 0..4), texts(), texts()).prop_map(|(source, found, problems, sections)| {
        let mut file = ImportedFile::new(source, found, problems);
        file.plain_secrets = sections;
        file
    })
}

fn activity() -> impl Strategy<Value = ActivityRow> {
    (
        moment(),
        text(),
        option::of(text()),
        option::of(text()),
        option::of(text()),
        text(),
        any::<u32>(),
    )
        .prop_map(
            |(at, what, of, program, script, outcome, count)| ActivityRow {
                at,
                what,
                of,
                program,
                script,
                outcome,
                count,
            },
        )
}

/// A reply with a verb that it answers.
fn reply() -> impl Strategy<Value = (Verb, Reply)> {
    let status = (
        select(vec![State::Locked, State::Unlocked]),
        option::of(text()),
        vec(session_row(), 0..4),
        any::<bool>(),
    );
    let credentials = (
        text(),
        secret(),
        option::of(secret()),
        option::of(moment()),
        (option::of(region()), option::of(text())),
        (option::of(endpoint()), option::of(endpoint())),
    );
    prop_oneof![
        status.prop_map(|(state, vault, sessions, hands_over)| (
            Verb::Status,
            Reply::Status(Status {
                state,
                vault,
                protocol: 1,
                sessions,
                hands_over,
            })
        )),
        select(vec![Verb::Unlock, Verb::Lock, Verb::HandOver]).prop_map(|verb| (verb, Reply::Done)),
        vec(profile(), 0..5).prop_map(|rows| (Verb::Ls, Reply::Profiles(rows))),
        credentials.prop_map(
            |(id, secret, token, expiration, (region, output), (sts, iam))| (
                Verb::Credentials,
                Reply::Credentials(Credentials {
                    access_key_id: id,
                    secret_access_key: secret,
                    session_token: token,
                    expiration,
                    region,
                    output,
                    sts_endpoint: sts,
                    iam_endpoint: iam,
                })
            )
        ),
        (secret(), moment(), text()).prop_map(|(code, valid_until, device)| (
            Verb::Code,
            Reply::Code(HandedCode {
                code,
                valid_until,
                device
            })
        )),
        (secret(), option::of(moment())).prop_map(|(url, expires_at)| (
            Verb::Console,
            Reply::Console(ConsoleLink { url, expires_at })
        )),
        vec(file(), 0..4).prop_map(|files| (Verb::Import, Reply::Import(files))),
        (vec(text(), 0..3), vec((text(), text()), 0..3)).prop_map(|(taken, kept)| {
            let kept = kept.into_iter();
            let kept = kept.map(|(section, why)| KeptSection { section, why });
            let kept = kept.collect();
            (Verb::TakeOut, Reply::TakenOut(TakenOut { taken, kept }))
        }),
        vec(activity(), 0..4).prop_map(|rows| (Verb::Activity, Reply::Activity(rows))),
    ]
}

fn refusal() -> impl Strategy<Value = Refusal> {
    let code = select(vec![
        Code::Locked,
        Code::NoSuchProfile,
        Code::NoSuchDevice,
        Code::Denied,
        Code::Wait,
        Code::Aws,
        Code::Usage,
        Code::Busy,
        Code::Timeout,
        Code::Protocol,
        Code::VaultInUse,
        Code::VaultDamaged,
        Code::Unsupported,
        Code::Failed,
    ]);
    (
        code,
        text(),
        option::of(moment()),
        option::of(any::<u32>()),
        option::of(text()),
        vec(any::<u32>(), 0..3),
    )
        .prop_map(
            |(code, message, until, secs, aws_code, protocols)| Refusal {
                code,
                message,
                until,
                secs,
                aws_code,
                protocols,
            },
        )
}

/// Reads all lines of an answer, as a client does, and tells how many they are.
fn read(verb: Verb, answer: &Result<Reply, Refusal>) -> (Result<Reply, Refusal>, usize) {
    let lines = AnswerLines::of(answer);
    let mut earlier = Vec::new();
    let mut count = 0;
    let mut last = None;
    for line in lines.expose() {
        assert!(last.is_none(), "nothing follows the last line");
        assert!(line.len() <= ANSWER_BYTES + 1);
        let (end, content) = line.split_last().unwrap();
        assert_eq!(*end, b'\n');
        assert!(!content.contains(&b'\n'));
        count += 1;
        match AnswerLine::parse(verb, content).unwrap() {
            AnswerLine::More(rows) => earlier.push(rows),
            AnswerLine::Ok(reply) => last = Some(Ok(reply.after(std::mem::take(&mut earlier)))),
            AnswerLine::Refused(refusal) => last = Some(Err(refusal)),
        }
    }
    (last.unwrap(), count)
}

fn same_secret(one: &SecretString, other: &SecretString) -> bool {
    one.ct_eq(other)
}

fn same(one: &Reply, other: &Reply) -> bool {
    let visible = format!("{one:?}") == format!("{other:?}");
    visible
        && match (one, other) {
            (Reply::Credentials(a), Reply::Credentials(b)) => {
                same_secret(&a.secret_access_key, &b.secret_access_key)
                    && match (&a.session_token, &b.session_token) {
                        (Some(a), Some(b)) => same_secret(a, b),
                        (a, b) => a.is_none() && b.is_none(),
                    }
            }
            (Reply::Code(a), Reply::Code(b)) => same_secret(&a.code, &b.code),
            (Reply::Console(a), Reply::Console(b)) => same_secret(&a.url, &b.url),
            (_, _) => true,
        }
}

fn parsed(line: &str) -> Result<Request, Code> {
    Request::parse(line.as_bytes()).map_err(|refusal| refusal.code)
}

#[test]
fn requests_are_written_as_documented() {
    let line = |request: Request| String::from_utf8(request.to_line().unwrap()).unwrap();
    assert_eq!(
        line(Request::Status),
        "{\"protocol\":1,\"verb\":\"status\"}\n"
    );
    assert_eq!(
        line(Request::Credentials(CredentialsWish {
            profile: "prod".into(),
            fresh: false,
            wait_secs: WaitSecs::new(30),
            duration_secs: None,
            policy: None,
            purpose: Purpose::CredentialProcess,
        })),
        "{\"protocol\":1,\"verb\":\"credentials\",\"profile\":\"prod\",\"wait_secs\":30,\
         \"purpose\":\"credential-process\"}\n"
    );
    assert_eq!(
        line(Request::Activity(ActivityWish {
            since: Some(Timestamp::parse("2026-11-23T10:00:00Z").unwrap())
        })),
        "{\"protocol\":1,\"verb\":\"activity\",\"since\":\"2026-11-23T10:00:00Z\"}\n"
    );
}

#[test]
fn answers_are_written_as_documented() {
    let line = |answer: Result<Reply, Refusal>| {
        let lines = AnswerLines::of(&answer);
        let lines: Vec<_> = lines.expose().collect();
        String::from_utf8(lines.concat()).unwrap()
    };
    let until = Timestamp::parse("2026-11-23T10:00:30Z").unwrap();
    assert_eq!(line(Ok(Reply::Done)), "{\"protocol\":1,\"ok\":{}}\n");
    assert_eq!(
        line(Ok(Reply::Code(HandedCode {
            code: SecretString::copy_of("492039"),
            valid_until: until,
            device: "prod/ada".into()
        }))),
        "{\"protocol\":1,\"ok\":{\"code\":\"492039\",\"valid_until\":\"2026-11-23T10:00:30Z\",\
         \"device\":\"prod/ada\"}}\n"
    );
    assert_eq!(
        line(Ok(Reply::Profiles(vec![ProfileRow {
            name: "prod".into(),
            kind: ProfileKind::LongTerm,
            account: AccountRef {
                id: AccountId::parse("123456789012").unwrap(),
                alias: None
            },
            identity: Some("ada".into()),
            role: None,
            mfa: true,
            session: Some(SessionEnd { expiration: until }),
            region: None,
            output: None,
        }]))),
        "{\"protocol\":1,\"ok\":{\"profiles\":[{\"name\":\"prod\",\"kind\":\"long-term\",\
         \"account\":{\"id\":\"123456789012\",\"alias\":null},\"identity\":\"ada\",\"role\":null,\
         \"mfa\":true,\"session\":{\"expiration\":\"2026-11-23T10:00:30Z\"}}]}}\n"
    );
    let key = Credentials {
        access_key_id: "AKIA".into(),
        secret_access_key: SecretString::copy_of("s"),
        session_token: None,
        expiration: None,
        region: None,
        output: None,
        sts_endpoint: EndpointUrl::parse("http://localhost:4566").ok(),
        iam_endpoint: None,
    };
    assert_eq!(
        line(Ok(Reply::Credentials(key))),
        "{\"protocol\":1,\"ok\":{\"access_key_id\":\"AKIA\",\"secret_access_key\":\"s\",\
         \"sts_endpoint\":\"http://localhost:4566\"}}\n"
    );
    assert_eq!(
        line(Err(Refusal::wait(until, 12))),
        "{\"protocol\":1,\"error\":{\"code\":\"wait\",\"message\":\"the next unused code comes in 12 s\",\
         \"until\":\"2026-11-23T10:00:30Z\",\"secs\":12}}\n"
    );
    let nobody = serde_json::to_string(&Status::not_running(None)).unwrap();
    assert_eq!(
        nobody,
        r#"{"state":"not running","vault":null,"protocol":1,"sessions":[]}"#
    );
}

#[test]
fn what_is_not_understood_is_told_apart() {
    assert_eq!(
        parsed(r#"{"protocol":1,"verb":"status","later":{"x":[1]}}"#),
        Ok(Request::Status)
    );
    assert_eq!(
        parsed(r#"{"protocol":1,"verb":"seed","device":"x"}"#),
        Err(Code::Unsupported)
    );
    let other = Request::parse(br#"{"protocol":2,"question":"status"}"#).unwrap_err();
    assert_eq!((other.code, other.protocols), (Code::Protocol, vec![1]));
    for line in [
        "",
        "status",
        "{}",
        "[]",
        r#"{"verb":"status"}"#,
        r#"{"protocol":"1","verb":"status"}"#,
        r#"{"protocol":1}"#,
        r#"{"protocol":1,"verb":"code"}"#,
        r#"{"protocol":1,"verb":"code","device":7}"#,
        r#"{"protocol":1,"verb":"code","device":"a","device":"b"}"#,
        r#"{"protocol":1,"verb":"credentials","profile":"p"}"#,
        r#"{"protocol":1,"verb":"credentials","profile":"p","purpose":"theft"}"#,
        r#"{"protocol":1,"verb":"credentials","profile":"p","purpose":"exec","duration_secs":0}"#,
        r#"{"protocol":1,"verb":"import","paths":[],"dry_run":true}"#,
        r#"{"protocol":1,"verb":"import","paths":["a.csv"],"dry_run":true}"#,
        r#"{"protocol":1,"verb":"import","paths":["/a"],"dry_run":true,"endpoint":"http://example.com"}"#,
        r#"{"protocol":1,"verb":"activity","since":1763891230}"#,
        r#"{"protocol":1,"verb":"activity","since":"9999-12-31T23:59:59-01:00"}"#,
        r#"{"protocol":1,"verb":"activity","since":"0000-01-01T00:00:00+01:00"}"#,
        r#"{"protocol":1,"verb":"status"} {"protocol":1,"verb":"lock"}"#,
    ] {
        assert_eq!(parsed(line), Err(Code::Usage), "{line}");
    }
    let not_text = [
        br#"{"protocol":1,"verb":"code","device":""#,
        &b"\xff\"}"[..],
    ]
    .concat();
    assert_eq!(Request::parse(&not_text).unwrap_err().code, Code::Usage);
}

#[test]
fn a_refusal_repeats_nothing_of_the_request() {
    for line in [
        r#"{"protocol":1,"verb":"hunter2"}"#,
        r#"{"protocol":1,"verb":"code","device":{"hunter2":1}}"#,
        r#"{"protocol":1,"verb":"credentials","profile":"p","purpose":"hunter2"}"#,
        r#"{"protocol":"hunter2"}"#,
        "hunter2",
    ] {
        let refusal = Request::parse(line.as_bytes()).unwrap_err();
        assert!(!format!("{refusal:?}").contains("hunter2"), "{line}");
    }
}

#[test]
fn waits_are_bounded() {
    let wait = |line: &str| Request::parse(line.as_bytes()).unwrap().wait().as_secs();
    assert_eq!(
        wait(r#"{"protocol":1,"verb":"code","device":"d","wait_secs":4294967295}"#),
        120
    );
    assert_eq!(
        wait(r#"{"protocol":1,"verb":"unlock","wait_secs":100}"#),
        45
    );
    assert_eq!(wait(r#"{"protocol":1,"verb":"unlock"}"#), 0);
}

#[test]
fn a_request_that_is_too_long_is_not_sent() {
    let wish = |len| {
        Request::Code(CodeWish {
            device: "d".repeat(len),
            wait_secs: WaitSecs::default(),
        })
    };
    assert_eq!(
        wish(REQUEST_BYTES).to_line().unwrap_err(),
        RequestError::TooLong
    );
    assert!(wish(REQUEST_BYTES - 100).to_line().is_ok());
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let path = std::ffi::OsStr::from_bytes(b"/a\xff");
        let import = Request::Import(ImportWish {
            paths: vec![path.into()],
            dry_run: true,
            endpoint: None,
            signin_endpoint: None,
            wait_secs: WaitSecs::default(),
        });
        assert_eq!(import.to_line().unwrap_err(), RequestError::NotText);
    }
}

#[test]
fn keys_are_taken_out_of_named_sections_of_one_file() {
    let parsed = |path: &str, sections: usize| {
        let sections: Vec<String> = (0..sections).map(|number| number.to_string()).collect();
        let line = serde_json::json!({
            "protocol": 1, "verb": "take-out", "path": path, "sections": sections
        });
        Request::parse(line.to_string().as_bytes()).map_err(|refusal| refusal.code)
    };
    assert!(parsed("/home/ada/.aws/credentials", 1).is_ok());
    assert!(parsed("/home/ada/.aws/credentials", TakeOutWish::MOST).is_ok());
    assert_eq!(parsed("credentials", 1), Err(Code::Usage));
    assert_eq!(parsed("/a", 0), Err(Code::Usage));
    assert_eq!(parsed("/a", TakeOutWish::MOST + 1), Err(Code::Usage));
}

#[test]
fn ten_thousand_profiles_take_several_lines() {
    let profiles: Vec<ProfileRow> = (0..10_000)
        .map(|number| ProfileRow {
            name: format!("profile-{number}"),
            kind: ProfileKind::Role,
            account: AccountRef {
                id: AccountId::parse("123456789012").unwrap(),
                alias: Some("belfry".into()),
            },
            identity: Some("ada.lovelace".into()),
            role: Some("arn:aws:iam::123456789012:role/admin".into()),
            mfa: true,
            session: None,
            region: None,
            output: None,
        })
        .collect();
    let (answer, lines) = read(Verb::Ls, &Ok(Reply::Profiles(profiles.clone())));
    assert!((10..40).contains(&lines), "{lines}");
    let Ok(Reply::Profiles(found)) = answer else {
        panic!("profiles were sent");
    };
    assert_eq!(found, profiles);

    let sessions: Vec<SessionRow> = (0..5_000)
        .map(|number| SessionRow {
            profile: format!("profile-{number}"),
            expiration: Timestamp::from_unix_secs(number),
        })
        .collect();
    let status = Status {
        state: State::Unlocked,
        vault: Some("/v".into()),
        protocol: 1,
        sessions,
        hands_over: true,
    };
    let (answer, lines) = read(Verb::Status, &Ok(Reply::Status(status.clone())));
    assert!(lines > 1);
    let Ok(Reply::Status(found)) = answer else {
        panic!("a status was sent");
    };
    assert_eq!(found, status);
}

#[test]
fn a_file_with_much_in_it_takes_several_lines() {
    let item = |number: u32| ImportedItem {
        kind: ImportedKind::Profile,
        name: format!("profile-{number}"),
        status: ImportedStatus::New,
    };
    let mut files = vec![
        ImportedFile::new("/a".into(), vec![], vec![]),
        ImportedFile::new(
            "/b".into(),
            (0..5_000).map(item).collect(),
            (0..900)
                .map(|number| format!("line {number} is odd"))
                .collect(),
        ),
        ImportedFile::new("/b".into(), vec![item(1)], vec![]),
    ];
    files[1].plain_secrets = (0..900).map(|number| format!("section-{number}")).collect();
    let (answer, lines) = read(Verb::Import, &Ok(Reply::Import(files.clone())));
    assert!(lines > 1);
    let Ok(Reply::Import(found)) = answer else {
        panic!("files were sent");
    };
    assert_eq!(found, files);
}

#[test]
fn an_answer_that_cannot_be_sent_says_so() {
    let url = SecretString::new("x".repeat(ANSWER_BYTES));
    let link = ConsoleLink {
        url,
        expires_at: None,
    };
    let (answer, _) = read(Verb::Console, &Ok(Reply::Console(link)));
    assert_eq!(answer.unwrap_err().code, Code::Failed);
}

#[test]
fn answers_of_later_versions_are_told_apart() {
    let line = br#"{"protocol":1,"error":{"code":"too-hot","message":"m","new":1},"hint":2}"#;
    match AnswerLine::parse(Verb::Status, line).unwrap() {
        AnswerLine::Refused(refusal) => assert_eq!(refusal.code, Code::Failed),
        AnswerLine::Ok(_) | AnswerLine::More(_) => panic!("it is a refusal"),
    }
    let line = br#"{"protocol":2,"answer":{}}"#;
    assert_eq!(
        AnswerLine::parse(Verb::Status, line).unwrap_err(),
        AnswerError::Protocol(2)
    );
    for line in [
        r#"{"protocol":1}"#,
        r#"{"protocol":1,"ok":{},"more":{}}"#,
        r#"{"protocol":1,"more":{}}"#,
        r#"{"protocol":1,"ok":7}"#,
    ] {
        let error = AnswerLine::parse(Verb::Lock, line.as_bytes()).unwrap_err();
        assert!(matches!(error, AnswerError::Unreadable { .. }), "{line}");
    }
}

#[test]
fn no_reply_shows_its_secrets() {
    let shown = format!(
        "{:?}{:?}",
        Reply::Credentials(Credentials {
            access_key_id: "ASIA".into(),
            secret_access_key: SecretString::copy_of("hunter2"),
            session_token: Some(SecretString::copy_of("hunter2")),
            expiration: None,
            region: None,
            output: None,
            sts_endpoint: None,
            iam_endpoint: None,
        }),
        AnswerLines::of(&Ok(Reply::Code(HandedCode {
            code: SecretString::copy_of("hunter2"),
            valid_until: Timestamp::default(),
            device: String::new(),
        })))
    );
    assert!(!shown.contains("hunter2"));
}

proptest! {
    #[test]
    fn every_request_is_read_as_it_was_written(request in request()) {
        let line = request.to_line().unwrap();
        let (end, content) = line.split_last().unwrap();
        prop_assert_eq!(*end, b'\n');
        prop_assert!(!content.contains(&b'\n'));
        prop_assert_eq!(Request::parse(content).unwrap(), request);
    }

    #[test]
    fn every_reply_is_read_as_it_was_written((verb, reply) in reply()) {
        let answer = Ok(reply);
        let (found, lines) = read(verb, &answer);
        prop_assert_eq!(lines, 1);
        prop_assert!(same(&found.unwrap(), answer.as_ref().unwrap()));
    }

    #[test]
    fn every_refusal_is_read_as_it_was_written(refusal in refusal(), verb in select(VERBS.to_vec())) {
        let (found, _) = read(verb, &Err(refusal.clone()));
        prop_assert_eq!(found.unwrap_err(), refusal);
    }

    #[test]
    fn no_line_panics(line in vec(any::<u8>(), 0..200), verb in select(VERBS.to_vec())) {
        let _ = Request::parse(&line);
        let _ = AnswerLine::parse(verb, &line);
    }

    #[test]
    fn no_damaged_line_panics(
        request in request(),
        (verb, reply) in reply(),
        at in any::<prop::sample::Index>(),
        byte: u8,
        cut: bool,
    ) {
        let mut line = request.to_line().unwrap();
        let index = at.index(line.len());
        line[index] = byte;
        let _ = Request::parse(&line[..if cut { index } else { line.len() }]);
        for line in AnswerLines::of(&Ok(reply)).expose() {
            let mut line = line.to_vec();
            let index = at.index(line.len());
            line[index] = byte;
            let _ = AnswerLine::parse(verb, &line[..if cut { index } else { line.len() }]);
        }
    }

    #[test]
    fn deep_nesting_is_refused(depth in 1..20_000_usize) {
        let line = format!(r#"{{"protocol":1,"verb":"status","x":{}"#, "[".repeat(depth));
        prop_assert_eq!(parsed(&line), Err(Code::Usage));
    }
}
