//! `undercroft code`.

use std::process::ExitCode;

use undercroft_agent::{CodeWish, Reply, Request};
use zeroize::Zeroizing;

use crate::{
    arguments::{CodeArgs, Common},
    connection::Connection,
    failure::Failure,
    moment,
    terminal::Terminal,
};

/// Prints a device's next unused code.
pub(crate) fn run(
    common: &Common,
    arguments: &CodeArgs,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let wish = CodeWish {
        device: arguments.device.clone(),
        wait_secs: arguments.wait.secs(),
    };
    let Reply::Code(handed) = Connection::open(common)?.ask(&Request::Code(wish))? else {
        return Err(Failure::OddAnswer);
    };
    let mut bytes = Zeroizing::new(Vec::with_capacity(256));
    if common.json {
        serde_json::to_writer(&mut *bytes, &handed).map_err(|_| Failure::OddAnswer)?;
    } else {
        terminal.detail(&format!(
            "{}, {}",
            handed.device,
            moment::left(handed.valid_until, moment::now())
        ));
        // Exposed because the code is what the person asked for.
        bytes.extend_from_slice(handed.code.expose().as_bytes());
    }
    bytes.push(b'\n');
    terminal.answer(&*bytes)?;
    Ok(ExitCode::SUCCESS)
}
