//! Where the socket is.

#[cfg(unix)]
use std::path::Path;
use std::path::PathBuf;

/// Works out the usual place of the socket.
///
/// It is `undercroft/agent.sock` in `$XDG_RUNTIME_DIR`; without that variable in `/run/user/UID`, where it exists and is
/// ours; else `undercroft/run/agent.sock` in the user's data folder (XDG Base Directory Specification). Never in a
/// folder that others may write. On Windows it is a named pipe that has the user's security identifier in its name.
/// `None` where there is not even a home, or no way of serving programs.
#[must_use]
pub fn socket_path() -> Option<PathBuf> {
    #[cfg(unix)]
    {
        let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
        let runtime = PathBuf::from(format!("/run/user/{}", crate::peer::own_uid()));
        from_variables(variable, &runtime)
    }
    #[cfg(windows)]
    {
        let user = crate::peer::own_user()?;
        Some(format!(r"\\.\pipe\undercroft-{user}").into())
    }
    #[cfg(not(any(unix, windows)))]
    None
}

#[cfg(unix)]
fn from_variables(variable: impl Fn(&str) -> Option<PathBuf>, runtime: &Path) -> Option<PathBuf> {
    // The specification says to ignore paths that are not absolute.
    let folder = |name: &str| variable(name).filter(|path| path.is_absolute());
    if let Some(runtime) = folder("XDG_RUNTIME_DIR")
        .or_else(|| crate::peer::is_own_folder(runtime).then(|| runtime.to_owned()))
    {
        return Some(runtime.join("undercroft/agent.sock"));
    }
    folder("XDG_DATA_HOME")
        .or_else(|| folder("HOME").map(|home| home.join(".local/share")))
        .map(|data| data.join("undercroft/run/agent.sock"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn path(variables: &[(&str, &str)], runtime: &Path) -> Option<PathBuf> {
        let variable = |wanted: &str| {
            variables
                .iter()
                .find(|(name, _)| *name == wanted)
                .map(|(_, value)| PathBuf::from(value))
        };
        from_variables(variable, runtime)
    }

    #[test]
    fn the_usual_place_follows_xdg() {
        let nowhere = Path::new("/nowhere");
        assert_eq!(
            path(
                &[("XDG_RUNTIME_DIR", "/run/user/7"), ("HOME", "/home/me")],
                nowhere
            ),
            Some("/run/user/7/undercroft/agent.sock".into())
        );
        assert_eq!(
            path(&[("XDG_RUNTIME_DIR", "run"), ("HOME", "/home/me")], nowhere),
            Some("/home/me/.local/share/undercroft/run/agent.sock".into())
        );
        assert_eq!(
            path(&[("XDG_DATA_HOME", "/data"), ("HOME", "/home/me")], nowhere),
            Some("/data/undercroft/run/agent.sock".into())
        );
        assert_eq!(path(&[], nowhere), None);
    }

    #[test]
    fn the_systems_runtime_folder_must_be_ours_alone() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let home = [("HOME", "/home/me")];
        let inside = Some(folder.path().join("undercroft/agent.sock"));
        assert_eq!(path(&home, folder.path()), inside);
        let open = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(folder.path(), open).unwrap();
        assert_ne!(path(&home, folder.path()), inside);
    }
}
