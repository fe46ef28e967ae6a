//! Clients that break the rules, while others are answered as ever.

use std::{
    io::Write,
    net::Shutdown,
    os::unix::net::UnixStream,
    time::{Duration, Instant},
};

use undercroft_agent::{Limits, REQUEST_BYTES, Request};

use crate::stage::{Stage, code, next};

const STATUS: &str = r#"{"protocol":1,"verb":"status"}"#;

fn hurried() -> Limits {
    Limits {
        line_time: Duration::from_millis(1_500),
        idle_time: Duration::from_millis(3_500),
        write_time: Duration::from_millis(1_500),
        ..Limits::default()
    }
}

/// Asks as an honest client would, and sees that it does not have to wait.
fn others_are_answered(stage: &Stage) {
    let started = Instant::now();
    stage.client().ask(&Request::Status).unwrap();
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_line_of_10_mib_is_refused_without_being_read() {
    let stage = Stage::start(Limits::default());
    let mut stream = UnixStream::connect(&stage.path).unwrap();
    let piece = vec![b'a'; 64 * 1024];
    let mut sent = 0;
    while sent < 10 * 1024 * 1024 {
        match stream.write(&piece) {
            Ok(len) => sent += len,
            Err(_) => break,
        }
    }
    assert!(sent < 2 * 1024 * 1024, "the server stopped reading: {sent}");
    let mut stream = std::io::BufReader::new(stream);
    let answer = next(&mut stream);
    assert!(answer.contains(r#""code":"usage""#), "{answer}");
    assert_eq!(next(&mut stream), "");
    others_are_answered(&stage);
}

#[test]
fn a_request_may_be_as_long_as_documented_and_no_longer() {
    let stage = Stage::start(Limits::default());
    let line = |len: usize| {
        let line = r#"{"protocol":1,"verb":"status","x":""}"#;
        let filled = line.replace(r#""""#, &format!(r#""{}""#, "x".repeat(len - line.len())));
        assert_eq!(filled.len(), len);
        filled
    };
    assert!(stage.raw(&line(REQUEST_BYTES)).contains(r#""ok""#));
    let refused = stage.raw(&line(REQUEST_BYTES + 1));
    assert!(refused.contains(r#""code":"usage""#), "{refused}");
}

#[test]
fn a_slow_drip_is_cut_off() {
    let stage = Stage::start(hurried());
    let mut stream = UnixStream::connect(&stage.path).unwrap();
    let started = Instant::now();
    for byte in STATUS.bytes().cycle() {
        if stream.write_all(&[byte]).is_err() {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(8), "still open");
        std::thread::sleep(Duration::from_millis(50));
        others_are_answered(&stage);
    }
    assert!(started.elapsed() >= Duration::from_millis(1_500));
}

#[test]
fn a_connection_that_says_nothing_is_closed() {
    let stage = Stage::start(hurried());
    let started = Instant::now();
    assert_eq!(next(&mut stage.send(b"")), "");
    assert!(started.elapsed() < Duration::from_secs(3), "at first");

    let mut stream = stage.send(format!("{STATUS}\n").as_bytes());
    assert!(next(&mut stream).contains(r#""ok""#));
    let started = Instant::now();
    assert_eq!(next(&mut stream), "");
    let took = started.elapsed();
    assert!(took >= Duration::from_secs(3), "between two: {took:?}");
}

#[test]
fn half_a_line_is_no_request() {
    let stage = Stage::start(hurried());
    for half in [STATUS, "{\"protocol\":1,", "\"", "\u{fffd}"] {
        let mut stream = stage.send(half.as_bytes());
        stream.get_mut().shutdown(Shutdown::Write).unwrap();
        assert_eq!(next(&mut stream), "", "{half}");
    }
    let mut stream = stage.send(STATUS.as_bytes());
    assert!(next(&mut stream).contains(r#""code":"usage""#));
}

#[test]
fn a_client_with_no_more_to_say_still_gets_its_answer() {
    let stage = Stage::start(Limits::default());
    let mut stream = stage.send(&code("slow", 5).to_line().unwrap());
    stream.get_mut().shutdown(Shutdown::Write).unwrap();
    assert!(next(&mut stream).contains("492039"));
    assert_eq!(next(&mut stream), "");
}

#[test]
fn a_thousand_connections_keep_nobody_out() {
    raise_the_limit_of_files();
    let stage = Stage::start(Limits::default());
    let silent: Vec<_> = (0..1_000).map(|_| stage.send(b"")).collect();
    let started = Instant::now();
    for _ in 0..20 {
        stage.client().ask(&Request::Status).unwrap();
    }
    assert!(
        started.elapsed() < Duration::from_secs(3),
        "{:?}",
        started.elapsed()
    );

    let mut turned_away = 0;
    for mut stream in silent {
        stream.get_mut().set_nonblocking(true).unwrap();
        let mut line = String::new();
        if std::io::BufRead::read_line(&mut stream, &mut line).is_ok() {
            turned_away += usize::from(line.contains(r#""code":"busy""#));
        }
    }
    assert_eq!(turned_away, 1_000 - Limits::default().connections);
}

#[test]
fn a_hundred_programs_at_once_are_all_answered() {
    let stage = Stage::start(Limits::default());
    let threads: Vec<_> = (0..100)
        .map(|_| {
            let path = stage.path.clone();
            std::thread::spawn(move || {
                let mut client = undercroft_agent::Client::connect(&path).unwrap();
                client.ask(&code("slow", 5)).unwrap();
            })
        })
        .collect();
    let started = Instant::now();
    for thread in threads {
        thread.join().unwrap();
    }
    assert!(started.elapsed() < 2 * crate::stage::SLOW);
}

#[test]
fn a_client_that_does_not_read_is_let_go() {
    let stage = Stage::start(hurried());
    let mut stream = UnixStream::connect(&stage.path).unwrap();
    stream
        .set_write_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    // Each answer is over a megabyte, so the second can't be sent while the first is unread.
    let asked = "{\"protocol\":1,\"verb\":\"ls\"}\n".repeat(20_000);
    let started = Instant::now();
    let error = stream.write_all(asked.as_bytes()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
    assert!(started.elapsed() < Duration::from_secs(10));
    others_are_answered(&stage);
}

#[test]
fn a_connection_serves_many_requests_and_survives_bad_ones() {
    let stage = Stage::start(Limits::default());
    let lines: [(&[u8], &str); 8] = [
        (STATUS.as_bytes(), r#""ok":{"state":"unlocked""#),
        (
            br#"{"protocol":1,"verb":"seed"}"#,
            r#""code":"unsupported""#,
        ),
        (br#"{"protocol":7,"verb":"status"}"#, r#""protocols":[1]"#),
        (b"\xff\xfe{}", r#""code":"usage""#),
        (
            br#"{"protocol":1,"verb":"code","device":"a"#,
            r#""code":"usage""#,
        ),
        (b"", r#""code":"usage""#),
        (b"\0\0\0", r#""code":"usage""#),
        (
            br#"{"protocol":1,"verb":"code","device":"a"}"#,
            r#""code":"492039""#,
        ),
    ];
    let mut stream = stage.send(b"");
    for _ in 0..200 {
        for (line, expected) in &lines {
            stream
                .get_mut()
                .write_all(&[line, &b"\n"[..]].concat())
                .unwrap();
            let answer = next(&mut stream);
            assert!(answer.contains(expected), "{answer}");
        }
    }
    // All at once; the answers come in order.
    let all: Vec<u8> = lines
        .iter()
        .flat_map(|(line, _)| [line, &b"\n"[..]].concat())
        .collect();
    stream.get_mut().write_all(&all).unwrap();
    for (_, expected) in &lines {
        let answer = next(&mut stream);
        assert!(answer.contains(expected), "{answer}");
    }
}

/// Both ends of each connection are files of this process.
fn raise_the_limit_of_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum.or(Some(1 << 20));
    setrlimit(Resource::Nofile, limit).expect("up to the hard limit it may be raised");
}
