//! Signals, and waiting for a process that may be stopped and go on.

use std::{
    process::{Child, ExitCode},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use nix::sys::signal::{SigSet, Signal as Caught};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

use crate::failure::Failure;

/// What is passed on to the command.
const PASSED_ON: [(Caught, Signal); 9] = [
    (Caught::SIGINT, Signal::INT),
    (Caught::SIGTERM, Signal::TERM),
    (Caught::SIGHUP, Signal::HUP),
    (Caught::SIGQUIT, Signal::QUIT),
    (Caught::SIGWINCH, Signal::WINCH),
    (Caught::SIGUSR1, Signal::USR1),
    (Caught::SIGUSR2, Signal::USR2),
    (Caught::SIGTSTP, Signal::TSTP),
    (Caught::SIGCONT, Signal::CONT),
];

/// Signals that no longer end or stop this process, and wait to be passed on.
///
/// Held back they would be for the command too, which inherits that; caught they are for this process alone. So they are
/// caught until the command runs, and held back and read in order from then on. What is ignored stays ignored for both, as
/// `nohup` wants it.
#[derive(Debug)]
pub(crate) struct Signals {
    caught: Vec<(Caught, Arc<AtomicBool>)>,
}

impl Signals {
    /// Catches them, before the command is started.
    pub(crate) fn take() -> Self {
        let ignored = ignored();
        let mut caught = Vec::new();
        for (signal, _) in PASSED_ON {
            let number = signal as i32;
            if ignored >> (number - 1) & 1 == 1 {
                continue;
            }
            let came = Arc::new(AtomicBool::new(false));
            // Without it, the signal does to this process what it does to any.
            if signal_hook::flag::register(number, Arc::clone(&came)).is_ok() {
                caught.push((signal, came));
            }
        }
        Self { caught }
    }

    /// Holds them back instead, for this thread and those that it starts.
    fn hold_back(&self) -> SigSet {
        let set: SigSet = self.caught.iter().map(|(signal, _)| *signal).collect();
        let _ = set.thread_block();
        set
    }

    /// Those that came while they were caught.
    fn early(&self) -> impl Iterator<Item = Caught> {
        self.caught
            .iter()
            .filter(|(_, came)| came.load(Ordering::SeqCst))
            .map(|(signal, _)| *signal)
    }
}

/// The signals that this process was told to ignore, one bit each from the first on (proc(5), `/proc/pid/status`).
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .unwrap_or_default();
    u64::from_str_radix(mask.trim(), 16).unwrap_or_default()
}

/// Waits for the command's end, passing on signals, and takes over its exit code: 128 and the number for one that was
/// ended by a signal, as shells have it.
///
/// To be called before any other thread is started, since threads inherit what is held back.
pub(crate) fn attend(
    child: &mut Child,
    signals: &Signals,
    beside: impl FnOnce(),
) -> Result<ExitCode, Failure> {
    let failed = || Failure::io("the command can't be waited for");
    let held_back = signals.hold_back();
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let Some(pid) = pid else {
        return Err(failed()(std::io::ErrorKind::InvalidInput.into()));
    };
    for signal in signals.early() {
        send(pid, signal);
    }
    thread::spawn(move || pass_on(&held_back, pid));
    beside();
    loop {
        let status = match waitpid(Some(pid), WaitOptions::UNTRACED) {
            Ok(Some((_, status))) => status,
            Ok(None) | Err(rustix::io::Errno::INTR) => continue,
            Err(errno) => return Err(failed()(errno.into())),
        };
        if status.stopped() {
            // The shell that runs both takes the terminal back when the first of them stops.
            let _ = kill_process(rustix::process::getpid(), Signal::STOP);
            let _ = kill_process(pid, Signal::CONT);
            continue;
        }
        let killed = status.terminating_signal().map(|number| 128 + number);
        let code = status.exit_status().or(killed).unwrap_or(1);
        return Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)));
    }
}

fn send(pid: Pid, caught: Caught) {
    let signal = PASSED_ON.iter().find(|(one, _)| *one == caught);
    if let Some((_, signal)) = signal {
        // One that has ended needs no signal any more.
        let _ = kill_process(pid, *signal);
    }
}

/// Passes signals on for as long as the process lives.
fn pass_on(held_back: &SigSet, pid: Pid) {
    let Some(mut queue) = Queue::of(held_back) else {
        return;
    };
    while let Some(caught) = queue.next() {
        send(pid, caught);
    }
}

/// The signals that were sent to this process alone.
///
/// Those of the terminal, such as Ctrl-C, go from the kernel to all processes in the foreground, the command included: to
/// pass them on would double them, and a second Ctrl-C means more than the first to many programs.
#[cfg(any(target_os = "linux", target_os = "android"))]
struct Queue(nix::sys::signalfd::SignalFd);

#[cfg(any(target_os = "linux", target_os = "android"))]
impl Queue {
    fn of(held_back: &SigSet) -> Option<Self> {
        use nix::sys::signalfd::{SfdFlags, SignalFd};

        SignalFd::with_flags(held_back, SfdFlags::SFD_CLOEXEC)
            .ok()
            .map(Self)
    }

    fn next(&mut self) -> Option<Caught> {
        loop {
            let info = match self.0.read_signal() {
                Ok(Some(info)) => info,
                Ok(None) | Err(nix::errno::Errno::EINTR) => continue,
                Err(_) => return None,
            };
            let is_of_the_kernel = info.ssi_code > 0;
            let number = i32::try_from(info.ssi_signo).ok()?;
            let caught = Caught::try_from(number).ok()?;
            if !is_of_the_kernel || caught == Caught::SIGCONT {
                return Some(caught);
            }
        }
    }
}

/// Here nothing tells who sent a signal. Those that a terminal sends are taken for the terminal's where there is one.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
struct Queue(SigSet);

#[cfg(not(any(target_os = "linux", target_os = "android")))]
impl Queue {
    fn of(held_back: &SigSet) -> Option<Self> {
        Some(Self(*held_back))
    }

    fn next(&mut self) -> Option<Caught> {
        use std::io::IsTerminal;

        loop {
            let caught = self.0.wait().ok()?;
            let is_of_a_terminal = matches!(
                caught,
                Caught::SIGINT | Caught::SIGQUIT | Caught::SIGTSTP | Caught::SIGWINCH
            );
            if !(is_of_a_terminal && std::io::stdin().is_terminal()) {
                return Some(caught);
            }
        }
    }
}
