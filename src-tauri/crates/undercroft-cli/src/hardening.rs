//! What this process does so that what is in its memory stays there.

use crate::terminal::Terminal;

/// Refuses debuggers and core dumps, as far as the system goes along: what is in memory here opens the vault.
///
/// Not for commands that ask the agent for credentials: it has to see in `/proc` who asks.
pub(crate) fn harden(terminal: &Terminal) {
    if let Err(error) = secmem_proc::harden_process() {
        terminal.detail(&format!("the process could not be hardened: {error}"));
    }
}

/// Has this process leave no core dump, which would hold the credentials that pass through it.
///
/// Whatever it starts inherits that, but for what [`with_core_dumps_as_before`] starts. Windows writes none unless somebody
/// set that up for this program.
pub(crate) fn leave_no_core() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

        let before = BEFORE.get_or_init(|| getrlimit(Resource::Core));
        let none = Rlimit {
            current: Some(0),
            maximum: before.maximum,
        };
        // A process may always lower its own limit.
        let _ = setrlimit(Resource::Core, none);
    }
}

/// Starts something that leaves core dumps as the user has it: a command that is the user's own.
pub(crate) fn with_core_dumps_as_before<T>(start: impl FnOnce() -> T) -> T {
    #[cfg(unix)]
    if let Some(before) = BEFORE.get() {
        let _ = rustix::process::setrlimit(rustix::process::Resource::Core, *before);
    }
    let started = start();
    leave_no_core();
    started
}

/// The limit of core dumps that this process was started with.
#[cfg(unix)]
static BEFORE: std::sync::OnceLock<rustix::process::Rlimit> = std::sync::OnceLock::new();

#[cfg(all(test, unix))]
mod tests {
    use rustix::process::{Resource, getrlimit};

    #[test]
    fn a_command_leaves_no_core() {
        // In a child, so that the tests themselves keep their limit.
        if std::env::var_os("UNDERCROFT_NO_CORE").is_none() {
            let status = std::process::Command::new(std::env::current_exe().unwrap())
                .args(["a_command_leaves_no_core", "--test-threads=1"])
                .env("UNDERCROFT_NO_CORE", "1")
                .stdout(std::process::Stdio::null())
                .status()
                .unwrap();
            assert!(status.success());
            return;
        }
        let before = getrlimit(Resource::Core);
        super::leave_no_core();
        assert_eq!(getrlimit(Resource::Core).current, Some(0));
        let of_the_command = super::with_core_dumps_as_before(|| getrlimit(Resource::Core));
        assert_eq!(of_the_command, before);
        assert_eq!(getrlimit(Resource::Core).current, Some(0));
    }
}
