//! One client.

use std::sync::Arc;

use tokio::{
    io::AsyncWriteExt,
    sync::{Semaphore, watch},
    time::{Instant, timeout},
};

use super::{
    Answerer,
    ends::{Stream, gone},
    lines::{Lines, NoLine},
    silent::Silent,
};
use crate::{AnswerLines, Caller, Code, Limits, REQUEST_BYTES, Refusal, Reply, Request, Verb};

/// What all connections share.
pub(super) struct Shared {
    pub(super) answerer: Arc<dyn Answerer>,
    pub(super) limits: Limits,
    /// The requests that may be answered at once.
    pub(super) requests: Semaphore,
    pub(super) silent: Silent,
    /// Whether a hand-over was obeyed, after which nothing is answered.
    handed_over: watch::Sender<bool>,
}

impl Shared {
    pub(super) fn new(answerer: Arc<dyn Answerer>, limits: Limits) -> Self {
        Self {
            answerer,
            limits,
            requests: Semaphore::new(limits.requests),
            silent: Silent::default(),
            handed_over: watch::Sender::new(false),
        }
    }

    /// Returns once a hand-over was obeyed.
    pub(super) async fn handed_over(&self) {
        // The sender lives as long as `self`.
        let _ = self.handed_over.subscribe().wait_for(|over| *over).await;
    }
}

/// Answers a client until it goes, or breaks the rules.
pub(super) async fn answer_all(shared: &Shared, mut stream: Stream, caller: Caller, id: u64) {
    let limits = &shared.limits;
    let mut lines = Lines::default();
    // Whoever connects has something to ask.
    let mut idle_until = Instant::now() + limits.line_time.min(limits.idle_time);
    loop {
        let silence = shared.silent.begin(id);
        let line = tokio::select! {
            line = lines.next(&mut stream, idle_until, limits) => line,
            () = silence.has_to_end() => return,
            // One that asks at this moment reads it as its answer.
            () = shared.handed_over() => {
                send(&mut stream, &Err(handed_over()), limits).await;
                return;
            }
        };
        drop(silence);
        let mut hands_over = false;
        let (answer, ends) = match line {
            Ok(line) => match Request::parse(&line) {
                Ok(request) => {
                    let verb = request.verb();
                    let Some(answer) =
                        answer(shared, (&mut stream, &mut lines), &caller, request).await
                    else {
                        return;
                    };
                    hands_over = verb == Verb::HandOver && answer.is_ok();
                    (answer, hands_over)
                }
                Err(refusal) => (Err(refusal), false),
            },
            Err(NoLine::Ended | NoLine::Idle) => return,
            Err(NoLine::Slow) => (
                Err(Refusal::usage("the line took too long to arrive")),
                true,
            ),
            Err(NoLine::TooLong) => {
                let message = format!("a request has at most {REQUEST_BYTES} bytes");
                (Err(Refusal::usage(message)), true)
            }
        };
        let is_sent = send(&mut stream, &answer, limits).await;
        if hands_over && is_sent {
            shared.handed_over.send_replace(true);
        }
        if !is_sent || ends {
            return;
        }
        idle_until = Instant::now() + limits.idle_time;
    }
}

/// Answers a request in time; `None` when the client has gone meanwhile.
async fn answer(
    shared: &Shared,
    (stream, lines): (&mut Stream, &mut Lines),
    caller: &Caller,
    request: Request,
) -> Option<Result<Reply, Refusal>> {
    let Ok(_permit) = shared.requests.try_acquire() else {
        return Some(Err(busy()));
    };
    let at_most = request.wait().as_duration() + shared.limits.answer_grace;
    let answer = shared.answerer.answer(caller.clone(), request);
    tokio::select! {
        answer = timeout(at_most, answer) => Some(answer.unwrap_or_else(|_| {
            Err(Refusal::new(Code::Timeout, "there was no answer in time"))
        })),
        () = gone(stream, lines) => None,
        () = shared.handed_over() => Some(Err(handed_over())),
    }
}

async fn send(stream: &mut Stream, answer: &Result<Reply, Refusal>, limits: &Limits) -> bool {
    let lines = AnswerLines::of(answer);
    for line in lines.expose() {
        match timeout(limits.write_time, stream.write_all(line)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return false,
        }
    }
    true
}

/// What is said to whoever comes after a hand-over: the vault is not open here any more.
pub(super) fn handed_over() -> Refusal {
    Refusal::new(
        Code::Locked,
        "the vault was handed over to the app; ask again once it is unlocked there",
    )
}

/// What is said when there are too many.
pub(super) fn busy() -> Refusal {
    Refusal::new(Code::Busy, "too many programs ask at once; ask again soon")
}
