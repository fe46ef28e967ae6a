//! What may lie in the socket's place.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, symlink},
        net::UnixListener,
    },
    path::{Path, PathBuf},
};

use tempfile::TempDir;
use undercroft_agent::{BindError, Client, Limits, Request, Server};

use crate::stage::Stage;

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("undercroft/agent.sock");
    fs::create_dir(path.parent().unwrap()).unwrap();
    set_mode(path.parent().unwrap(), 0o700);
    (folder, path)
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().mode() & 0o7777
}

fn bind(path: &Path) -> Result<Server, BindError> {
    Server::bind(path, Limits::default())
}

#[test]
fn the_socket_and_its_new_folder_are_for_us_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/agent.sock");
    let server = bind(&path).unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&folder.path().join("a/b")), 0o700);
    assert_eq!(mode(&folder.path().join("a")), 0o700);
    for entry in fs::read_dir(folder.path().join("a/b")).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
    drop(server);
    assert!(!path.exists());
}

#[test]
fn a_live_socket_is_never_taken() {
    let (_folder, path) = place();
    let first = bind(&path).unwrap();
    assert!(
        matches!(bind(&path), Err(BindError::InUse)),
        "before it serves"
    );
    let stage = Stage::serve(first, path.clone());
    assert!(matches!(bind(&path), Err(BindError::InUse)));
    stage.client().ask(&Request::Status).unwrap();
    drop(stage);
    bind(&path).unwrap();
}

#[test]
fn a_live_socket_of_a_program_that_takes_no_lock_is_not_taken_either() {
    let (_folder, path) = place();
    let foreign = UnixListener::bind(&path).unwrap();
    let inode = fs::metadata(&path).unwrap().ino();
    assert!(matches!(bind(&path), Err(BindError::InUse)));
    // Even when so many have come that it accepts no more for now.
    let mut waiting = Vec::new();
    loop {
        let socket = rustix::net::socket_with(
            rustix::net::AddressFamily::UNIX,
            rustix::net::SocketType::STREAM,
            rustix::net::SocketFlags::NONBLOCK,
            None,
        );
        let socket = socket.unwrap();
        let address = rustix::net::SocketAddrUnix::new(&path).unwrap();
        let connected = rustix::net::connect(&socket, &address);
        waiting.push(socket);
        if connected.is_err() || waiting.len() > 5_000 {
            break;
        }
    }
    assert!(matches!(bind(&path), Err(BindError::InUse)));
    assert_eq!(fs::metadata(&path).unwrap().ino(), inode);
    drop(foreign);
    bind(&path).unwrap();
}

#[test]
fn a_dead_socket_is_replaced() {
    let (_folder, path) = place();
    drop(UnixListener::bind(&path).unwrap());
    fs::write(path.with_extension("sock.new"), "left by a crash").unwrap();
    let stage = Stage::serve(bind(&path).unwrap(), path.clone());
    stage.client().ask(&Request::Status).unwrap();
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn what_is_no_socket_is_left_alone() {
    let (folder, path) = place();
    fs::write(&path, "mine").unwrap();
    assert!(matches!(bind(&path), Err(BindError::NotASocket)));
    assert_eq!(fs::read(&path).unwrap(), b"mine");

    fs::remove_file(&path).unwrap();
    let elsewhere = folder.path().join("elsewhere.sock");
    drop(UnixListener::bind(&elsewhere).unwrap());
    symlink(&elsewhere, &path).unwrap();
    assert!(matches!(bind(&path), Err(BindError::NotASocket)));
    assert!(elsewhere.exists());

    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(matches!(bind(&path), Err(BindError::NotASocket)));
}

#[test]
fn a_folder_that_is_not_ours_alone_is_refused() {
    let (folder, path) = place();
    for open in [0o720, 0o702, 0o777, 0o1777] {
        set_mode(path.parent().unwrap(), open);
        assert!(
            matches!(bind(&path), Err(BindError::FolderOpen)),
            "{open:o}"
        );
    }
    set_mode(path.parent().unwrap(), 0o755);
    drop(bind(&path).unwrap());

    let link = folder.path().join("link");
    symlink(path.parent().unwrap(), &link).unwrap();
    let error = bind(&link.join("agent.sock")).unwrap_err();
    assert!(matches!(error, BindError::NotAFolder), "{error:?}");
    fs::write(folder.path().join("file"), "").unwrap();
    let error = bind(&folder.path().join("file/agent.sock")).unwrap_err();
    assert!(matches!(error, BindError::NotAFolder), "{error:?}");
}

#[test]
fn a_lock_file_that_is_a_link_is_not_followed() {
    let (folder, path) = place();
    let target = folder.path().join("target");
    symlink(&target, path.with_extension("sock.lock")).unwrap();
    assert!(matches!(bind(&path), Err(BindError::Io(_))));
    assert!(!target.exists());
}

#[test]
fn a_socket_that_another_put_in_its_place_is_not_removed() {
    let (_folder, path) = place();
    let server = bind(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let _other = UnixListener::bind(&path).unwrap();
    drop(server);
    assert!(path.exists());
}

#[test]
fn of_many_that_want_the_place_one_gets_it() {
    let (_folder, path) = place();
    drop(UnixListener::bind(&path).unwrap());
    let barrier = std::sync::Arc::new(std::sync::Barrier::new(16));
    let threads: Vec<_> = (0..16)
        .map(|_| {
            let (path, barrier) = (path.clone(), barrier.clone());
            std::thread::spawn(move || {
                barrier.wait();
                bind(&path)
            })
        })
        .collect();
    let servers: Vec<_> = threads.into_iter().map(|it| it.join().unwrap()).collect();
    let held = servers.iter().filter(|server| server.is_ok()).count();
    let in_use = |server: &Result<Server, _>| matches!(server, Err(BindError::InUse));
    assert_eq!(held, 1);
    assert_eq!(servers.iter().filter(|server| in_use(server)).count(), 15);
    Client::connect(&path).unwrap();
}
