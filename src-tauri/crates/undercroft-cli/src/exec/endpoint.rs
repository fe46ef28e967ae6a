//! `undercroft exec --server`: a container-credentials endpoint for as long as the command runs.

use std::{process::ExitCode, sync::Arc, thread};

use data_encoding::BASE64URL_NOPAD;
use undercroft_agent::{Credentials, Purpose};
use undercroft_loopback::{Answer, Asked, Loopback, Respond};
use undercroft_secret::SecretString;

use crate::{
    arguments::{Common, ExecArgs},
    connection::Connection,
    exec::{
        child,
        empty_files::EmptyFiles,
        held::{Fresh, Held},
    },
    failure::Failure,
    hardening, moment,
    terminal::Terminal,
};

const PATH: &str = "/credentials";
const TOKEN_BYTES: usize = 32;

/// Answers whoever has the token.
struct Endpoint {
    token: SecretString,
    held: Arc<Held>,
}

/// Runs the command with an endpoint beside it.
///
/// The first credentials are there before the command starts, so that a person is asked before and never in between.
pub(crate) fn run(
    common: &Common,
    arguments: &ExecArgs,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let wait = arguments.wait.secs();
    let credentials =
        Connection::open(common)?.credentials(&arguments.profile, Purpose::ExecServer, wait)?;
    let files = EmptyFiles::write(&credentials).map_err(Failure::io(
        "the command's own files of ~/.aws can't be written",
    ))?;
    let loopback =
        Loopback::bind().map_err(Failure::io("there is no place on 127.0.0.1 to listen at"))?;
    let token = token()?;
    let mut command = super::command(arguments, &credentials)?;
    command
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", loopback.url(PATH))
        // Exposed because the command has to show it.
        .env("AWS_CONTAINER_AUTHORIZATION_TOKEN", token.expose())
        .env("AWS_CONFIG_FILE", files.config())
        .env("AWS_SHARED_CREDENTIALS_FILE", files.credentials());
    let held = Arc::new(Held::new(fresh(credentials)?));
    let signals = child::Signals::take();
    let mut child = hardening::with_core_dumps_as_before(|| command.spawn())
        .map_err(super::not_started(arguments))?;
    terminal.detail(&format!("serving credentials at {}", loopback.url(PATH)));
    let (common, profile) = (common.clone(), arguments.profile.clone());
    let mut serving = None;
    let exit = child::attend(&mut child, &signals, || {
        serving = Some(loopback.serve(Arc::new(Endpoint {
            token,
            held: Arc::clone(&held),
        })));
        thread::spawn(move || held.keep_fresh(&common, &profile));
    });
    drop(serving);
    drop(files);
    exit
}

fn fresh(credentials: Credentials) -> Result<Fresh, Failure> {
    Fresh::of(credentials, moment::now()).ok_or_else(|| {
        Failure::Failed(
            "this profile yields a long-term key, which an endpoint can't serve; leave out --server, \
             or use a session profile"
                .into(),
        )
    })
}

/// Makes up what the command shows to the endpoint.
fn token() -> Result<SecretString, Failure> {
    let mut bytes = zeroize::Zeroizing::new([0; TOKEN_BYTES]);
    getrandom::fill(&mut *bytes)
        .map_err(|_| Failure::Failed("the system yields no random numbers".into()))?;
    Ok(SecretString::new(BASE64URL_NOPAD.encode(&*bytes)))
}

impl Respond for Endpoint {
    fn respond(&self, asked: &Asked) -> Answer {
        let shown = asked.authorization.as_ref();
        if !shown.is_some_and(|shown| shown.ct_eq(&self.token)) {
            return Answer::error(401, "Unauthorized", "the authorization token is wrong");
        }
        if asked.path != PATH {
            return Answer::error(404, "NotFound", "there is nothing at this path");
        }
        self.held.answer(moment::now())
    }
}
