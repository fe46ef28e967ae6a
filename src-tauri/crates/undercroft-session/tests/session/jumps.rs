//! The machine's clock jumps back and forth by hours while everything is used.
//!
//! Time passes by the steady clock, which is AWS's here; the time of day is set to anything. `UNDERCROFT_SEED` asks for
//! other jumps.

use std::collections::BTreeSet;

use crate::stage::{self, Answers, Filed, SEED, START_SECS, Stage, secret};
use undercroft_model::{OtpParams, Timestamp};
use undercroft_otp::{Seed, TimeStep, code};
use undercroft_session::{AccountDraft, CodeAnswer, Event, LockReason, SessionAnswer, SessionWish};

/// Where the stage's steady clock begins.
const STEADY_START: u64 = 5000;
const LIFETIME_SECS: i64 = 3600;
const IDLE_SECS: f64 = 600.0;
const WALKS: u64 = 12;
const STEPS: usize = 60;

/// Random numbers that are the same in every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        i64::try_from(mixed % end.unsigned_abs()).unwrap()
    }
}

struct Walk {
    stage: Stage,
    filed: Filed,
    dice: Dice,
    /// How far the time of day is from AWS's time.
    wrong_by: i64,
    untouched_secs: f64,
    /// Time steps whose codes AWS may have taken.
    used: BTreeSet<u64>,
    figures: Figures,
}

#[derive(Default)]
struct Figures {
    jumps: u32,
    codes: u32,
    sessions: u32,
    at_hand: u32,
    locks: u32,
    changes: u32,
}

impl Walk {
    async fn new(seed: u64) -> Self {
        let stage = Stage::unlocked().await;
        let filed = stage.filed().await;
        let mut walk = Self {
            stage,
            filed,
            dice: Dice(seed),
            wrong_by: 0,
            untouched_secs: 0.0,
            used: BTreeSet::new(),
            figures: Figures::default(),
        };
        // From the first answer on AWS's clock is known.
        walk.session().await;
        walk
    }

    /// AWS's time.
    fn now(&self) -> i64 {
        use undercroft_session::Clock;
        let passed = self.stage.clock.monotonic().as_secs() - STEADY_START;
        START_SECS + i64::try_from(passed).unwrap()
    }

    /// Which step near AWS's time a code is of; nothing for one that AWS would not take now.
    fn step_of(&self, text: &str) -> Option<u64> {
        let seed = Seed::from_base32(&secret(SEED)).unwrap().seed;
        let params = OtpParams::default();
        let present = TimeStep::at(Timestamp::from_unix_secs(self.now()), params.period).counter();
        (present - 1..=present + 1)
            .find(|step| code(&seed, params, TimeStep::from_counter(*step)).as_str() == text)
    }

    fn given(&mut self, text: &str) {
        self.figures.codes += 1;
        if let Some(step) = self.step_of(text) {
            assert!(self.used.insert(step), "a code is given twice");
        } else {
            panic!("a code that AWS would not take, though its clock is known");
        }
    }

    async fn code(&mut self) {
        let answer = self.stage.session.program_code("phone".to_owned()).await;
        if let CodeAnswer::Ready { code, .. } = answer.unwrap() {
            self.given(code.expose());
        }
    }

    async fn session(&mut self) {
        let ends_in_secs = self.now() + LIFETIME_SECS - START_SECS;
        self.stage.sts.will(Answers::Session {
            ends_in_secs,
            offset_secs: -self.wrong_by,
        });
        let before = self.stage.sts.calls().len();
        let wish = SessionWish {
            fresh: self.dice.below(4) == 0,
            ..self.filed.wish()
        };
        let answer = self.stage.session.get_session(wish).await.unwrap();
        let calls = self.stage.sts.calls();
        if calls.len() == before {
            // Not asked for: what was scripted is for nobody.
            self.stage.sts.forget_script();
        }
        for call in &calls[before..] {
            self.given(call.code.as_deref().unwrap());
        }
        if let SessionAnswer::Ready { session, cached } = answer {
            let left = session.expires_at.unix_secs() - self.now();
            assert!(left > 0, "a session that ended {} s ago is served", -left);
            assert!(!cached || left > LIFETIME_SECS / 4 - 2, "{left} s are left");
            let said = i64::from(session.expires_in_secs);
            assert!(
                (said - left).abs() <= 2,
                "{said} s are said, {left} are left"
            );
            self.figures.sessions += 1;
            self.figures.at_hand += u32::from(cached);
        }
    }

    async fn change(&mut self) {
        self.figures.changes += 1;
        let draft = AccountDraft {
            id: Some(self.filed.account),
            notes: self.figures.changes.to_string(),
            ..stage::account("123456789012")
        };
        self.stage.session.save_account(draft).await.unwrap();
        assert!(
            self.stage
                .notices()
                .await
                .iter()
                .all(|notice| { matches!(notice, undercroft_session::Notice::ClockOff { .. }) })
        );
    }

    async fn pass(&mut self, secs: i64) {
        self.stage.clock.advance(secs as f64);
        self.untouched_secs += secs as f64;
        if self.untouched_secs >= IDLE_SECS {
            let by_idling = |event: &Event| *event == Event::Locked(LockReason::Idle);
            self.stage.platform.event(by_idling).await;
            self.figures.locks += 1;
            self.stage.unlock().await;
            self.untouched_secs = 0.0;
        } else {
            self.stage.session.overview().await.expect("it is open");
        }
    }

    fn jump(&mut self) {
        let to = self.dice.below(24 * 3600) - 12 * 3600;
        self.stage.clock.set_wall(to - self.wrong_by);
        self.wrong_by = to;
        self.figures.jumps += 1;
    }

    async fn step(&mut self) {
        match self.dice.below(10) {
            0 | 1 => self.jump(),
            2 | 3 => {
                let secs = self.dice.below(90);
                self.pass(secs).await;
            }
            4 => {
                let secs = self.dice.below(1500);
                self.pass(secs).await;
            }
            use_it => {
                match use_it {
                    5 | 6 => self.code().await,
                    7 | 8 => self.session().await,
                    _ => self.change().await,
                }
                self.stage.session.touch();
                self.untouched_secs = 0.0;
            }
        }
    }
}

#[tokio::test]
async fn no_jump_gives_a_code_twice_serves_an_ended_session_misses_a_lock_or_costs_a_change() {
    let seed = std::env::var("UNDERCROFT_SEED").ok();
    let seed: u64 = seed.and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut all = Figures::default();
    for walk in 0..WALKS {
        let mut walk = Walk::new(seed * 1000 + walk).await;
        for _ in 0..STEPS {
            walk.step().await;
        }
        let stage = walk.stage.restart().await;
        stage.unlock().await;
        let account = stage.session.account(walk.filed.account).await.unwrap();
        let expected = match walk.figures.changes {
            0 => String::new(),
            changes => changes.to_string(),
        };
        assert_eq!(account.notes, expected, "lost");
        all.jumps += walk.figures.jumps;
        all.codes += walk.figures.codes;
        all.sessions += walk.figures.sessions;
        all.at_hand += walk.figures.at_hand;
        all.locks += walk.figures.locks;
        all.changes += walk.figures.changes;
    }
    assert!(all.jumps > 50 && all.codes > 50 && all.at_hand > 10 && all.locks > 20);
    println!(
        "{} jumps of up to 12 hours in {WALKS} walks: {} codes, 0 given twice; {} sessions, {} of them at hand, 0 of them \
         over; {} locks, 0 missed; {} changes, 0 lost",
        all.jumps, all.codes, all.sessions, all.at_hand, all.locks, all.changes
    );
}
