//! Runs a child under strace, which lists its system calls or has one of them fail.

#![allow(clippy::print_stdout, reason = "it says what was skipped")]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

/// Looking at a file of this name marks the begin of what matters in a trace.
pub(crate) const BEGIN: &str = "/undercroft-save-begins";
/// The same for its end.
pub(crate) const END: &str = "/undercroft-save-ends";

/// More calls of any name than another thread makes.
const AHEAD: usize = 80;

/// Makes file calls that change nothing: strace counts each thread's calls by themselves and injects at the same number
/// in all of them, so this thread has to be ahead of the test runner's.
fn get_ahead() -> std::io::Result<()> {
    use std::io::{Read, Seek, Write};

    let nothing = Path::new("/dev/null/nothing");
    for _ in 0..AHEAD {
        let mut null = std::fs::File::options()
            .read(true)
            .write(true)
            .open("/dev/null")?;
        let mut bytes = Vec::new();
        null.write_all(b"x")?;
        null.read_to_end(&mut bytes)?;
        null.rewind()?;
        null.metadata()?;
        let _ = null.sync_all();
        drop(null.try_clone()?);
        let _ = std::fs::read_dir("/proc/self/task")?.count();
        let _ = std::fs::symlink_metadata(nothing);
        let _ = std::fs::metadata(nothing);
        let _ = std::fs::rename(nothing, nothing);
        let _ = std::fs::hard_link(nothing, nothing);
        let _ = std::fs::remove_file(nothing);
        let _ = std::fs::create_dir(nothing);
        let _ = std::fs::canonicalize("/proc/self");
    }
    Ok(())
}

/// Runs `work` between the two marks.
pub(crate) fn marked<R>(work: impl FnOnce() -> R) -> R {
    get_ahead().unwrap();
    let _ = std::fs::symlink_metadata(BEGIN);
    let result = work();
    let _ = std::fs::symlink_metadata(END);
    result
}

/// Whether strace is installed and may trace; says so when it is not.
pub(crate) fn works() -> bool {
    let works = Command::new("strace")
        .args(["-q", "-o", "/dev/null", "true"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !works {
        println!(
            "SKIPPED: strace is not installed or may not trace; faults at system calls were not tried"
        );
    }
    works
}

/// The words that run a command without the environment of this process being changed.
fn words(command: &Command) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec!["env".into()];
    for (name, value) in command.get_envs() {
        let mut word = name.to_owned();
        word.push("=");
        word.push(value.unwrap_or_default());
        words.push(word);
    }
    words.push(command.get_program().to_owned());
    words.extend(command.get_args().map(ToOwned::to_owned));
    words
}

/// The command under strace, where the `nth` call of that name does something else. Only calls of that name are
/// looked at (not by `--seccomp-bpf`, with which strace 6.1 loses count).
pub(crate) fn injected(command: &Command, name: &str, nth: usize, what: &str) -> Command {
    let mut strace = Command::new("strace");
    strace
        .args(["-f", "-q", "-o", "/dev/null"])
        .args(["-e", &format!("trace={name}")])
        .args(["-e", &format!("inject={name}:{what}:when={nth}")])
        .args(words(command))
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    strace
}

/// The system calls between the marks, each with its number among the calls of its name in its thread.
pub(crate) fn calls(command: &Command, trace: &Path) -> Vec<(String, usize)> {
    let status = Command::new("strace")
        .args(["-f", "-q", "-o"])
        .arg(trace)
        .args(words(command))
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    let text = String::from_utf8_lossy(&std::fs::read(trace).unwrap()).into_owned();
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut calls = Vec::new();
    let mut begun: Option<String> = None;
    for line in text.lines() {
        let Some((thread, rest)) = line.split_once(' ') else {
            continue;
        };
        let rest = rest.trim_start();
        let Some((name, arguments)) = rest.split_once('(') else {
            continue;
        };
        if !name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            continue;
        }
        let count = counts
            .entry((thread.to_owned(), name.to_owned()))
            .or_default();
        *count += 1;
        if arguments.contains(BEGIN) {
            begun = Some(thread.to_owned());
        } else if arguments.contains(END) {
            break;
        } else if begun.as_deref() == Some(thread) {
            calls.push((name.to_owned(), *count));
        }
    }
    calls
}
