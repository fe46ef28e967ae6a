//! `undercroft console`: the AWS console, signed in.

use std::{env, process::ExitCode};

use undercroft_agent::{ConsoleLink, ConsoleWish, Reply, Request};
use undercroft_loopback::{Browser, BrowserError};
use zeroize::Zeroizing;

use crate::{
    arguments::{Common, ConsoleArgs},
    connection::Connection,
    failure::Failure,
    terminal::Terminal,
};

/// Opens the console, or prints the address that does.
pub(crate) fn run(
    common: &Common,
    arguments: &ConsoleArgs,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let browser = chosen(arguments.browser.as_deref())?;
    let wish = ConsoleWish {
        profile: arguments.profile.clone(),
        service: arguments.service.clone(),
        region: arguments.region.clone(),
        destination: None,
        duration_secs: None,
        wait_secs: arguments.wait.secs(),
    };
    let Reply::Console(link) = Connection::open(common)?.ask(&Request::Console(wish))? else {
        return Err(Failure::OddAnswer);
    };
    // Exposed to be looked at, before a terminal shows it.
    if !undercroft_loopback::is_web_address(link.url.expose()) {
        return Err(Failure::OddAnswer);
    }
    if arguments.print || common.json {
        terminal.answer(&*printed(&link, common.json)?)?;
    } else {
        undercroft_loopback::open(link.url, &browser).map_err(not_opened)?;
        terminal.note("the console opens in the browser");
    }
    Ok(ExitCode::SUCCESS)
}

/// Exposes the address because the person asked to have it printed.
fn printed(link: &ConsoleLink, json: bool) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(8 * 1024));
    if json {
        serde_json::to_writer(&mut *bytes, link).map_err(|_| Failure::OddAnswer)?;
    } else {
        bytes.extend_from_slice(link.url.expose().as_bytes());
    }
    bytes.push(b'\n');
    Ok(bytes)
}

/// The browser of the option, of `UNDERCROFT_BROWSER`, or the system's.
fn chosen(option: Option<&str>) -> Result<Browser, Failure> {
    let variable = env::var("UNDERCROFT_BROWSER").ok();
    let text = option
        .map(str::to_owned)
        .or(variable.filter(|text| !text.trim().is_empty()));
    text.map_or_else(
        || Ok(Browser::usual()),
        |text| Browser::parse(&text).map_err(not_opened),
    )
}

fn not_opened(error: BrowserError) -> Failure {
    match error {
        BrowserError::Words => Failure::Usage(error.to_string()),
        BrowserError::Address => Failure::OddAnswer,
        BrowserError::Start { program, source } => Failure::Io {
            what: format!(
                "{program} can't be run to open the browser; name another with --browser, or use --print"
            ),
            source,
        },
        BrowserError::Failed => Failure::Failed(format!(
            "{error}; name another with --browser, or use --print"
        )),
        BrowserError::Late => Failure::Failed(format!("{error}; use --print for the address")),
        BrowserError::Listen(source) => Failure::Io {
            what: "there is no place on 127.0.0.1 to listen at".into(),
            source,
        },
        BrowserError::Random => Failure::Failed(error.to_string()),
    }
}
