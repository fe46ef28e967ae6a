//! The program, run against a scripted agent in an environment of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::runtime::Runtime;
use undercroft_agent::{Limits, Server};

use crate::script::Script;

pub(crate) struct Stage {
    pub(crate) script: Arc<Script>,
    pub(crate) folder: tempfile::TempDir,
    _runtime: Option<Runtime>,
}

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) exit: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Stage {
    /// With a scripted agent.
    pub(crate) fn new() -> Self {
        let mut stage = Self::without_agent();
        let server = Server::bind(&stage.socket(), Limits::default()).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.spawn(server.serve(Arc::clone(&stage.script) as _));
        stage._runtime = Some(runtime);
        stage
    }

    pub(crate) fn without_agent() -> Self {
        Self {
            script: Arc::new(Script::new()),
            folder: tempfile::tempdir().unwrap(),
            _runtime: None,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.path("agent/agent.sock")
    }

    /// The program with nothing in its environment but what it needs.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        #[cfg(unix)]
        heed_signals();
        let mut command = Command::new(env!("CARGO_BIN_EXE_undercroft"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.folder.path())
            .env("UNDERCROFT_SOCKET", self.socket())
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        ran(self.command(arguments).output().unwrap())
    }

    /// What a run that goes well prints, as JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.run(arguments);
        assert_eq!(ran.exit, 0, "{ran:?}");
        serde_json::from_str(&ran.out).unwrap()
    }

    /// Makes a file that may be run.
    pub(crate) fn executable(&self, name: &str, text: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;

        let path = self.path(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }
}

pub(crate) fn ran(output: Output) -> Ran {
    use std::os::unix::process::ExitStatusExt;

    let killed = output.status.signal().map(|number| -number);
    Ran {
        exit: output.status.code().or(killed).unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The names of an object's fields, in order.
pub(crate) fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

/// Waits for a file that another program writes, and reads it.
pub(crate) fn appears(path: &Path) -> String {
    let started = Instant::now();
    loop {
        match fs::read_to_string(path) {
            Ok(text) if text.ends_with('\n') => return text,
            Ok(_) | Err(_) => assert!(started.elapsed() < Duration::from_secs(20), "{path:?}"),
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Gives what is started from here on the usual signals, also where the tests were started with some ignored, as by
/// `nohup` or a shell's `&`: a handler, unlike that, is not passed on.
#[cfg(unix)]
fn heed_signals() {
    use signal_hook::{
        consts::{SIGHUP, SIGINT, SIGQUIT},
        flag::register_conditional_default,
    };
    use std::sync::{Arc, Once, atomic::AtomicBool};

    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for signal in [SIGHUP, SIGINT, SIGQUIT] {
            register_conditional_default(signal, Arc::new(AtomicBool::new(true))).unwrap();
        }
    });
}
