//! Finding the agent and asking it.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use undercroft_agent::{
    Client, Credentials, CredentialsWish, Purpose, Reply, Request, Status, WaitSecs, socket_path,
};

use crate::{arguments::Common, failure::Failure};

/// A connection to the agent of the vault that the options name.
pub(crate) struct Connection {
    client: Client,
}

impl Connection {
    /// Connects, and sees to it that the vault is the one that was named, if one was.
    pub(crate) fn open(common: &Common) -> Result<Self, Failure> {
        let client = Client::connect(&socket(common)?)?;
        let mut connection = Self { client };
        if let Some(named) = named_vault(common) {
            let served = connection.status()?.vault;
            if let Some(served) = served.filter(|served| !is_same(Path::new(served), &named)) {
                return Err(Failure::OtherVault { served });
            }
        }
        Ok(connection)
    }

    pub(crate) fn ask(&mut self, request: &Request) -> Result<Reply, Failure> {
        Ok(self.client.ask(request)?)
    }

    pub(crate) fn status(&mut self) -> Result<Status, Failure> {
        let Reply::Status(status) = self.ask(&Request::Status)? else {
            return Err(Failure::OddAnswer);
        };
        Ok(status)
    }

    pub(crate) fn credentials(
        &mut self,
        profile: &str,
        purpose: Purpose,
        wait_secs: WaitSecs,
    ) -> Result<Credentials, Failure> {
        let wish = CredentialsWish {
            profile: profile.to_owned(),
            fresh: false,
            wait_secs,
            duration_secs: None,
            policy: None,
            purpose,
        };
        let Reply::Credentials(credentials) = self.ask(&Request::Credentials(wish))? else {
            return Err(Failure::OddAnswer);
        };
        Ok(credentials)
    }
}

/// Where the agent's socket is.
pub(crate) fn socket(common: &Common) -> Result<PathBuf, Failure> {
    common
        .socket
        .clone()
        .or_else(|| variable("UNDERCROFT_SOCKET"))
        .or_else(socket_path)
        .ok_or(Failure::NoPlace)
}

/// The vault that was named by an option or a variable.
pub(crate) fn named_vault(common: &Common) -> Option<PathBuf> {
    let vault = common
        .vault
        .clone()
        .or_else(|| variable("UNDERCROFT_VAULT"))?;
    Some(std::path::absolute(&vault).unwrap_or(vault))
}

fn variable(name: &str) -> Option<PathBuf> {
    env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

fn is_same(one: &Path, other: &Path) -> bool {
    let whole = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    one == other || whole(one) == whole(other)
}
