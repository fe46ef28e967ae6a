//! Serves a scripted agent at the socket that is named, for tests with clients of other languages.

#![cfg_attr(unix, allow(clippy::unwrap_used, reason = "a test fails by panicking"))]

#[cfg(unix)]
#[allow(
    dead_code,
    clippy::wildcard_enum_match_arm,
    reason = "the tests of the program use the rest"
)]
#[path = "../tests/cli/script.rs"]
mod script;

#[cfg(unix)]
#[tokio::main]
async fn main() {
    use std::sync::Arc;
    use undercroft_agent::{Limits, Server};

    let path = std::env::args_os().nth(1).unwrap();
    let server = Server::bind(path.as_ref(), Limits::default()).unwrap();
    let script: Arc<script::Script> = Arc::new(script::Script::new());
    server.serve(script).await.unwrap();
}

#[cfg(not(unix))]
fn main() {}
