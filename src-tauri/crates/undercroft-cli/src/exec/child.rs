//! Being the parent of the command: passing signals on, stopping and ending with it.

use std::{
    process::{Child, ExitCode},
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
/// To be taken before any thread is started, since threads inherit what is held back. A command that is started
/// afterwards does not: it starts with none held back.
#[derive(Debug)]
pub(crate) struct Signals {
    set: SigSet,
}

impl Signals {
    pub(crate) fn take() -> Self {
        let set: SigSet = PASSED_ON.iter().map(|(caught, _)| *caught).collect();
        // Without it, signals do to this process what they do to any.
        let _ = set.thread_block();
        Self { set }
    }
}

/// Waits for the command's end, passing on signals, and takes over its exit code: 128 and the number for one that was
/// ended by a signal, as shells have it.
pub(crate) fn attend(child: &Child, signals: Signals) -> Result<ExitCode, Failure> {
    let failed = || Failure::io("the command can't be waited for");
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let Some(pid) = pid else {
        return Err(failed()(std::io::ErrorKind::InvalidInput.into()));
    };
    thread::spawn(move || pass_on(&signals, pid));
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

/// Passes signals on for as long as the process lives.
fn pass_on(signals: &Signals, pid: Pid) {
    let Some(mut queue) = Queue::of(signals) else {
        return;
    };
    while let Some(caught) = queue.next() {
        let signal = PASSED_ON.iter().find(|(one, _)| *one == caught);
        if let Some((_, signal)) = signal {
            // One that has ended needs no signal any more.
            let _ = kill_process(pid, *signal);
        }
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
    fn of(signals: &Signals) -> Option<Self> {
        use nix::sys::signalfd::{SfdFlags, SignalFd};

        SignalFd::with_flags(&signals.set, SfdFlags::SFD_CLOEXEC)
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
    fn of(signals: &Signals) -> Option<Self> {
        Some(Self(signals.set))
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
