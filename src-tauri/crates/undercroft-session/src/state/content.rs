//! What the state file holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use undercroft_aws::{SessionCredentials, SessionKeyId};
use undercroft_model::{AccessKeyId, DeviceId, ItemId, Region, Timestamp};
use undercroft_otp::Ledger;
use undercroft_secret::{SecretBytes, SecretString};
use undercroft_vault::SaveStamp;

use super::StateError;
use crate::SessionId;

/// More cached sessions than anybody has; the ones that end first go.
const MAX_SESSIONS: usize = 500;

/// What changes by the minute.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    /// Used time steps.
    pub(crate) ledger: Ledger,
    /// Temporary credentials.
    pub(crate) sessions: Vec<CachedSession>,
    /// Clock offsets by endpoint.
    pub(crate) clocks: BTreeMap<String, ClockEntry>,
    /// When long-term keys were last used from here.
    pub(crate) keys_used: BTreeMap<AccessKeyId, Timestamp>,
    /// The vault's save that was seen last.
    pub(crate) last_seen: Option<SaveStamp>,
}

/// A session with its credentials.
#[derive(Clone, Debug)]
pub(crate) struct CachedSession {
    pub(crate) id: SessionId,
    pub(crate) identity: ItemId,
    pub(crate) key: AccessKeyId,
    pub(crate) device: Option<DeviceId>,
    pub(crate) duration_secs: u32,
    pub(crate) region: Region,
    /// Whose clock its end is by: see `clock_name`.
    pub(crate) endpoint: String,
    pub(crate) started_at: Timestamp,
    pub(crate) credentials: SessionCredentials,
}

/// How far an endpoint's clock is from the local one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClockEntry {
    /// The endpoint's time minus the local time.
    pub(crate) offset_secs: i64,
    /// The local time of day minus the monotonic clock when it was measured: tells whether the local clock was set
    /// since, or the machine started anew.
    pub(crate) base_millis: i64,
}

#[derive(Serialize)]
struct Written<'a> {
    ledger: &'a Ledger,
    sessions: Vec<WrittenSession<'a>>,
    clocks: &'a BTreeMap<String, ClockEntry>,
    keys_used: &'a BTreeMap<AccessKeyId, Timestamp>,
    last_seen: Option<Stamp>,
}

#[derive(Serialize)]
struct WrittenSession<'a> {
    id: SessionId,
    identity: ItemId,
    key: &'a AccessKeyId,
    device: Option<DeviceId>,
    duration_secs: u32,
    region: &'a Region,
    endpoint: &'a str,
    started_at: Timestamp,
    access_key_id: &'a str,
    secret: &'a str,
    token: &'a str,
    expiration: Timestamp,
}

#[derive(Deserialize)]
struct Read {
    #[serde(default)]
    ledger: Ledger,
    #[serde(default)]
    sessions: Vec<ReadSession>,
    #[serde(default)]
    clocks: BTreeMap<String, ClockEntry>,
    #[serde(default)]
    keys_used: BTreeMap<AccessKeyId, Timestamp>,
    last_seen: Option<Stamp>,
}

#[derive(Deserialize)]
struct ReadSession {
    id: SessionId,
    identity: ItemId,
    key: AccessKeyId,
    device: Option<DeviceId>,
    duration_secs: u32,
    region: Region,
    endpoint: String,
    started_at: Timestamp,
    access_key_id: String,
    secret: String,
    token: String,
    expiration: Timestamp,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Stamp {
    id: ItemId,
    counter: u64,
    installation: undercroft_model::InstallationId,
    at: Timestamp,
}

impl State {
    /// Writes the content, secrets included, into a buffer that wipes itself.
    pub(crate) fn to_bytes(&self) -> Result<SecretBytes, StateError> {
        let sessions: Vec<_> = self.sessions.iter().map(WrittenSession::of).collect();
        // Room for all of it, so that no shorter copy is left behind by growing.
        let secrets: usize = sessions
            .iter()
            .map(|s| s.secret.len() + s.token.len() + 400)
            .sum();
        let small = 200 * (self.clocks.len() + self.keys_used.len());
        let mut bytes = Vec::with_capacity(64 * 1024 + secrets + small);
        let written = Written {
            ledger: &self.ledger,
            sessions,
            clocks: &self.clocks,
            keys_used: &self.keys_used,
            last_seen: self.last_seen.map(Stamp::from),
        };
        let result = ciborium::into_writer(&written, &mut bytes);
        let bytes = SecretBytes::new(bytes);
        result.map(|()| bytes).map_err(|_| StateError::Damaged)
    }

    /// Reads the content.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, StateError> {
        let read: Read = ciborium::de::from_reader_with_recursion_limit(bytes, 16)
            .map_err(|_| StateError::Damaged)?;
        let mut sessions = Vec::with_capacity(read.sessions.len().min(MAX_SESSIONS));
        for session in read.sessions {
            sessions.push(session.into_cached()?);
        }
        Ok(Self {
            ledger: read.ledger,
            sessions,
            clocks: read.clocks,
            keys_used: read.keys_used,
            last_seen: read.last_seen.map(SaveStamp::from),
        })
    }

    /// Keeps a session in the place of those made from the same key, device and duration.
    pub(crate) fn keep_session(&mut self, session: CachedSession) {
        self.sessions.retain(|other| {
            (&other.key, other.device, other.duration_secs)
                != (&session.key, session.device, session.duration_secs)
        });
        self.sessions.push(session);
        if self.sessions.len() > MAX_SESSIONS {
            self.sessions
                .sort_by_key(|session| std::cmp::Reverse(session.credentials.expiration()));
            self.sessions.truncate(MAX_SESSIONS);
        }
    }
}

/// Reads the content of a state file as far as it goes and tells whether it can be read; for fuzzing.
#[must_use]
pub fn parse_content(bytes: &[u8]) -> bool {
    State::from_bytes(bytes)
        .and_then(|state| state.to_bytes())
        .is_ok()
}

impl<'a> WrittenSession<'a> {
    fn of(session: &'a CachedSession) -> Self {
        let credentials = &session.credentials;
        Self {
            id: session.id,
            identity: session.identity,
            key: &session.key,
            device: session.device,
            duration_secs: session.duration_secs,
            region: &session.region,
            endpoint: &session.endpoint,
            started_at: session.started_at,
            access_key_id: credentials.key_id().as_str(),
            // Exposed to be encrypted with the rest of the file.
            secret: credentials.secret().expose(),
            token: credentials.token().expose(),
            expiration: credentials.expiration(),
        }
    }
}

impl ReadSession {
    fn into_cached(self) -> Result<CachedSession, StateError> {
        let (secret, token) = (
            SecretString::new(self.secret),
            SecretString::new(self.token),
        );
        let key_id = SessionKeyId::parse(&self.access_key_id).map_err(|_| StateError::Damaged)?;
        Ok(CachedSession {
            id: self.id,
            identity: self.identity,
            key: self.key,
            device: self.device,
            duration_secs: self.duration_secs,
            region: self.region,
            endpoint: self.endpoint,
            started_at: self.started_at,
            credentials: SessionCredentials::new(key_id, secret, token, self.expiration)
                .map_err(|_| StateError::Damaged)?,
        })
    }
}

impl From<SaveStamp> for Stamp {
    fn from(stamp: SaveStamp) -> Self {
        Self {
            id: ItemId::from_bytes(stamp.id),
            counter: stamp.counter,
            installation: stamp.installation,
            at: stamp.at,
        }
    }
}

impl From<Stamp> for SaveStamp {
    fn from(stamp: Stamp) -> Self {
        Self {
            id: *stamp.id.as_bytes(),
            counter: stamp.counter,
            installation: stamp.installation,
            at: stamp.at,
        }
    }
}
