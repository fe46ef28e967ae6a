//! A server that hands over leaves nobody waiting, and its place to whoever comes next.

use std::{
    os::unix::net::UnixListener,
    path::Path,
    sync::{
        Arc, Barrier,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use undercroft_agent::{
    BindError, Client, ClientError, Code, Limits, Refusal, Reply, Request, Server,
};

use crate::{
    refused,
    stage::{Stage, code, credentials, next},
};

fn hand_over(stage: &Stage) {
    let reply = stage.client().ask(&Request::HandOver).unwrap();
    assert!(matches!(reply, Reply::Done));
}

/// Waits until the server has left its place, and takes it.
fn bind_soon(path: &Path) -> Server {
    let started = Instant::now();
    loop {
        match Server::bind(path, Limits::default()) {
            Ok(server) => return server,
            Err(BindError::InUse) if started.elapsed() < Duration::from_secs(5) => {
                thread::sleep(Duration::from_millis(5));
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn whoever_is_being_answered_or_says_nothing_hears_that_it_is_locked() {
    let stage = Stage::start(Limits::default());
    let path = stage.path.clone();
    let asking = thread::spawn({
        let path = path.clone();
        move || refused(Client::connect(&path).unwrap().ask(&code("stuck", 60)))
    });
    stage.wait_until(|seen| seen.begun == 1);
    let mut silent = stage.client();
    silent.ask(&Request::Status).unwrap();
    let mut reading = stage.send(b"");
    hand_over(&stage);

    assert_eq!(asking.join().unwrap(), Code::Locked);
    assert!(next(&mut reading).contains(r#""code":"locked""#));
    assert_eq!(next(&mut reading), "", "and then it is closed");
    assert_eq!(refused(silent.ask(&credentials("prod"))), Code::Locked);
    stage.wait_until(|seen| seen.dropped == 1);

    drop(bind_soon(&path));
    let error = Client::connect(&path).unwrap_err();
    assert!(matches!(error, ClientError::NotRunning), "{error:?}");
}

#[test]
fn nobody_is_cut_off_who_comes_meanwhile() {
    for _ in 0..20 {
        let stage = Stage::start(Limits::default());
        let (barrier, answered) = (Arc::new(Barrier::new(9)), Arc::new(AtomicU32::new(0)));
        let clients: Vec<_> = (0..8)
            .map(|_| {
                let (path, barrier) = (stage.path.clone(), Arc::clone(&barrier));
                let answered = Arc::clone(&answered);
                thread::spawn(move || {
                    barrier.wait();
                    loop {
                        let asked = Client::connect(&path)
                            .and_then(|mut client| client.ask(&credentials("prod")));
                        match asked {
                            Ok(_) => answered.fetch_add(1, Ordering::Relaxed),
                            Err(ClientError::Refused(refusal)) => {
                                assert_eq!(refusal.code, Code::Locked);
                                continue;
                            }
                            Err(ClientError::NotRunning) => return,
                            Err(error) => panic!("{error:?}"),
                        };
                    }
                })
            })
            .collect();
        barrier.wait();
        while answered.load(Ordering::Relaxed) < 20 {
            thread::sleep(Duration::from_millis(1));
        }
        hand_over(&stage);
        for client in clients {
            client.join().unwrap();
        }
    }
}

#[test]
fn a_hand_over_that_is_refused_ends_nothing() {
    let stage = Stage::start(Limits {
        requests: 1,
        ..Limits::default()
    });
    let waiting = stage.send(&code("stuck", 60).to_line().unwrap());
    stage.wait_until(|seen| seen.begun == 1);
    let answer = stage.raw(r#"{"protocol":1,"verb":"hand-over"}"#);
    assert!(answer.contains(r#""code":"busy""#), "{answer}");
    drop(waiting);
    stage.wait_until(|seen| seen.dropped == 1);
    stage.client().ask(&Request::Status).unwrap();
}

#[test]
fn a_socket_that_another_made_is_taken_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agent.sock");
    let makers = UnixListener::bind(&path).unwrap();
    let given = makers.try_clone().unwrap();
    let stage = Stage::serve(
        Server::from_listener(given, Limits::default()),
        path.clone(),
    );
    hand_over(&stage);
    let server = bind_soon(&path);
    // Its maker still listens, and nobody can come to it any more.
    makers.set_nonblocking(true).unwrap();
    let next = Stage::serve(server, path);
    next.client().ask(&Request::Status).unwrap();
    assert!(makers.accept().is_err());
}

#[test]
fn a_socket_that_its_maker_made_anew_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agent.sock");
    let given = UnixListener::bind(&path).unwrap();
    let stage = Stage::serve(
        Server::from_listener(given, Limits::default()),
        path.clone(),
    );
    let mut client = stage.client();
    client.ask(&Request::Status).unwrap();
    std::fs::remove_file(&path).unwrap();
    let _anew = UnixListener::bind(&path).unwrap();
    client.ask(&Request::HandOver).unwrap();
    thread::sleep(Duration::from_millis(200));
    assert!(path.exists());
}

#[test]
fn a_server_that_wont_serve_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("undercroft/agent.sock");
    let server = Server::bind(&path, Limits::default()).unwrap();
    let waiting: Vec<_> = (0..3).map(|_| Client::connect(&path).unwrap()).collect();
    server.refuse(&Refusal::new(Code::VaultInUse, "the app has it"));
    for mut client in waiting {
        assert_eq!(refused(client.ask(&Request::Status)), Code::VaultInUse);
    }
}
