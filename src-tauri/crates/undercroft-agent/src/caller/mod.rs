//! Who asks.

use std::path::PathBuf;

#[cfg(any(target_os = "linux", target_os = "android"))]
mod proc;
#[cfg(any(target_os = "linux", target_os = "android"))]
pub use proc::parse_process;

/// The process at the other end of a connection, as the kernel named it when it connected.
///
/// What the kernel says is the process id and the user. All else is read from `/proc` when somebody wants to know, so
/// that answers from a cache cost none of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pid: Option<u32>,
    uid: u32,
    /// The time since the machine started, in the unit in which the kernel counts the starts of processes.
    connected_at: u64,
}

/// Where a request comes from, for a person to judge.
///
/// It is what the processes say of themselves at the moment of reading. A program of the same user that wants to deceive
/// can, so this informs a person and stops mistakes, not malware.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The asking program, its parent, and so on up to the session leader and the terminal that holds it; at most
    /// [`Origin::MOST_PROGRAMS`].
    pub programs: Vec<Program>,
    /// The asking program's working directory, or that of the nearest parent that lets it be read.
    pub working_directory: Option<PathBuf>,
    /// The terminal, such as `pts/3`; none for programs without one.
    pub terminal: Option<String>,
}

/// A running program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its process id.
    pub pid: u32,
    /// What it calls itself; at most 15 bytes, control characters replaced.
    pub name: String,
    /// The path of what it runs, where it may be read. Ends in ` (deleted)` when the file is no longer there.
    pub executable: Option<PathBuf>,
    /// The file that an interpreter runs.
    pub script: Option<PathBuf>,
}

/// Why it can't be told where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OriginError {
    /// The process has ended. Its number may be another's by now.
    #[error("the asking program has ended")]
    Gone,
    /// This system has no way of asking, or the process is out of sight, as in a container.
    #[error("the asking program can't be looked at")]
    Unknown,
}

impl Origin {
    /// Longer chains are cut off.
    pub const MOST_PROGRAMS: usize = 16;
}

impl Caller {
    /// The process with that number, as connected at this moment.
    #[must_use]
    pub fn connected_now(pid: Option<u32>, uid: u32) -> Self {
        Self {
            // A process that can't be seen from here, such as one outside the container, has the number 0.
            pid: pid.filter(|pid| *pid != 0),
            uid,
            #[cfg(any(target_os = "linux", target_os = "android"))]
            connected_at: proc::now(),
            #[cfg(not(any(target_os = "linux", target_os = "android")))]
            connected_at: 0,
        }
    }

    /// The process that connected. It may have ended, or passed the connection on.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.pid
    }

    /// The user that it acted as, which is always this process's own.
    #[must_use]
    pub fn uid(&self) -> u32 {
        self.uid
    }

    /// Reads where the request comes from.
    ///
    /// Opens up to a few dozen small files of `/proc` and looks whether a script is a file: to be called where blocking
    /// is allowed.
    ///
    /// # Errors
    /// When the process has ended or can't be looked at.
    pub fn origin(&self) -> Result<Origin, OriginError> {
        let pid = self.pid.ok_or(OriginError::Unknown)?;
        #[cfg(any(target_os = "linux", target_os = "android"))]
        return proc::origin(pid, self.connected_at);
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        {
            let _ = (pid, self.connected_at);
            Err(OriginError::Unknown)
        }
    }
}
