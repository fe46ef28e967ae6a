//! What a process can do so that others of the same user don't read it.

/// Refuses debuggers and core dumps, as far as the system goes along.
///
/// Where it does not, the app runs all the same: the threat model counts on neither alone.
pub(crate) fn harden() {
    if let Err(error) = secmem_proc::harden_process() {
        tracing::warn!("the process could not be hardened: {error}");
    }
}

/// Variables by which another program could drive the windows or look into their pages.
const REMOTE_CONTROLS: &[&str] = &[
    "TAURI_WEBVIEW_AUTOMATION",
    "WEBKIT_INSPECTOR_SERVER",
    "WEBKIT_INSPECTOR_HTTP_SERVER",
];

/// The variable of the environment that would hand the windows to another program, where one is set.
///
/// Only debug builds and those with the feature `automation` may be driven: that is how the tests use the real window.
pub(crate) fn remote_control() -> Option<&'static str> {
    let may_be_driven = cfg!(any(debug_assertions, feature = "automation"));
    refused(may_be_driven, |name| std::env::var_os(name).is_some())
}

fn refused(may_be_driven: bool, is_set: impl Fn(&str) -> bool) -> Option<&'static str> {
    REMOTE_CONTROLS
        .iter()
        .copied()
        .find(|name| !may_be_driven && is_set(name))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn a_release_build_refuses_each_way_of_remote_control_and_a_tested_build_none() {
        for name in super::REMOTE_CONTROLS {
            assert_eq!(super::refused(false, |set| set == *name), Some(*name));
            assert_eq!(super::refused(true, |set| set == *name), None);
        }
        assert_eq!(super::refused(false, |name| name == "HOME"), None);
    }

    #[test]
    fn a_hardened_process_is_not_dumpable_and_leaves_no_core() {
        // In a child, so that the tests themselves stay debuggable.
        if std::env::var_os("UNDERCROFT_HARDEN").is_none() {
            let status = std::process::Command::new(std::env::current_exe().unwrap())
                .args(["a_hardened_process", "--test-threads=1"])
                .env("UNDERCROFT_HARDEN", "1")
                .stdout(std::process::Stdio::null())
                .status()
                .unwrap();
            assert!(status.success());
            return;
        }
        super::harden();
        let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
        let core = limits
            .lines()
            .find(|line| line.starts_with("Max core file size"))
            .unwrap();
        assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
        assert_eq!(
            rustix::process::dumpable_behavior().unwrap(),
            rustix::process::DumpableBehavior::NotDumpable
        );
    }
}
