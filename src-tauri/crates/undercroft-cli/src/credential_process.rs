//! `undercroft credential-process`: credentials the way an AWS SDK wants them.

use std::process::ExitCode;

use serde::Serialize;
use undercroft_agent::{Code, Credentials, Purpose};
use undercroft_model::Region;
use undercroft_secret::SecretString;
use zeroize::Zeroizing;

use crate::{
    arguments::{Common, CredentialProcessArgs},
    connection::Connection,
    failure::Failure,
    lock,
    terminal::Terminal,
};

/// Version 1 of what a `credential_process` prints (AWS SDKs and Tools reference, "Process credential provider").
///
/// A long-term key has neither token nor expiration, by which an SDK knows that it need not ask again.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Printed<'a> {
    version: u32,
    access_key_id: &'a str,
    secret_access_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
}

/// Prints a profile's credentials for an SDK.
pub(crate) fn run(
    common: &Common,
    arguments: &CredentialProcessArgs,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let mut connection = Connection::open(common)?;
    let ask = |connection: &mut Connection| {
        connection.credentials(
            &arguments.profile,
            Purpose::CredentialProcess,
            arguments.wait.secs(),
        )
    };
    let credentials = match ask(&mut connection) {
        Err(Failure::Refused(refusal)) if refusal.code == Code::Locked && arguments.unlock => {
            lock::raise_window(&mut connection)?;
            ask(&mut connection)?
        }
        answer => answer?,
    };
    terminal.answer(&*printed(&credentials, None)?)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes credentials as an SDK reads them, and a region beside them, which SDKs pass over.
///
/// Exposes the secrets because the program that runs this reads them from standard output.
pub(crate) fn printed(
    credentials: &Credentials,
    region: Option<&Region>,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let printed = Printed {
        version: 1,
        access_key_id: &credentials.access_key_id,
        secret_access_key: credentials.secret_access_key.expose(),
        session_token: credentials.session_token.as_ref().map(SecretString::expose),
        expiration: credentials.expiration.map(|moment| moment.to_string()),
        region: region.map(Region::as_str),
    };
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    serde_json::to_writer(&mut *bytes, &printed).map_err(|_| Failure::OddAnswer)?;
    bytes.push(b'\n');
    Ok(bytes)
}
