//! Whose a process is, by the token that the system gave it.

use std::sync::OnceLock;

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind, get_current_pid};

/// The security identifier of the user that this process runs as, such as `S-1-5-21-…-1001`.
pub(crate) fn own_user() -> Option<&'static str> {
    static USER: OnceLock<Option<String>> = OnceLock::new();
    let user = USER.get_or_init(|| user_of(get_current_pid().ok()?));
    user.as_deref()
}

/// Tells whether a process runs as the same user. One that can't be looked at, as another user's can't, does not.
pub(crate) fn is_ours(pid: u32) -> bool {
    let user = user_of(Pid::from_u32(pid));
    user.is_some() && user.as_deref() == own_user()
}

fn user_of(pid: Pid) -> Option<String> {
    let mut system = System::new().ok()?;
    system.refresh_processes_specifics(
        ProcessesToUpdate::Some(&[pid]),
        true,
        ProcessRefreshKind::nothing().with_user(UpdateKind::Always),
    );
    let user = system.process(pid)?.user_id()?;
    Some(user.to_string())
}
