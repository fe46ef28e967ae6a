//! A page on loopback that sends the browser on, once.
//!
//! The console's address carries a token that signs in whoever has it. In a browser's arguments every user of the machine
//! could read it, so the browser gets the address of this page instead, which is worth nothing afterwards.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    time::{Duration, Instant},
};

use data_encoding::BASE64URL_NOPAD;
use undercroft_secret::SecretString;

use crate::{
    console::browser::{Browser, Opening},
    failure::Failure,
    loopback::{Answer, Asked, Loopback, Respond},
};

const PATH_BYTES: usize = 24;
/// How long a browser may take to start.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often to look whether the browser's command failed.
const LOOK: Duration = Duration::from_millis(100);
/// Until the answer is on its way.
const SENDING: Duration = Duration::from_millis(300);

struct Page {
    path: SecretString,
    /// Where to go; gone once it was told.
    url: Mutex<Option<SecretString>>,
    asked: Sender<()>,
}

/// Opens an address in a browser without showing it to anybody else.
pub(crate) fn open(url: SecretString, browser: &Browser) -> Result<(), Failure> {
    let loopback =
        Loopback::bind().map_err(Failure::io("there is no place on 127.0.0.1 to listen at"))?;
    let mut random = [0; PATH_BYTES];
    getrandom::fill(&mut random)
        .map_err(|_| Failure::Failed("the system yields no random numbers".into()))?;
    let path = format!("/{}", BASE64URL_NOPAD.encode(&random));
    let address = loopback.url(&path);
    let (asked, was_asked) = mpsc::channel();
    loopback.serve(Arc::new(Page {
        path: SecretString::new(path),
        url: Mutex::new(Some(url)),
        asked,
    }));
    let mut opening = browser.open(&address)?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match was_asked.recv_timeout(LOOK) {
            Ok(()) => {
                std::thread::sleep(SENDING);
                return Ok(());
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        if let Opening::Failed = opening.state() {
            return Err(Failure::Failed(
                "the browser's command failed; name another with --browser, or use --print".into(),
            ));
        }
        if Instant::now() >= deadline {
            return Err(Failure::Failed(
                "the browser did not ask for the page within a minute; use --print for the address"
                    .into(),
            ));
        }
    }
}

impl Respond for Page {
    fn respond(&self, asked: &Asked) -> Answer {
        let path = SecretString::copy_of(&asked.path);
        if !path.ct_eq(&self.path) {
            return Answer::error(404, "NotFound", "there is nothing at this path");
        }
        let mut url = self.url.lock().unwrap_or_else(PoisonError::into_inner);
        match url.take() {
            Some(url) => {
                let _ = self.asked.send(());
                Answer::redirect(&url)
            }
            None => Answer::error(410, "Gone", "this page was for one visit"),
        }
    }
}
