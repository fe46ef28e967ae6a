//! Named pipes: their names, and who may use them.

use std::{
    fs::File,
    io::Write,
    sync::{Arc, Barrier},
    thread,
    time::{Duration, Instant},
};

use undercroft_agent::{
    BindError, Client, ClientError, Code, Limits, REQUEST_BYTES, Request, Server, socket_path,
};

use crate::{
    refused,
    stage::{Stage, a_path, code, credentials, next},
};

const STATUS: &str = r#"{"protocol":1,"verb":"status"}"#;

#[test]
fn the_usual_name_is_of_the_user() {
    let path = socket_path().unwrap();
    let path = path.to_str().unwrap();
    let user = path.strip_prefix(r"\\.\pipe\undercroft-").unwrap();
    assert!(user.starts_with("S-1-"), "{user}");
}

#[test]
fn a_name_has_one_server() {
    let folder = tempfile::tempdir().unwrap();
    let path = a_path(&folder);
    let first = Server::bind(&path, Limits::default()).unwrap();
    let error = Server::bind(&path, Limits::default()).unwrap_err();
    assert!(matches!(error, BindError::InUse), "{error:?}");
    drop(first);
    Server::bind(&path, Limits::default()).unwrap();
}

#[test]
fn a_file_is_no_place_for_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agent.sock");
    let error = Server::bind(&path, Limits::default()).unwrap_err();
    assert!(matches!(error, BindError::NotASocket), "{error:?}");
    let error = Client::connect(&path).unwrap_err();
    assert!(matches!(error, ClientError::NotRunning), "{error:?}");
    File::create(&path).unwrap().write_all(b"{}").unwrap();
    Client::connect(&path).unwrap_err();
    assert_eq!(std::fs::read(&path).unwrap(), b"{}");
}

#[test]
fn nobody_there_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let error = Client::connect(&a_path(&folder)).unwrap_err();
    assert!(matches!(error, ClientError::NotRunning), "{error:?}");
}

#[test]
fn a_client_that_came_before_serving_began_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let path = a_path(&folder);
    let server = Server::bind(&path, Limits::default()).unwrap();
    let mut early = Client::connect(&path).unwrap();
    let _stage = Stage::serve(server, path);
    early.ask(&Request::Status).unwrap();
}

#[test]
fn a_line_that_is_too_long_is_refused() {
    let stage = Stage::start(Limits::default());
    let mut line = STATUS.to_owned();
    line.push_str(&" ".repeat(REQUEST_BYTES + 1 - line.len()));
    line.push('\n');
    let answer = next(&mut stage.send(line.as_bytes()));
    assert!(answer.contains(r#""code":"usage""#), "{answer}");
    assert!(stage.raw(STATUS).contains("unlocked"));
}

#[test]
fn a_client_that_says_nothing_is_let_go() {
    let stage = Stage::start(Limits {
        line_time: Duration::from_millis(200),
        idle_time: Duration::from_millis(200),
        ..Limits::default()
    });
    assert_eq!(next(&mut stage.send(b"")), "");
    assert!(next(&mut stage.send(b"{\"pro")).contains("took too long"));
}

#[test]
fn a_hundred_programs_at_once_are_all_answered() {
    let stage = Stage::start(Limits::default());
    let barrier = Arc::new(Barrier::new(100));
    let clients: Vec<_> = (0..100)
        .map(|_| {
            let (path, barrier) = (stage.path.clone(), Arc::clone(&barrier));
            thread::spawn(move || {
                barrier.wait();
                Client::connect(&path)?.ask(&credentials("prod"))
            })
        })
        .collect();
    for client in clients {
        client.join().unwrap().unwrap();
    }
}

#[test]
fn a_hand_over_leaves_nobody_waiting_and_the_name_free() {
    let stage = Stage::start(Limits::default());
    let path = stage.path.clone();
    let asking = thread::spawn({
        let path = path.clone();
        move || refused(Client::connect(&path).unwrap().ask(&code("stuck", 60)))
    });
    stage.wait_until(|seen| seen.begun == 1);
    stage.client().ask(&Request::HandOver).unwrap();
    assert_eq!(asking.join().unwrap(), Code::Locked);
    let started = Instant::now();
    while let Err(error) = Server::bind(&path, Limits::default()) {
        assert!(matches!(error, BindError::InUse), "{error:?}");
        assert!(started.elapsed() < Duration::from_secs(5));
        thread::sleep(Duration::from_millis(5));
    }
}
