//! A page on loopback that sends the browser on, once.
//!
//! The console's address carries a token that signs in whoever has it. In a browser's arguments every user of the machine
//! could read it, so the browser gets the address of this page instead, which is worth nothing afterwards.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use data_encoding::BASE64URL_NOPAD;
use undercroft_secret::SecretString;

use crate::{Answer, Asked, Browser, BrowserError, Loopback, Respond, browser::Opening};

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

/// Opens an address in a browser without showing it to anybody else. Returns once the browser has it, or a minute later.
///
/// # Errors
/// [`BrowserError`]; the address is then worth no more here.
pub fn open(url: SecretString, browser: &Browser) -> Result<(), BrowserError> {
    open_while(|| true, url, browser)
}

/// As [`open`], but gives up as soon as `goes_on` says no.
///
/// # Errors
/// As [`open`]; [`BrowserError::Late`] when it was given up.
pub fn open_while(
    goes_on: impl Fn() -> bool,
    url: SecretString,
    browser: &Browser,
) -> Result<(), BrowserError> {
    // Exposed to be looked at.
    if !is_web_address(url.expose()) {
        return Err(BrowserError::Address);
    }
    let loopback = Loopback::bind().map_err(BrowserError::Listen)?;
    let mut random = [0; PATH_BYTES];
    getrandom::fill(&mut random).map_err(|_| BrowserError::Random)?;
    let path = format!("/{}", BASE64URL_NOPAD.encode(&random));
    let address = loopback.url(&path);
    let (asked, was_asked) = mpsc::channel();
    let _serving = loopback.serve(Arc::new(Page {
        path: SecretString::new(path),
        url: Mutex::new(Some(url)),
        asked,
    }));
    let mut opening = browser.start(&address)?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match was_asked.recv_timeout(LOOK) {
            Ok(()) => {
                thread::sleep(SENDING);
                return Ok(());
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        if let Opening::Failed = opening.state() {
            return Err(BrowserError::Failed);
        }
        if Instant::now() >= deadline || !goes_on() {
            return Err(BrowserError::Late);
        }
    }
}

/// Tells whether a text may stand in a header and leads to a web page.
#[must_use]
pub fn is_web_address(url: &str) -> bool {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    is_web && url.bytes().all(|byte| byte.is_ascii_graphic())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_opened() {
        assert!(is_web_address(
            "https://signin.aws.amazon.com/federation?a=b%20c"
        ));
        for odd in [
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https://a b",
            "https://a\r\nSet-Cookie: x",
            "",
        ] {
            assert!(!is_web_address(odd), "{odd}");
        }
    }

    #[cfg(unix)]
    mod with_a_command {
        use std::{fs, os::unix::fs::PermissionsExt, path::Path};

        use super::*;

        const SECRET: &str = "https://signin.example/federation?SigninToken=secret";

        /// A program that says what it was called with, and goes where it is sent.
        fn browser(folder: &Path, body: &str) -> Browser {
            let path = folder.join("browser");
            fs::write(
                &path,
                format!(
                    "#!/bin/sh\necho \"$@\" > {}/said\n{body}\n",
                    folder.display()
                ),
            )
            .unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
            Browser::parse(path.to_str().unwrap()).unwrap()
        }

        #[test]
        fn a_browser_that_fails_or_does_not_come_is_told_apart() {
            let folder = tempfile::tempdir().unwrap();
            let url = || SecretString::copy_of(SECRET);
            let failing = browser(folder.path(), "exit 3");
            assert!(matches!(open(url(), &failing), Err(BrowserError::Failed)));
            let said = fs::read_to_string(folder.path().join("said")).unwrap();
            assert!(said.starts_with("http://127.0.0.1:"), "{said}");
            assert!(!said.contains("secret"), "{said}");
            let lazy = browser(folder.path(), "exit 0");
            let late = open_while(|| false, url(), &lazy);
            assert!(matches!(late, Err(BrowserError::Late)));
            let none = Browser::parse("/nowhere/browser").unwrap();
            assert!(matches!(
                open(url(), &none),
                Err(BrowserError::Start { .. })
            ));
        }
    }
}
