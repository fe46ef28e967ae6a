//! Feeds lines to both ends of the agent's protocol: none may panic, and what is read must be written and read the same.
//!
//! The first byte chooses: `0` to `:` read the rest as an answer to a request of that kind, all others as a request.

#![no_main]

use libfuzzer_sys::fuzz_target;
use undercroft_agent::{
    ANSWER_BYTES, AnswerLine, AnswerLines, Code, Reply, Request, RequestError, Verb,
};

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

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, line)) = bytes.split_first() else {
        return;
    };
    match VERBS.get(usize::from(choice.wrapping_sub(b'0'))) {
        Some(verb) => answer(*verb, line),
        None => request(line),
    }
});

fn request(line: &[u8]) {
    match Request::parse(line) {
        Ok(request) => match request.to_line() {
            Ok(written) => {
                let (_, content) = written.split_last().expect("a line end");
                assert!(!content.contains(&b'\n'));
                assert_eq!(
                    Request::parse(content).expect("what was written reads"),
                    request
                );
            }
            // Escapes may take more room than what they stand for.
            Err(error) => assert_eq!(error, RequestError::TooLong),
        },
        Err(refusal) => assert!(matches!(
            refusal.code,
            Code::Usage | Code::Protocol | Code::Unsupported
        )),
    }
}

fn answer(verb: Verb, line: &[u8]) {
    let reply = match AnswerLine::parse(verb, line) {
        Ok(AnswerLine::Ok(reply)) => reply,
        Ok(AnswerLine::More(rows)) => {
            let _ = Reply::Done.after(vec![rows]);
            return;
        }
        Ok(AnswerLine::Refused(_)) | Err(_) => return,
    };
    let shown = format!("{reply:?}");
    let lines = AnswerLines::of(&Ok(reply.after(Vec::new())));
    let mut earlier = Vec::new();
    for line in lines.expose() {
        assert!(line.len() <= ANSWER_BYTES + 1);
        let (_, content) = line.split_last().expect("a line end");
        match AnswerLine::parse(verb, content).expect("what was written reads") {
            AnswerLine::More(rows) => earlier.push(rows),
            // Pieces of a file that came apart from it are put together, so only the length can be compared.
            AnswerLine::Ok(again) => {
                let again = format!("{:?}", again.after(std::mem::take(&mut earlier)));
                assert!(verb == Verb::Import || again == shown);
            }
            AnswerLine::Refused(refusal) => assert_eq!(refusal.code, Code::Failed),
        }
    }
}
