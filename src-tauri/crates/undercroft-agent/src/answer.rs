//! How an answer is written as lines, and read.

use std::ops::Range;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{
    ANSWER_BYTES, ANSWER_TOTAL_BYTES, Code, PROTOCOL, Refusal, Reply, Verb,
    reply::{ActivityRow, ImportedFile, ProfileRow, Rows, SessionRow, State},
    wiped::Wiped,
};

/// So many things of one file go into a piece of it.
const PIECE: usize = 200;

/// One line of an answer.
#[derive(Clone, Debug)]
pub enum AnswerLine {
    /// Some rows; further lines follow.
    More(Rows),
    /// The last line of what was asked for.
    Ok(Reply),
    /// Why the request is refused.
    Refused(Refusal),
}

/// Why a line is not an answer. Says nothing of its content, which may be secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// Not a line that this protocol knows.
    #[error("the answer can't be understood at column {column}")]
    Unreadable {
        /// One-based position in bytes, or 0.
        column: usize,
    },
    /// An answer in another protocol.
    #[error("the answer is of protocol {0}; the two programs are of different versions")]
    Protocol(u64),
}

/// What every answer line has.
#[derive(Deserialize)]
struct Envelope<'a> {
    protocol: u64,
    #[serde(borrow, default)]
    ok: Option<&'a RawValue>,
    #[serde(borrow, default)]
    more: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

/// The same to be written: one of the three.
#[derive(Serialize)]
struct Written<'a> {
    protocol: u32,
    #[serde(flatten)]
    line: Line<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Line<'a> {
    Ok(Body<'a>),
    More(Body<'a>),
    Error(&'a Refusal),
}

/// A reply, or a part of one.
#[derive(Serialize)]
#[serde(untagged)]
enum Body<'a> {
    Done {},
    Status {
        state: State,
        vault: Option<&'a str>,
        protocol: u32,
        sessions: &'a [SessionRow],
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        hands_over: bool,
    },
    Credentials(&'a crate::Credentials),
    Code(&'a crate::HandedCode),
    Console(&'a crate::ConsoleLink),
    TakenOut(&'a crate::TakenOut),
    Sessions {
        sessions: &'a [SessionRow],
    },
    Profiles {
        profiles: &'a [ProfileRow],
    },
    Files {
        files: &'a [ImportedFile],
    },
    Activity {
        activity: &'a [ActivityRow],
    },
}

#[derive(Deserialize)]
struct Sessions {
    sessions: Vec<SessionRow>,
}

#[derive(Deserialize)]
struct Profiles {
    profiles: Vec<ProfileRow>,
}

#[derive(Deserialize)]
struct Files {
    files: Vec<ImportedFile>,
}

#[derive(Deserialize)]
struct Activity {
    activity: Vec<ActivityRow>,
}

/// An object in which nothing is expected.
#[derive(Deserialize)]
struct Anything {}

impl AnswerLine {
    /// Reads a line, without its line end, of the answer to a request of that kind.
    ///
    /// # Errors
    /// When it is no answer to such a request, or one of another protocol.
    pub fn parse(verb: Verb, line: &[u8]) -> Result<Self, AnswerError> {
        let envelope: Envelope<'_> = read(line)?;
        if envelope.protocol != u64::from(PROTOCOL) {
            return Err(AnswerError::Protocol(envelope.protocol));
        }
        match (envelope.error, envelope.ok, envelope.more) {
            (Some(error), None, None) => inner(error).map(Self::Refused),
            (None, Some(ok), None) => reply(verb, ok).map(Self::Ok),
            (None, None, Some(more)) => rows(verb, more).map(Self::More),
            (_, _, _) => Err(AnswerError::Unreadable { column: 0 }),
        }
    }
}

fn reply(verb: Verb, body: &RawValue) -> Result<Reply, AnswerError> {
    Ok(match verb {
        Verb::Status => Reply::Status(inner(body)?),
        Verb::Unlock | Verb::Lock | Verb::HandOver => {
            inner::<Anything>(body).map(|_| Reply::Done)?
        }
        Verb::Ls => Reply::Profiles(inner::<Profiles>(body)?.profiles),
        Verb::Credentials => Reply::Credentials(inner(body)?),
        Verb::Code => Reply::Code(inner(body)?),
        Verb::Console => Reply::Console(inner(body)?),
        Verb::Import => Reply::Import(inner::<Files>(body)?.files),
        Verb::TakeOut => Reply::TakenOut(inner(body)?),
        Verb::Activity => Reply::Activity(inner::<Activity>(body)?.activity),
    })
}

fn rows(verb: Verb, body: &RawValue) -> Result<Rows, AnswerError> {
    match verb {
        Verb::Status => inner::<Sessions>(body).map(|part| Rows::Sessions(part.sessions)),
        Verb::Ls => inner::<Profiles>(body).map(|part| Rows::Profiles(part.profiles)),
        Verb::Import => inner::<Files>(body).map(|part| Rows::Files(part.files)),
        Verb::Activity => inner::<Activity>(body).map(|part| Rows::Activity(part.activity)),
        Verb::Unlock
        | Verb::Lock
        | Verb::Credentials
        | Verb::Code
        | Verb::Console
        | Verb::TakeOut
        | Verb::HandOver => Err(AnswerError::Unreadable { column: 0 }),
    }
}

fn inner<T: DeserializeOwned>(value: &RawValue) -> Result<T, AnswerError> {
    read(value.get().as_bytes())
}

fn read<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, AnswerError> {
    serde_json::from_slice(bytes).map_err(|error| AnswerError::Unreadable {
        column: error.column(),
    })
}

/// The lines of an answer, each with its line end, in memory that is wiped.
#[derive(Debug)]
pub struct AnswerLines(Vec<Wiped>);

impl AnswerLines {
    /// Writes an answer; one that is too long becomes a refusal that says so.
    #[must_use]
    pub fn of(answer: &Result<Reply, Refusal>) -> Self {
        let lines = match answer {
            Ok(reply) => written(reply),
            Err(refusal) => one(Line::Error(refusal)).map(|line| vec![line]),
        };
        let fits = |lines: &Vec<Wiped>| {
            lines.iter().map(Wiped::len).sum::<usize>() <= ANSWER_TOTAL_BYTES
                && lines.iter().all(|line| line.len() <= ANSWER_BYTES + 1)
        };
        let lines = lines.filter(fits).or_else(|| {
            let refusal = Refusal::new(Code::Failed, "the answer is too long to be sent");
            one(Line::Error(&refusal)).map(|line| vec![line])
        });
        Self(lines.unwrap_or_default())
    }

    /// Lends the lines in the clear, to be sent.
    pub fn expose(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(Wiped::as_slice)
    }
}

/// Writes a reply as one line where it fits, and otherwise its rows as several.
fn written(reply: &Reply) -> Option<Vec<Wiped>> {
    let whole = one(Line::Ok(body(reply)))?;
    if whole.len() <= ANSWER_BYTES {
        return Some(vec![whole]);
    }
    match reply {
        Reply::Status(status) => split(
            &status.sessions,
            |sessions| Body::Sessions { sessions },
            |sessions| Body::Status {
                state: status.state,
                vault: status.vault.as_deref(),
                protocol: status.protocol,
                sessions,
                hands_over: status.hands_over,
            },
        ),
        Reply::Profiles(profiles) => {
            let part = |profiles| Body::Profiles { profiles };
            split(profiles, part, part)
        }
        Reply::Import(files) => {
            let part = |files| Body::Files { files };
            let pieces = pieces(files);
            split(&pieces, part, part)
        }
        Reply::Activity(activity) => {
            let part = |activity| Body::Activity { activity };
            split(activity, part, part)
        }
        Reply::Done
        | Reply::Credentials(_)
        | Reply::Code(_)
        | Reply::Console(_)
        | Reply::TakenOut(_) => None,
    }
}

fn body(reply: &Reply) -> Body<'_> {
    match reply {
        Reply::Done => Body::Done {},
        Reply::Status(status) => Body::Status {
            state: status.state,
            vault: status.vault.as_deref(),
            protocol: status.protocol,
            sessions: &status.sessions,
            hands_over: status.hands_over,
        },
        Reply::Profiles(profiles) => Body::Profiles { profiles },
        Reply::Credentials(credentials) => Body::Credentials(credentials),
        Reply::Code(code) => Body::Code(code),
        Reply::Console(link) => Body::Console(link),
        Reply::Import(files) => Body::Files { files },
        Reply::TakenOut(outcome) => Body::TakenOut(outcome),
        Reply::Activity(activity) => Body::Activity { activity },
    }
}

/// Writes all rows but the last lines' with `more`, and those with `last`.
fn split<'a, T: Serialize>(
    rows: &'a [T],
    more: impl Fn(&'a [T]) -> Body<'a>,
    last: impl Fn(&'a [T]) -> Body<'a>,
) -> Option<Vec<Wiped>> {
    let mut lines = Vec::new();
    let mut ranges = ranges(rows)?.into_iter().peekable();
    while let Some(range) = ranges.next() {
        let rows = rows.get(range)?;
        lines.push(one(if ranges.peek().is_some() {
            Line::More(more(rows))
        } else {
            Line::Ok(last(rows))
        })?);
    }
    Some(lines)
}

/// Divides rows so that each part fits into a line, with room for what stands around it.
fn ranges<T: Serialize>(rows: &[T]) -> Option<Vec<Range<usize>>> {
    let room = ANSWER_BYTES - ANSWER_BYTES / 8;
    let (mut ranges, mut start, mut used) = (Vec::new(), 0, 0);
    for (index, row) in rows.iter().enumerate() {
        let mut bytes = Wiped::default();
        serde_json::to_writer(&mut bytes, row).ok()?;
        if used + bytes.len() + 1 > room {
            ranges.push(start..index);
            (start, used) = (index, 0);
        }
        used += bytes.len() + 1;
    }
    ranges.push(start..rows.len());
    Some(ranges)
}

/// Divides files of which much is to be said.
fn pieces(files: &[ImportedFile]) -> Vec<ImportedFile> {
    let mut pieces = Vec::new();
    for file in files {
        let (mut found, mut problems) = (file.found.chunks(PIECE), file.problems.chunks(PIECE));
        let piece = |continued| ImportedFile {
            continued,
            ..ImportedFile::new(file.source.clone(), Vec::new(), Vec::new())
        };
        let mut continued = false;
        loop {
            let (some, others) = (found.next(), problems.next());
            if continued && some.is_none() && others.is_none() {
                break;
            }
            pieces.push(ImportedFile {
                found: some.unwrap_or_default().to_vec(),
                problems: others.unwrap_or_default().to_vec(),
                ..piece(continued)
            });
            continued = true;
        }
        for sections in file.plain_secrets.chunks(PIECE) {
            pieces.push(ImportedFile {
                plain_secrets: sections.to_vec(),
                ..piece(true)
            });
        }
    }
    pieces
}

fn one(line: Line<'_>) -> Option<Wiped> {
    let mut bytes = Wiped::default();
    let written = Written {
        protocol: PROTOCOL,
        line,
    };
    serde_json::to_writer(&mut bytes, &written).ok()?;
    bytes.extend(b"\n");
    Some(bytes)
}
