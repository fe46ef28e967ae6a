//! `undercroft console`: the AWS console, signed in.

mod browser;
mod redirect;

use std::process::ExitCode;

use undercroft_agent::{ConsoleLink, ConsoleWish, Reply, Request};
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
    let browser = browser::Browser::chosen(arguments.browser.as_deref())?;
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
    if !is_web_address(link.url.expose()) {
        return Err(Failure::OddAnswer);
    }
    if arguments.print || common.json {
        terminal.answer(&*printed(&link, common.json)?)?;
    } else {
        redirect::open(link.url, &browser)?;
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

/// Tells whether a text may stand in a header and leads to a web page.
fn is_web_address(url: &str) -> bool {
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    is_web && url.bytes().all(|byte| byte.is_ascii_graphic())
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
}
