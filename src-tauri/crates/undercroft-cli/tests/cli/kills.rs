//! Agents and their clients are killed at random moments.
//!
//! `UNDERCROFT_KILLS=300` asks for more kills than the 30 of a usual run, and `UNDERCROFT_SEED` for other moments.

use std::{
    collections::BTreeSet,
    env,
    process::Stdio,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use undercroft_agent::{Client, Request, State};
use undercroft_model::IdentityKind;

use crate::{
    real_agent::{DEVICE, Home, PROFILE, PROMPTLY, unlock},
    script::SECRET,
    stage::Ran,
};

/// Random numbers that are the same in every run (SplitMix64).
struct Moments(u64);

impl Moments {
    fn new() -> Self {
        Self(number("UNDERCROFT_SEED").unwrap_or(1))
    }

    fn within(&mut self, most: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let part = (mixed >> 11) as f64 / (1_u64 << 53) as f64;
        most.mul_f64(part)
    }
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

fn kills() -> u64 {
    number("UNDERCROFT_KILLS").unwrap_or(30)
}

/// Checks that a run ended as documented, with a whole answer or none.
fn check(words: &[&str], ran: &Ran) {
    match (words[0], ran.exit) {
        ("credential-process", 0) => {
            let json: Value = serde_json::from_str(&ran.out).expect("a whole answer");
            assert_eq!(json["SecretAccessKey"], SECRET);
        }
        ("code", 0) => assert_eq!(ran.out.trim_end().len(), 6, "{ran:?}"),
        ("status", 0 | 3) | ("ls", 0) => {
            serde_json::from_str::<Value>(&ran.out).expect("a whole answer");
        }
        // Failed: cut off. Locked: also where nobody is there. No unused code yet.
        ("status", 1) | ("credential-process" | "ls", 1 | 3) | ("code", 1 | 3 | 8) => {
            assert_eq!(ran.out, "", "{words:?}: {ran:?}");
            assert!(!ran.err.contains("panicked"), "{words:?}: {ran:?}");
        }
        other => panic!("{other:?}: {ran:?}"),
    }
}

#[test]
fn agents_that_are_killed_leave_a_vault_that_opens_and_clients_that_end() {
    let home = Home::new();
    let mut moments = Moments::new();
    let agent = home.start();
    let started = Instant::now();
    home.wait_until_unlocked();
    let startup = started.elapsed();
    agent.kill();

    let is_over = AtomicBool::new(false);
    let codes = Mutex::new(Vec::new());
    let mut served = 0;
    thread::scope(|scope| {
        let questions: [&[&str]; 4] = [
            &["credential-process", PROFILE],
            &["code", DEVICE],
            &["status", "--json"],
            &["ls", "--json"],
        ];
        let clients: Vec<_> = (0..2)
            .map(|first| {
                let (home, is_over, codes) = (&home, &is_over, &codes);
                scope.spawn(move || {
                    let mut answered = 0;
                    for words in questions.iter().cycle().skip(first) {
                        if is_over.load(Ordering::SeqCst) {
                            break;
                        }
                        let ran = home.run(words);
                        check(words, &ran);
                        if (words[0], ran.exit) == ("code", 0) {
                            codes.lock().unwrap().push(ran.out.clone());
                        }
                        answered += u32::from(ran.exit == 0);
                    }
                    answered
                })
            })
            .collect();
        for _ in 0..kills() {
            let agent = home.start();
            // While it starts and unlocks, too, but more often while it serves.
            thread::sleep(moments.within(startup * 2));
            served += u32::from(home.status().is_some());
            agent.kill();
        }
        is_over.store(true, Ordering::SeqCst);
        let answered: u32 = clients.into_iter().map(|it| it.join().unwrap()).sum();
        assert!(
            answered > 0 && served > 0,
            "some were killed while they served"
        );
    });

    assert!(
        home.stage.socket().exists(),
        "the last one left a dead socket"
    );
    let agent = home.start();
    home.wait_until_unlocked();
    let words = ["credential-process", PROFILE];
    let ran = home.run(&words);
    assert_eq!(ran.exit, 0, "{ran:?}");
    check(&words, &ran);
    agent.kill();
    let codes = codes.into_inner().unwrap();
    let different: BTreeSet<_> = codes.iter().collect();
    assert_eq!(different.len(), codes.len(), "no code is given out twice");
    home.with_session(async |session, _| {
        unlock(&session).await;
        let report = session.check_vault().await.unwrap();
        assert!(report.problem.is_none() && report.secrets > 0, "{report:?}");
    });
}

#[test]
fn clients_that_are_killed_keep_no_place_and_disturb_nobody() {
    let home = Home::new();
    let mut moments = Moments::new();
    let agent = home.start();
    home.wait_until_unlocked();
    // Then the next code is some time away.
    home.run(&["code", DEVICE]);
    let questions: [&[&str]; 5] = [
        &["code", DEVICE, "--wait=120"],
        &["code", DEVICE, "--wait=120"],
        &["credential-process", PROFILE],
        &["ls"],
        &["export", PROFILE],
    ];
    let mut bystander = Client::connect(&home.stage.socket()).unwrap();
    bystander.ask(&Request::Status).unwrap();
    let before = agent.open_files();
    for _ in 0..kills() {
        let asking: Vec<_> = questions
            .iter()
            .map(|words| {
                let mut command = home.stage.command(words);
                command.stdout(Stdio::null()).stderr(Stdio::null());
                command.spawn().unwrap()
            })
            .collect();
        for mut client in asking {
            thread::sleep(moments.within(Duration::from_millis(10)));
            client.kill().unwrap();
            client.wait().unwrap();
        }
        bystander.ask(&Request::Status).unwrap();
    }
    // What was asked for those that are gone, such as the wait for a code, has gone with them.
    let started = Instant::now();
    while agent.open_files() > before {
        assert!(started.elapsed() < PROMPTLY, "connections are left");
        thread::sleep(Duration::from_millis(20));
    }
    for words in [vec!["credential-process", PROFILE], vec!["ls", "--json"]] {
        let ran = home.run(&words);
        assert_eq!(ran.exit, 0, "{ran:?}");
        check(&words, &ran);
    }
    bystander.ask(&Request::Status).unwrap();
    agent.kill();
}

/// Has files with MFA devices of new users imported, one after the other, and answers which were told to be in the vault.
fn import_users(home: &Home, client: usize, is_over: &AtomicBool) -> (Vec<String>, u32) {
    let mut told = Vec::new();
    let mut tried = 0;
    while !is_over.load(Ordering::SeqCst) {
        tried += 1;
        let user = format!("user-{client}-{tried}");
        let path = home.stage.path(&format!("{user}.txt"));
        // A seed of its own: the number in letters.
        let letters: String = format!("{client}{tried:07}")
            .bytes()
            .map(|digit| char::from(b'A' + (digit - b'0')))
            .collect();
        let secret = format!("GEZDGNBVGY3TQOJQGEZDGNBV{letters}");
        let line = format!("otpauth://totp/{user}@123456789012?secret={secret}&issuer=AWS\n");
        std::fs::write(&path, line).unwrap();
        let ran = home.run(&["import", path.to_str().unwrap(), "--json"]);
        match ran.exit {
            0 => told.push(user),
            // Failed: cut off. Locked: also where nobody is there.
            1 | 3 => assert!(!ran.err.contains("panicked"), "{ran:?}"),
            _ => panic!("{ran:?}"),
        }
        std::fs::remove_file(&path).unwrap();
    }
    (told, tried)
}

/// What came of agents that were killed while they saved.
#[derive(Default)]
struct Saving {
    served: u64,
    tried: u32,
    told: usize,
}

/// Kills agents of one vault, which three clients have save all the time.
fn kill_saving_agents(kills: u64, moments: &mut Moments) -> Saving {
    let home = Home::new();
    let agent = home.start();
    let started = Instant::now();
    home.wait_until_unlocked();
    let startup = started.elapsed();
    agent.kill();

    let is_over = AtomicBool::new(false);
    let mut saving = Saving::default();
    let mut told = Vec::new();
    thread::scope(|scope| {
        let clients: Vec<_> = (2..5)
            .map(|client| {
                let (home, is_over) = (&home, &is_over);
                scope.spawn(move || import_users(home, client, is_over))
            })
            .collect();
        for _ in 0..kills {
            let agent = home.start();
            // It is killed while it saves, mostly: now and then while it still starts.
            thread::sleep(startup / 2 + moments.within(startup * 2));
            let status = home.status();
            saving.served += u64::from(status.is_some_and(|it| it.state == State::Unlocked));
            agent.kill();
        }
        is_over.store(true, Ordering::SeqCst);
        for client in clients {
            let (of_client, tried) = client.join().unwrap();
            told.extend(of_client);
            saving.tried += tried;
        }
    });
    let found: BTreeSet<String> = home.with_session(async |session, _| {
        unlock(&session).await;
        let report = session.check_vault().await.unwrap();
        assert!(report.problem.is_none(), "{report:?}");
        let account = session.accounts().await.unwrap()[0].id;
        let identities = session.account(account).await.unwrap().identities;
        let names = identities.iter().map(|row| match &row.kind {
            IdentityKind::IamUser { name } => name.to_string(),
            IdentityKind::Root { email } => email.to_string(),
        });
        names.collect()
    });
    let lost: Vec<_> = told.iter().filter(|user| !found.contains(*user)).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    saving.told = told.len();
    saving
}

#[test]
fn agents_that_are_killed_while_they_save_for_several_clients_lose_nothing_that_was_told() {
    let mut moments = Moments::new();
    let mut all = Saving::default();
    let mut left = kills();
    while left > 0 {
        // A vault of its own for each fifty, so that none grows large.
        let now = left.min(50);
        let saving = kill_saving_agents(now, &mut moments);
        all.served += saving.served;
        all.tried += saving.tried;
        all.told += saving.told;
        left -= now;
    }
    assert!(
        all.told > 0 && all.served > 0,
        "some were killed while they saved"
    );
    println!(
        "{} agents killed, {} of them while unlocked; {} imports tried by 3 clients, {} told to be saved; 0 of them lost",
        kills(),
        all.served,
        all.tried,
        all.told
    );
}
