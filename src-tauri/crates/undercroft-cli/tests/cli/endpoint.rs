//! `exec --server`: the endpoint, its guards, and being a parent.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::PathBuf,
    process::{Child, Command},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    script::{KEY_ID, SECRET, TOKEN},
    stage::{Stage, appears, keys, ran},
};

/// A command that waits beside its endpoint.
struct Served {
    child: Child,
    variables: BTreeMap<String, String>,
}

impl Served {
    /// Has the command run until its standard input would end.
    fn start(stage: &Stage, profile: &str, then: &str) -> Self {
        let file = stage.path("variables");
        let script = format!(
            "env > {0}.new; echo PID=$$ >> {0}.new; mv {0}.new {0}; {then}",
            file.display()
        );
        let child = stage
            .command(&["exec", profile, "--server", "--", "sh", "-c", &script])
            .env("AWS_PROFILE", "inherited")
            .env("XDG_RUNTIME_DIR", stage.folder.path())
            .spawn()
            .unwrap();
        let variables = appears(&file)
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self { child, variables }
    }

    fn host(&self) -> &str {
        let url = &self.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
        url.strip_prefix("http://")
            .unwrap()
            .split('/')
            .next()
            .unwrap()
    }

    fn token(&self) -> &str {
        &self.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.host()).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        stream
    }

    /// Sends bytes and reads the answer to its end.
    fn raw(&self, request: &str) -> String {
        let mut stream = self.connect();
        // Whoever is turned away early may see the connection close while still sending.
        let _ = stream.write_all(request.as_bytes());
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer
    }

    fn request(&self, method: &str, path: &str, host: &str, token: &str) -> String {
        self.raw(&format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n\r\n"
        ))
    }

    fn good(&self) -> String {
        self.request("GET", "/credentials", self.host(), self.token())
    }

    fn signal(&self, name: &str) {
        send(name, &self.child.id().to_string());
    }

    fn exit(mut self) -> i32 {
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn send(name: &str, pid: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), pid])
        .status();
    assert!(sent.unwrap().success());
}

fn status(answer: &str) -> u16 {
    let word = answer.split(' ').nth(1);
    word.and_then(|word| word.parse().ok()).unwrap_or(0)
}

fn body(answer: &str) -> Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// A command that ends at the signal that ends this test's interest.
const UNTIL_TERM: &str = "exec sleep 60";

#[test]
fn the_endpoint_answers_who_has_the_token() {
    let stage = Stage::new();
    let served = Served::start(&stage, "prod", UNTIL_TERM);
    let answer = served.good();
    assert_eq!(status(&answer), 200, "{answer}");
    assert!(
        answer.contains("\r\nCache-Control: no-store\r\n"),
        "{answer}"
    );
    let json = body(&answer);
    assert_eq!(
        keys(&json),
        ["AccessKeyId", "Expiration", "SecretAccessKey", "Token"]
    );
    assert_eq!(json["AccessKeyId"], KEY_ID);
    assert_eq!(json["SecretAccessKey"], SECRET);
    assert_eq!(json["Token"], TOKEN);
    let port = served.host().split(':').nth(1).unwrap();
    let local = format!("localhost:{port}");
    let answer = served.request("GET", "/credentials", &local, served.token());
    assert_eq!(status(&answer), 200);
    assert!(served.token().len() >= 22, "at least 128 bits");
}

#[test]
fn the_environment_has_an_endpoint_and_no_credentials() {
    let stage = Stage::new();
    let served = Served::start(&stage, "prod", UNTIL_TERM);
    for name in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_PROFILE",
    ] {
        assert!(!served.variables.contains_key(name), "{name}");
    }
    assert_eq!(served.variables["AWS_REGION"], "eu-central-1");
    let config = PathBuf::from(&served.variables["AWS_CONFIG_FILE"]);
    let credentials = PathBuf::from(&served.variables["AWS_SHARED_CREDENTIALS_FILE"]);
    let text = fs::read_to_string(&config).unwrap();
    assert_eq!(text, "[default]\nregion = eu-central-1\noutput = text\n");
    assert_eq!(fs::read_to_string(&credentials).unwrap(), "");
    for path in [&config, &credentials] {
        assert_eq!(
            fs::metadata(path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    let folder = config.parent().unwrap().to_owned();
    assert_eq!(
        fs::metadata(&folder).unwrap().permissions().mode() & 0o777,
        0o700
    );
    served.signal("TERM");
    assert_eq!(served.exit(), 128 + 15);
    assert!(!folder.exists(), "the files go with the command");
}

#[test]
fn hostile_requests_are_turned_away() {
    let stage = Stage::new();
    let served = Served::start(&stage, "prod", UNTIL_TERM);
    let (host, token) = (served.host(), served.token());
    let wrong = token.replace(|_| true, "A");
    for (method, path, host, token, wanted) in [
        ("GET", "/credentials", host, wrong.as_str(), 401),
        ("GET", "/credentials", host, &token[..10], 401),
        ("GET", "/credentials", host, "", 401),
        ("GET", "/", host, token, 404),
        ("GET", "/credentials/", host, token, 404),
        ("GET", "/credentials?x", host, token, 404),
        ("GET", "/credentials", "evil.example", token, 403),
        ("GET", "/credentials", "169.254.170.2", token, 403),
        ("POST", "/credentials", host, token, 405),
        ("PUT", "/credentials", host, token, 405),
        ("OPTIONS", "/credentials", host, token, 405),
    ] {
        let answer = served.request(method, path, host, token);
        assert_eq!(status(&answer), wanted, "{method} {path} {host} {token}");
        assert!(!answer.contains(SECRET) && !answer.contains(TOKEN));
        assert_eq!(keys(&body(&answer)), ["code", "message"]);
    }
    let twice = format!(
        "GET /credentials HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\nAuthorization: x\r\n\r\n"
    );
    assert_eq!(status(&served.raw(&twice)), 400);
    let huge = format!(
        "GET /credentials HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\nX: {}\r\n\r\n",
        "x".repeat(100_000)
    );
    assert_eq!(status(&served.raw(&huge)), 431);
    assert_eq!(status(&served.raw("\u{0}\u{1}\r\n\r\n")), 400);
    assert_eq!(status(&served.good()), 200);
}

#[test]
fn a_slow_client_is_let_go_and_holds_up_nobody() {
    let stage = Stage::new();
    let served = Served::start(&stage, "prod", UNTIL_TERM);
    let started = Instant::now();
    let mut slow = served.connect();
    slow.write_all(b"GET /credentials HTTP/1.1\r\nHost:")
        .unwrap();
    assert_eq!(status(&served.good()), 200);
    assert!(started.elapsed() < Duration::from_secs(2));
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert_eq!(status(&answer), 408);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn too_many_connections_are_told_so() {
    let stage = Stage::new();
    let served = Served::start(&stage, "prod", UNTIL_TERM);
    let held: Vec<_> = (0..16).map(|_| served.connect()).collect();
    std::thread::sleep(Duration::from_millis(200));
    let answer = served.raw("");
    assert_eq!(status(&answer), 503, "{answer}");
    drop(held);
    let started = Instant::now();
    while status(&served.good()) != 200 {
        assert!(started.elapsed() < Duration::from_secs(5));
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// As root, another user can be tried.
#[cfg(target_os = "linux")]
#[test]
fn another_user_is_turned_away_even_with_the_token() {
    const NOBODY: u32 = 65_534;

    let stage = Stage::new();
    let served = Served::start(&stage, "prod", UNTIL_TERM);
    let header = format!("Authorization: {}", served.token());
    let url = &served.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    let mut curl = Command::new("curl");
    curl.args(["-s", "-H", &header, url]).current_dir("/");
    let Ok(own) = curl.output() else {
        return;
    };
    assert!(String::from_utf8_lossy(&own.stdout).contains(SECRET));
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let other = ran(curl.uid(NOBODY).gid(NOBODY).output().unwrap());
    assert!(other.out.contains("another user's"), "{other:?}");
    assert!(!other.out.contains(SECRET));
}

#[test]
fn credentials_are_renewed_behind_the_endpoint() {
    let stage = Stage::new();
    let served = Served::start(&stage, "renewing", UNTIL_TERM);
    let started = Instant::now();
    loop {
        let answer = served.good();
        if status(&answer) == 200 && body(&answer)["SecretAccessKey"] == "SECOND" {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(10), "{answer}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn credentials_that_ended_are_not_served() {
    let stage = Stage::new();
    let served = Served::start(&stage, "ending", UNTIL_TERM);
    assert_eq!(body(&served.good())["SecretAccessKey"], "FIRST");
    std::thread::sleep(Duration::from_millis(2_500));
    let started = Instant::now();
    let answer = served.good();
    assert_eq!(status(&answer), 503, "{answer}");
    assert!(started.elapsed() < Duration::from_secs(1));
    let message = body(&answer)["message"].as_str().unwrap().to_owned();
    assert!(message.contains("the vault is locked"), "{message}");
}

#[test]
fn exit_codes_and_signals_pass_through() {
    let stage = Stage::new();
    let run = |script: &str| {
        stage
            .run(&["exec", "--server", "prod", "--", "sh", "-c", script])
            .exit
    };
    assert_eq!(run("exit 0"), 0);
    assert_eq!(run("exit 77"), 77);
    assert_eq!(run("kill -KILL $$"), 128 + 9);
    assert_eq!(run("kill -SEGV $$"), 128 + 11);
    let ran = stage.run(&["exec", "--server", "prod", "--", "/nonexistent/program"]);
    assert_eq!(ran.exit, 1);
    let ran = stage.run(&["exec", "--server", "key", "--", "true"]);
    assert_eq!(ran.exit, 1);
    assert!(ran.err.contains("long-term"), "{ran:?}");

    for (name, code) in [
        ("INT", 61),
        ("TERM", 62),
        ("HUP", 63),
        ("QUIT", 64),
        ("USR1", 65),
    ] {
        let script = format!("trap 'exit {code}' {name}; while :; do sleep 0.05; done");
        let served = Served::start(&stage, "prod", &format!("{script} # {name}"));
        // The variables are written before the trap is set.
        std::thread::sleep(Duration::from_millis(200));
        served.signal(name);
        assert_eq!(served.exit(), code, "{name}");
        fs::remove_file(stage.path("variables")).unwrap();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_program_stops_and_goes_on_with_its_command() {
    let stage = Stage::new();
    let served = Served::start(&stage, "prod", UNTIL_TERM);
    let (program, command) = (served.child.id().to_string(), &served.variables["PID"]);
    let becomes = |pid: &str, is_stopped: bool| {
        let started = Instant::now();
        loop {
            let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
            let state = text.rsplit_once(") ").unwrap().1.chars().next();
            if (state == Some('T')) == is_stopped {
                return;
            }
            assert!(started.elapsed() < Duration::from_secs(10), "{state:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    // Not TSTP, which does nothing where no shell is left to continue what it stopped.
    send("STOP", command);
    becomes(&program, true);
    served.signal("CONT");
    becomes(&program, false);
    becomes(command, false);
    assert_eq!(status(&served.good()), 200);
    served.signal("TERM");
    assert_eq!(served.exit(), 128 + 15);
}
