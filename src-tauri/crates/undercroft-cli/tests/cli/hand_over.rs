//! `undercroft agent` that hands its vault over, and one that finds the vault in use.

use std::{
    os::unix::net::UnixListener,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use serde_json::Value;
use undercroft_agent::{Client, ClientError, Limits, Reply, Request, Server};

use crate::{
    real_agent::{Home, PROFILE, unlock, unlock_request},
    script::SECRET,
};

fn hand_over(home: &Home) {
    let reply = home.client().ask(&Request::HandOver).unwrap();
    assert!(matches!(reply, Reply::Done));
}

#[test]
fn a_vault_that_is_handed_over_opens_elsewhere_and_the_agent_has_ended_well() {
    let home = Home::new();
    let agent = home.start();
    home.wait_until_unlocked();
    assert!(home.status().unwrap().hands_over);
    let json = home.run(&["status", "--json"]).out;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["hands_over"], true);
    home.with_session(async |session, _| {
        assert!(session.check_free().await.is_err());
        hand_over(&home);
        session
            .check_free()
            .await
            .expect("free once it is answered");
        unlock(&session).await;
        assert_eq!(session.accounts().await.unwrap().len(), 1);
    });
    let ran = agent.ended();
    assert_eq!((ran.exit, ran.out.as_str()), (0, ""), "{ran:?}");
    let last = ran.err.lines().last();
    assert_eq!(last, Some("handed over to the app"), "{ran:?}");
    assert!(!home.stage.socket().exists());
    assert_eq!(home.run(&["status"]).exit, 3);
}

#[test]
fn programs_that_ask_meanwhile_get_an_answer_or_hear_that_it_is_locked() {
    let home = Home::new();
    let agent = home.start();
    home.wait_until_unlocked();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let clients: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut answered = 0;
                    loop {
                        let was_over = is_over.load(Ordering::SeqCst);
                        let ran = home.run(&["credential-process", PROFILE]);
                        match ran.exit {
                            0 => {
                                let json: Value = serde_json::from_str(&ran.out).unwrap();
                                assert_eq!(json["SecretAccessKey"], SECRET);
                                answered += 1;
                            }
                            exit => assert_eq!((exit, ran.out.as_str()), (3, ""), "{ran:?}"),
                        }
                        if was_over {
                            assert_eq!(ran.exit, 3, "nobody is there any more");
                            return answered;
                        }
                    }
                })
            })
            .collect();
        thread::sleep(Duration::from_millis(300));
        hand_over(&home);
        assert_eq!(agent.ended().exit, 0);
        is_over.store(true, Ordering::SeqCst);
        for client in clients {
            assert!(client.join().unwrap() > 0);
        }
    });
}

#[test]
fn a_program_that_waits_for_a_code_hears_at_once_that_it_is_locked() {
    let home = Home::new();
    let agent = home.start();
    home.wait_until_unlocked();
    assert_eq!(home.run(&["code", "phone"]).exit, 0);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| home.run(&["code", "phone", "--wait=60"]));
        thread::sleep(Duration::from_millis(300));
        hand_over(&home);
        let ran = waiting.join().unwrap();
        // Where the next period began meanwhile it had its code.
        assert!(
            (ran.exit, ran.out.len()) == (3, 0) || (ran.exit, ran.out.len()) == (0, 7),
            "{ran:?}"
        );
    });
    assert_eq!(agent.ended().exit, 0);
}

#[test]
fn a_locked_agent_hands_over_its_socket() {
    let home = Home::new();
    let agent = home.start();
    home.wait_until_unlocked();
    assert_eq!(home.run(&["lock"]).exit, 0);
    hand_over(&home);
    assert_eq!(agent.ended().exit, 0);
    drop(Server::bind(&home.stage.socket(), Limits::default()).unwrap());
}

#[test]
fn an_agent_of_a_vault_that_is_in_use_ends_at_once_with_7() {
    let home = Home::new();
    home.with_session(async |session, _| {
        unlock(&session).await;
        for words in [["agent", "--locked"], ["agent", "--password-stdin"]] {
            let ran = home.run(&words);
            assert_eq!((ran.exit, ran.out.as_str()), (7, ""), "{ran:?}");
            assert!(ran.err.contains("in use by another program"), "{ran:?}");
        }
        assert!(!home.stage.socket().exists());
    });
}

#[test]
fn what_systemd_started_takes_the_socket_along_when_it_hands_over() {
    let home = Home::new();
    let socket = home.stage.socket();
    std::fs::create_dir(socket.parent().unwrap()).unwrap();
    let systemds = UnixListener::bind(&socket).unwrap();
    let agent = home.start_activated(&systemds);
    home.client().ask(&unlock_request()).unwrap();
    assert_eq!(home.run(&["credential-process", PROFILE]).exit, 0);
    hand_over(&home);
    let ran = agent.ended();
    assert_eq!(ran.exit, 0, "{ran:?}");

    // Nobody wakes systemd any more, and the place is free for the app.
    let error = Client::connect(&socket).unwrap_err();
    assert!(matches!(error, ClientError::NotRunning), "{error:?}");
    systemds.set_nonblocking(true).unwrap();
    assert!(systemds.accept().is_err());
    drop(Server::bind(&socket, Limits::default()).unwrap());
}

#[test]
fn what_systemd_starts_while_the_vault_is_in_use_says_so_to_whoever_woke_it() {
    let home = Home::new();
    let socket = home.stage.socket();
    std::fs::create_dir(socket.parent().unwrap()).unwrap();
    let systemds = UnixListener::bind(&socket).unwrap();
    home.with_session(async |session, _| {
        unlock(&session).await;
        thread::scope(|scope| {
            let woke = scope.spawn(|| home.run(&["credential-process", PROFILE]));
            thread::sleep(Duration::from_millis(200));
            let agent = home.start_activated(&systemds);
            let ran = woke.join().unwrap();
            assert_eq!((ran.exit, ran.out.as_str()), (7, ""), "{ran:?}");
            assert_eq!(agent.ended().exit, 7);
        });
        assert!(socket.exists(), "it is systemd's");
    });
}
