//! The server against clients of every kind, over real sockets, or pipes on Windows.

#![cfg(any(unix, windows))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "the functions beside the tests are tests too"
)]

#[cfg(unix)]
mod hand_over;
#[cfg(unix)]
mod hostile;
#[cfg(unix)]
mod other_user;
#[cfg(windows)]
mod pipe;
#[cfg(unix)]
mod place;
mod stage;

use std::time::{Duration, Instant};

use stage::{Stage, code, credentials};
use undercroft_agent::{ActivityWish, Client, ClientError, Code, Limits, Reply, Request, State};

fn refused(answer: Result<Reply, ClientError>) -> Code {
    let Err(ClientError::Refused(refusal)) = answer else {
        panic!("not refused: {answer:?}");
    };
    refusal.code
}

#[test]
fn a_client_gets_what_it_asks_for() {
    let stage = Stage::start(Limits::default());
    let mut client = stage.client();
    let Reply::Status(status) = client.ask(&Request::Status).unwrap() else {
        panic!("a status was asked for");
    };
    assert_eq!(status.state, State::Unlocked);
    let Reply::Credentials(found) = client.ask(&credentials("prod")).unwrap() else {
        panic!("credentials were asked for");
    };
    assert_eq!(found.secret_access_key.expose(), stage::SECRET);
    assert_eq!(found.session_token.unwrap().expose(), stage::TOKEN);
    assert_eq!(
        refused(client.ask(&credentials("none"))),
        Code::NoSuchProfile
    );
    assert!(matches!(client.ask(&Request::Lock).unwrap(), Reply::Done));
}

#[test]
fn a_list_that_takes_several_lines_arrives_whole() {
    let stage = Stage::start(Limits::default());
    let mut client = stage.client();
    for _ in 0..2 {
        let Reply::Profiles(rows) = client.ask(&Request::Ls).unwrap() else {
            panic!("profiles were asked for");
        };
        assert_eq!(rows.len(), 10_000);
        assert_eq!(rows[9_999].name, "profile-9999");
    }
}

#[test]
fn the_answerer_learns_who_asks() {
    let stage = Stage::start(Limits::default());
    let wish = Request::Activity(ActivityWish::default());
    let Reply::Activity(rows) = stage.client().ask(&wish).unwrap() else {
        panic!("activity was asked for");
    };
    assert_eq!(rows[0].count, std::process::id());
    #[cfg(target_os = "linux")]
    assert_eq!(
        rows[0].program.as_deref(),
        std::env::current_exe().unwrap().to_str()
    );
}

#[test]
fn several_clients_are_answered_while_one_waits() {
    let stage = Stage::start(Limits::default());
    let path = stage.path.clone();
    let waiting = std::thread::spawn(move || {
        let started = Instant::now();
        let answer = Client::connect(&path).unwrap().ask(&code("slow", 30));
        (answer.is_ok(), started.elapsed())
    });
    stage.wait_until(|seen| seen.begun == 1);
    let others: Vec<_> = (0..8)
        .map(|_| {
            let path = stage.path.clone();
            std::thread::spawn(move || {
                let mut client = Client::connect(&path).unwrap();
                let started = Instant::now();
                for _ in 0..50 {
                    client.ask(&credentials("prod")).unwrap();
                }
                started.elapsed()
            })
        })
        .collect();
    for other in others {
        assert!(other.join().unwrap() < stage::SLOW);
    }
    let (answered, took) = waiting.join().unwrap();
    assert!(answered && took >= stage::SLOW);
}

#[test]
fn too_many_requests_at_once_are_told_so_at_once() {
    let stage = Stage::start(Limits {
        requests: 2,
        ..Limits::default()
    });
    let waiting: Vec<_> = (0..2)
        .map(|_| {
            let path = stage.path.clone();
            std::thread::spawn(move || Client::connect(&path).unwrap().ask(&code("slow", 30)))
        })
        .collect();
    stage.wait_until(|seen| seen.begun == 2);
    let started = Instant::now();
    let answer = stage.raw(r#"{"protocol":1,"verb":"status"}"#);
    assert!(answer.contains(r#""code":"busy""#), "{answer}");
    assert!(started.elapsed() < Duration::from_millis(500));

    stage
        .client()
        .ask(&Request::Status)
        .expect("tries again until there is room");
    assert!(started.elapsed() > Duration::from_millis(500));
    for waiting in waiting {
        waiting.join().unwrap().unwrap();
    }
}

#[test]
fn an_answer_that_takes_too_long_is_given_up() {
    let stage = Stage::start(Limits {
        answer_grace: Duration::from_millis(100),
        ..Limits::default()
    });
    let mut client = stage.client();
    assert_eq!(refused(client.ask(&code("stuck", 0))), Code::Timeout);
    stage.wait_until(|seen| seen.dropped == 1);
    client
        .ask(&Request::Status)
        .expect("the connection goes on");
}

#[test]
fn a_client_that_goes_away_ends_its_request() {
    let stage = Stage::start(Limits::default());
    let client = stage.send(&code("stuck", 60).to_line().unwrap());
    stage.wait_until(|seen| seen.begun == 1);
    assert_eq!(stage.seen().dropped, 0);
    drop(client);
    stage.wait_until(|seen| seen.dropped == 1);
}

#[test]
fn an_answerer_that_panics_ends_one_connection_only() {
    let stage = Stage::start(Limits::default());
    let mut other = stage.client();
    other.ask(&Request::Status).unwrap();
    let error = stage.client().ask(&code("panic", 0)).unwrap_err();
    assert!(matches!(error, ClientError::CutOff), "{error:?}");
    other.ask(&Request::Status).unwrap();
    stage.client().ask(&Request::Status).unwrap();
}

#[cfg(unix)]
#[test]
fn nobody_there_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    for path in ["none.sock", "nowhere/none.sock"] {
        let error = Client::connect(&folder.path().join(path)).unwrap_err();
        assert!(matches!(error, ClientError::NotRunning), "{error:?}");
    }
    let dead = folder.path().join("dead.sock");
    drop(std::os::unix::net::UnixListener::bind(&dead).unwrap());
    let error = Client::connect(&dead).unwrap_err();
    assert!(matches!(error, ClientError::NotRunning), "{error:?}");
}

#[cfg(unix)]
#[test]
fn a_socket_that_was_handed_over_is_served_and_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("given.sock");
    let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let server = undercroft_agent::Server::from_listener(listener, Limits::default());
    let stage = Stage::serve(server, path.clone());
    stage.client().ask(&Request::Status).unwrap();
    drop(stage);
    assert!(path.exists());
    assert!(
        undercroft_agent::activated().unwrap().is_none(),
        "these tests are not started by systemd"
    );
}
