//! Services in Python, started and ended by a test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The Python that has moto: from `UNDERCROFT_TEST_PYTHON`, or the repository's own environment.
fn python() -> PathBuf {
    let python = match std::env::var_os("UNDERCROFT_TEST_PYTHON") {
        Some(path) => PathBuf::from(path),
        None => repository().join(".venv/bin/python"),
    };
    assert!(
        python.exists(),
        "{} is missing: run `make .venv/installed`, or name a Python with moto in UNDERCROFT_TEST_PYTHON",
        python.display()
    );
    python
}

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.."))
}

/// A running service.
pub(crate) struct Service {
    process: Child,
    port: u16,
    _folder: TempDir,
}

impl Service {
    /// Starts the strict STS with `config`.
    pub(crate) fn strict(config: &serde_json::Value) -> Self {
        let folder = TempDir::new().expect("a folder");
        let file = folder.path().join("identities.json");
        std::fs::write(&file, config.to_string()).expect("written");
        let mut process = Command::new(python())
            .arg(repository().join("tests/sts/strict_sts.py"))
            .args(["--port", "0", "--config"])
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().expect("piped"))
            .read_line(&mut line)
            .expect("a line");
        let port = line.trim().rsplit(':').next().and_then(|p| p.parse().ok());
        Self {
            process,
            port: port.expect("the service tells its port"),
            _folder: folder,
        }
    }

    /// Starts moto.
    pub(crate) fn moto() -> Self {
        let folder = TempDir::new().expect("a folder");
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let log = std::fs::File::create(folder.path().join("log")).expect("a file");
        let process = Command::new(python())
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p"])
            .arg(port.to_string())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log)
            .spawn()
            .expect("Python starts");
        let mut service = Self {
            process,
            port,
            _folder: folder,
        };
        service.wait();
        service
    }

    fn wait(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.process.try_wait().expect("a status");
            assert!(
                ended.is_none(),
                "the service ended at once: is moto[server] installed? ({ended:?})"
            );
            assert!(Instant::now() < deadline, "the service did not come up");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Sends JSON to one of the service's own addresses.
    pub(crate) fn set(&self, path: &str, value: &serde_json::Value) {
        let body = value.to_string();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = self.exchange(&request);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// Asks moto for something in the way of a form, which it takes unsigned.
    pub(crate) fn post_form(&self, form: &str) {
        let request = format!(
            "POST / HTTP/1.1\r\nHost: iam.amazonaws.com\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/iam/aws4_request\r\n\r\n{form}",
            form.len()
        );
        let answer = self.exchange(&request);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// Every call that the strict STS has seen.
    pub(crate) fn log(&self) -> Vec<serde_json::Value> {
        let answer =
            self.exchange("GET /-/log HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        serde_json::from_str(body).expect("JSON")
    }

    /// Visits an address of the service as a browser does, and gives the whole answer.
    pub(crate) fn visit(&self, path: &str) -> String {
        self.exchange(&format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        ))
    }

    fn exchange(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("connected");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        answer
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Both fail only when the process has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
