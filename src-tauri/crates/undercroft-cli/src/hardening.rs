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
/// Whatever it starts afterwards inherits that. Windows writes none unless somebody set that up for this program.
pub(crate) fn leave_no_core() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};

        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        // A process may always lower its own limit.
        let _ = setrlimit(Resource::Core, none);
    }
}

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
        super::leave_no_core();
        let limit = getrlimit(Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
    }
}
