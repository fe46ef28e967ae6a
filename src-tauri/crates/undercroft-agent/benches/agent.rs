//! What asking for cached credentials costs, over a real socket, with the server in the same process.
//!
//! `cargo bench -p undercroft-agent --bench agent` prints requests per second of one client on one connection, of
//! eight clients at once, and the median time of a client that connects, asks once and goes.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and has nobody to hand an error to"
)]

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
fn main() {
    unix::main();
}

#[cfg(unix)]
mod unix {
    use std::{
        path::Path,
        sync::Arc,
        thread,
        time::{Duration, Instant},
    };

    use undercroft_agent::{
        Answerer, Caller, Client, Code, Credentials, CredentialsWish, Limits, Purpose, Refusal,
        Reply, Request, Server, WaitSecs,
    };
    use undercroft_model::Timestamp;
    use undercroft_secret::{SecretString, WipingAllocator};

    /// As in the program, so that freeing costs what it costs there.
    #[global_allocator]
    static ALLOCATOR: WipingAllocator = WipingAllocator;

    const TIME: Duration = Duration::from_secs(3);
    const CLIENTS: usize = 8;
    const CONNECTIONS: usize = 2_000;

    /// A cache with one entry, of the size that STS gives.
    struct Cache(Credentials);

    #[async_trait::async_trait]
    impl Answerer for Cache {
        async fn answer(&self, _caller: Caller, request: Request) -> Result<Reply, Refusal> {
            if let Request::Credentials(_) = request {
                Ok(Reply::Credentials(self.0.clone()))
            } else {
                Err(Refusal::new(Code::Unsupported, "not measured"))
            }
        }
    }

    pub(super) fn main() {
        let folder = std::env::temp_dir().join(format!("agent-bench-{}", std::process::id()));
        let path = folder.join("agent.sock");
        let server = Server::bind(&path, Limits::default()).expect("a place");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.spawn(server.serve(Arc::new(Cache(credentials()))));

        println!("one client: {:.0} requests/s", requests_per_sec(&path));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let path = path.clone();
                thread::spawn(move || requests_per_sec(&path))
            })
            .collect();
        let all: f64 = clients
            .into_iter()
            .map(|client| client.join().expect("no panic"))
            .sum();
        println!("{CLIENTS} clients: {all:.0} requests/s together");
        println!("connect, ask, go: {:?} median", connect_and_ask(&path));
        drop(runtime);
        let _ = std::fs::remove_dir_all(&folder);
    }

    fn requests_per_sec(path: &Path) -> f64 {
        let mut client = Client::connect(path).expect("a server");
        let (started, request) = (Instant::now(), request());
        let mut count = 0_u32;
        while started.elapsed() < TIME {
            client.ask(&request).expect("credentials");
            count += 1;
        }
        f64::from(count) / started.elapsed().as_secs_f64()
    }

    fn connect_and_ask(path: &Path) -> Duration {
        let mut times: Vec<Duration> = (0..CONNECTIONS)
            .map(|_| {
                let started = Instant::now();
                let mut client = Client::connect(path).expect("a server");
                client.ask(&request()).expect("credentials");
                started.elapsed()
            })
            .collect();
        times.sort();
        times[CONNECTIONS / 2]
    }

    fn credentials() -> Credentials {
        Credentials {
            access_key_id: "ASIAIOSFODNN7EXAMPLE".into(),
            secret_access_key: SecretString::copy_of("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            session_token: Some(SecretString::new("IQoJb3JpZ2luX2Vj".repeat(50))),
            expiration: Some(Timestamp::from_unix_secs(1_763_891_230)),
            region: None,
            output: None,
            sts_endpoint: None,
            iam_endpoint: None,
        }
    }

    fn request() -> Request {
        Request::Credentials(CredentialsWish {
            profile: "prod-admin".into(),
            fresh: false,
            wait_secs: WaitSecs::default(),
            duration_secs: None,
            policy: None,
            purpose: Purpose::CredentialProcess,
        })
    }
}
