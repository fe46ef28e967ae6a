//! Another user's programs. Only root can start them, so for others these tests say that they did not run.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::{fs::PermissionsExt, net::UnixListener},
    path::Path,
    process::{Child, Command, Stdio},
};

use undercroft_agent::{BindError, Client, ClientError, Limits, Request, Server};

use crate::stage::Stage;

const NOBODY: u32 = 65_534;

fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        eprintln!("not run: only root can act as another user");
    }
    root
}

/// Runs Python as nobody, which is given the path and `socket`.
fn as_nobody(path: &Path, script: &str) -> Child {
    let script = format!(
        "import os, socket, sys\nos.setgroups([])\nos.setgid({NOBODY})\nos.setuid({NOBODY})\n\
         s = socket.socket(socket.AF_UNIX)\n{script}"
    );
    Command::new("python3")
        .args(["-c", &script])
        .arg(path)
        .stdout(Stdio::piped())
        .stdin(Stdio::piped())
        .spawn()
        .expect("Python")
}

fn said(child: Child) -> String {
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

const ASK: &str = r#"
try:
    s.connect(sys.argv[1])
    s.sendall(b'{"protocol":1,"verb":"status"}\n')
    print("answer", s.recv(1000))
except OSError as error:
    print("refused", error.errno)
"#;

fn opened(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn another_users_program_does_not_reach_the_socket() {
    if !is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    opened(folder.path(), 0o755);
    let path = folder.path().join("undercroft/agent.sock");
    let stage = Stage::serve(Server::bind(&path, Limits::default()).unwrap(), path);
    assert_eq!(said(as_nobody(&stage.path, ASK)), "refused 13\n");
    stage.client().ask(&Request::Status).unwrap();
}

#[test]
fn another_users_program_that_reaches_it_is_told_nothing() {
    if !is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    opened(folder.path(), 0o755);
    let path = folder.path().join("agent.sock");
    let listener = UnixListener::bind(&path).unwrap();
    opened(&path, 0o777);
    let stage = Stage::serve(Server::from_listener(listener, Limits::default()), path);
    let answer = said(as_nobody(&stage.path, ASK));
    assert!(
        ["answer b''\n", "refused 104\n", "refused 32\n"].contains(&answer.as_str()),
        "{answer}"
    );
    stage.client().ask(&Request::Status).unwrap();
}

#[test]
fn nothing_is_sent_to_another_users_server() {
    if !is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    opened(folder.path(), 0o777);
    let path = folder.path().join("agent.sock");
    let mut server = as_nobody(
        &path,
        "s.bind(sys.argv[1])\ns.listen()\nprint('listens', flush=True)\n\
         c, _ = s.accept()\nprint('got', c.recv(1000), flush=True)",
    );
    let mut said = BufReader::new(server.stdout.take().unwrap()).lines();
    assert_eq!(said.next().unwrap().unwrap(), "listens");
    let error = Client::connect(&path).unwrap_err();
    assert!(matches!(error, ClientError::Foreign), "{error:?}");
    assert_eq!(said.next().unwrap().unwrap(), "got b''");
    server.wait().unwrap();
}

#[test]
fn another_users_folder_and_socket_are_refused() {
    if !is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agent.sock");
    drop(UnixListener::bind(&path).unwrap());
    std::os::unix::fs::lchown(&path, Some(NOBODY), None).unwrap();
    let error = Server::bind(&path, Limits::default()).unwrap_err();
    assert!(matches!(error, BindError::SocketOfAnother), "{error:?}");

    std::os::unix::fs::chown(folder.path(), Some(NOBODY), None).unwrap();
    let error = Server::bind(&path, Limits::default()).unwrap_err();
    assert!(matches!(error, BindError::FolderOfAnother), "{error:?}");
}
