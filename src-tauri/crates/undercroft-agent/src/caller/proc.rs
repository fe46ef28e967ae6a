//! Reading `/proc` (proc(5)), whose processes come and go meanwhile.
//!
//! A number may become another process's between two reads. So the start time is read before and after all else, the
//! caller must have started before it connected, and a parent before its child.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::Read,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use rustix::time::{ClockId, clock_gettime};

use super::{Origin, OriginError, Program};

/// More than `/proc/PID/stat` ever has, and enough of a command line for an interpreter's options and a path.
const MOST_BYTES: u64 = 16 * 1024;
/// So many options of an interpreter are looked past for its script.
const MOST_OPTIONS: usize = 16;

/// What runs scripts; version numbers at the end don't count.
const INTERPRETERS: [&str; 16] = [
    "python", "pypy", "node", "bun", "deno", "ruby", "perl", "php", "lua", "Rscript", "sh", "bash",
    "dash", "zsh", "fish", "ksh",
];

/// The time since the machine started, in clock ticks.
pub(super) fn now() -> u64 {
    let now = clock_gettime(ClockId::Boottime);
    let ticks = rustix::param::clock_ticks_per_second();
    let secs = u64::try_from(now.tv_sec).unwrap_or_default();
    let nanos = u64::try_from(now.tv_nsec).unwrap_or_default();
    secs * ticks + nanos * ticks / 1_000_000_000
}

pub(super) fn origin(pid: u32, connected_at: u64) -> Result<Origin, OriginError> {
    if !Path::new("/proc/self/stat").exists() {
        return Err(OriginError::Unknown);
    }
    let mut origin = Origin::default();
    let mut stat = Stat::of(pid)
        .filter(|stat| stat.started_at <= connected_at)
        .ok_or(OriginError::Gone)?;
    origin.terminal = terminal(stat.terminal);
    let (mut pid, mut above_the_leader) = (pid, false);
    while origin.programs.len() < Origin::MOST_PROGRAMS {
        let (program, directory) = look_at(pid, &stat);
        if Stat::of(pid).is_none_or(|again| again.started_at != stat.started_at) {
            break;
        }
        origin.programs.push(program);
        origin.working_directory = origin.working_directory.or(directory);
        let is_leader = pid == stat.session;
        // Above a shell is the terminal's window or the login that it belongs to, which is worth knowing; further up,
        // and above a leader without a terminal, is only what started the desktop.
        if above_the_leader || (is_leader && stat.terminal == 0) || stat.parent <= 1 {
            break;
        }
        above_the_leader = is_leader;
        let Some(parent) = Stat::of(stat.parent).filter(|it| it.started_at <= stat.started_at)
        else {
            break;
        };
        (pid, stat) = (stat.parent, parent);
    }
    if origin.programs.is_empty() {
        Err(OriginError::Gone)
    } else {
        Ok(origin)
    }
}

fn look_at(pid: u32, stat: &Stat) -> (Program, Option<PathBuf>) {
    let link = |name: &str| fs::read_link(format!("/proc/{pid}/{name}")).ok();
    let (executable, directory) = (link("exe"), link("cwd"));
    let interpreter = executable
        .as_deref()
        .and_then(Path::file_name)
        .is_some_and(is_interpreter);
    let script = if interpreter {
        read(pid, "cmdline").and_then(|line| script(&line, directory.as_deref()))
    } else {
        None
    };
    let program = Program {
        pid,
        name: stat.name.clone(),
        executable,
        script,
    };
    (program, directory)
}

/// Tells whether a program of that name runs scripts.
fn is_interpreter(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-'));
    INTERPRETERS.contains(&bare)
}

/// Finds the first argument that is a file.
fn script(command_line: &[u8], directory: Option<&Path>) -> Option<PathBuf> {
    let mut arguments = command_line.split(|byte| *byte == 0).skip(1);
    for argument in arguments.by_ref().take(MOST_OPTIONS) {
        match argument {
            [] | b"-c" | b"-e" | b"-m" | b"-" => return None,
            [b'-', ..] => {}
            path => {
                let path = Path::new(OsStr::from_bytes(path));
                let path = directory.map_or_else(|| path.to_owned(), |folder| folder.join(path));
                if path.is_absolute() && path.is_file() {
                    return Some(path);
                }
            }
        }
    }
    None
}

/// Names a terminal by its device number: `pts/N`, `ttyN` or `ttySN` (the kernel's `devices.txt`).
fn terminal(number: u32) -> Option<String> {
    let major = number >> 8 & 0xfff;
    let minor = number & 0xff | number >> 12 & 0xf_ff00;
    match (major, minor) {
        (136..=143, _) => Some(format!("pts/{}", (major - 136) * 256 + minor)),
        (4, 0..=63) => Some(format!("tty{minor}")),
        (4, _) => Some(format!("ttyS{}", minor - 64)),
        (_, _) => None,
    }
}

/// Reads what `/proc/PID/stat` and `/proc/PID/cmdline` hold and returns the program's name and, as for one that runs
/// scripts in the folder `/`, its script; for fuzzing.
#[must_use]
pub fn parse_process(stat: &[u8], command_line: &[u8]) -> Option<(String, Option<PathBuf>)> {
    let stat = Stat::parse(stat)?;
    let _ = terminal(stat.terminal);
    Some((stat.name, script(command_line, Some(Path::new("/")))))
}

fn read(pid: u32, name: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(format!("/proc/{pid}/{name}"))
        .ok()?
        .take(MOST_BYTES)
        .read_to_end(&mut bytes)
        .ok()?;
    Some(bytes)
}

/// What is needed of `/proc/PID/stat`.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    name: String,
    parent: u32,
    session: u32,
    terminal: u32,
    started_at: u64,
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        Self::parse(&read(pid, "stat")?)
    }

    fn parse(line: &[u8]) -> Option<Self> {
        // A name may hold anything, brackets and line ends too; what follows the last bracket holds none.
        let open = line.iter().position(|byte| *byte == b'(')?;
        let close = line.iter().rposition(|byte| *byte == b')')?;
        let name = String::from_utf8_lossy(line.get(open + 1..close)?);
        let rest = str::from_utf8(line.get(close + 1..)?).ok()?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        let number = |index: usize| fields.get(index)?.parse::<u32>().ok();
        Some(Self {
            name: name
                .chars()
                .map(|c| {
                    if c.is_control() {
                        char::REPLACEMENT_CHARACTER
                    } else {
                        c
                    }
                })
                .collect(),
            parent: number(1)?,
            session: number(3)?,
            // Signed in print, bits in truth.
            terminal: fields.get(4)?.parse::<i32>().ok()?.cast_unsigned(),
            started_at: fields.get(19)?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command, Stdio};

    use proptest::prelude::*;

    use super::*;
    use crate::Caller;

    struct Killed(Child);

    impl Drop for Killed {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    fn is_running(child: &Child, program: &str) -> bool {
        fs::read_link(format!("/proc/{}/exe", child.id())).is_ok_and(|path| {
            !path.ends_with(std::env::current_exe().unwrap().file_name().unwrap())
        }) && read(child.id(), "cmdline").is_some_and(|line| line.starts_with(program.as_bytes()))
    }

    #[test]
    fn this_test_is_found_with_its_parents() {
        let own = std::process::id();
        let caller = Caller::connected_now(Some(own), 0);
        let origin = caller.origin().unwrap();
        let first = &origin.programs[0];
        assert_eq!(first.pid, own);
        assert_eq!(first.executable, std::env::current_exe().ok());
        assert_eq!(first.script, None);
        assert_eq!(origin.working_directory, std::env::current_dir().ok());
        assert!(origin.programs.len() <= Origin::MOST_PROGRAMS);
        if let Some(parent) = origin.programs.get(1) {
            assert_eq!(parent.pid, std::os::unix::process::parent_id());
        }
    }

    #[test]
    fn a_shells_script_and_folder_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        fs::write(folder.join("deploy"), "read line\n").unwrap();
        let mut command = Command::new("sh");
        command.args(["-u", "deploy"]).current_dir(&folder);
        let child = Killed(command.stdin(Stdio::piped()).spawn().unwrap());
        while !is_running(&child.0, "sh") {
            std::thread::yield_now();
        }
        let origin = Caller::connected_now(Some(child.0.id()), 0)
            .origin()
            .unwrap();
        assert_eq!(origin.programs[0].script, Some(folder.join("deploy")));
        assert_eq!(origin.working_directory, Some(folder));
        assert_eq!(origin.programs[1].pid, std::process::id());
    }

    #[test]
    fn a_process_that_started_after_the_connection_is_another() {
        let mut caller = Caller::connected_now(None, 0);
        caller.connected_at -= 5;
        std::thread::sleep(std::time::Duration::from_millis(20));
        let child = Killed(Command::new("sleep").arg("60").spawn().unwrap());
        caller.pid = Some(child.0.id());
        assert_eq!(caller.origin(), Err(OriginError::Gone));
        caller.connected_at = now();
        assert!(caller.origin().is_ok());
        let ended = child.0.id();
        drop(child);
        caller.pid = Some(ended);
        assert_eq!(caller.origin(), Err(OriginError::Gone));
        caller.pid = None;
        assert_eq!(caller.origin(), Err(OriginError::Unknown));
    }

    #[test]
    fn names_may_hold_anything() {
        let mut line = b"12 (a) R 1\n(\x1b[31m) S 7 12 9 34819 -1".to_vec();
        line.extend_from_slice(b" 0".repeat(13).as_slice());
        line.extend_from_slice(b" 4711 0 0");
        let stat = Stat::parse(&line).unwrap();
        assert_eq!(stat.name, "a) R 1\u{fffd}(\u{fffd}[31m");
        assert_eq!((stat.parent, stat.session), (7, 9));
        assert_eq!(stat.started_at, 4711);
        assert_eq!(terminal(stat.terminal).as_deref(), Some("pts/3"));
    }

    #[test]
    fn terminals_have_their_names() {
        assert_eq!(terminal(0), None);
        assert_eq!(terminal(4 << 8 | 2).as_deref(), Some("tty2"));
        assert_eq!(terminal(4 << 8 | 65).as_deref(), Some("ttyS1"));
        assert_eq!(
            terminal(136 << 8 | 44 | 1 << 20).as_deref(),
            Some("pts/300")
        );
    }

    #[test]
    fn interpreters_are_known_by_any_version() {
        for name in ["python3.11", "node", "bash", "ruby3.1", "perl"] {
            assert!(is_interpreter(OsStr::new(name)), "{name}");
        }
        for name in ["aws", "cargo", "3", ""] {
            assert!(!is_interpreter(OsStr::new(name)), "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_line_panics(line in prop::collection::vec(any::<u8>(), 0..300), number: u32) {
            let _ = parse_process(&line, &line);
            let _ = script(&line, None);
            let _ = terminal(number);
        }

        #[test]
        fn no_likely_line_panics(line in r"[0-9]{1,3} [()]{0,3}[ a-z()]{0,9}\)( -?[0-9]{1,20}){0,30}") {
            let _ = Stat::parse(line.as_bytes());
        }
    }
}
