//! What the state file holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use undercroft_aws::{SessionCredentials, SessionKeyId};
use undercroft_model::{AccessKeyId, DeviceId, ItemId, Region, RoleArn, Timestamp};
use undercroft_otp::Ledger;
use undercroft_secret::{SecretBytes, SecretString};
use undercroft_vault::SaveStamp;

use super::StateError;
use crate::{SessionId, SessionKind, activity::Log, sessions::Inputs};

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
    /// Identities of which something was used of late, the latest first.
    pub(crate) recent: Vec<ItemId>,
    /// Who got what when.
    pub(crate) activity: Log,
}

/// A session with its credentials.
#[derive(Clone, Debug)]
pub(crate) struct CachedSession {
    pub(crate) id: SessionId,
    /// What it depends on: a call with others must not be answered with it.
    pub(crate) inputs: Inputs,
    /// What its profile's call depends on when nothing narrows it.
    pub(crate) recipe: Inputs,
    pub(crate) kind: SessionKind,
    /// The profile that asked for it last.
    pub(crate) profile: Option<ItemId>,
    /// The account in which it acts.
    pub(crate) account: ItemId,
    pub(crate) role: Option<RoleArn>,
    /// Whose key stands at the beginning.
    pub(crate) identity: Option<ItemId>,
    pub(crate) key: Option<AccessKeyId>,
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
    /// The run of the machine in which it was measured, where the system names it.
    #[serde(default)]
    pub(crate) boot: Option<u64>,
}

#[derive(Serialize)]
struct Written<'a> {
    ledger: &'a Ledger,
    sessions: Vec<WrittenSession<'a>>,
    clocks: &'a BTreeMap<String, ClockEntry>,
    keys_used: &'a BTreeMap<AccessKeyId, Timestamp>,
    last_seen: Option<Stamp>,
    recent: &'a [ItemId],
    activity: &'a Log,
}

#[derive(Serialize)]
struct WrittenSession<'a> {
    id: SessionId,
    inputs: Inputs,
    recipe: Inputs,
    kind: SessionKind,
    profile: Option<ItemId>,
    account: ItemId,
    role: Option<&'a RoleArn>,
    identity: Option<ItemId>,
    key: Option<&'a AccessKeyId>,
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
    #[serde(default)]
    recent: Vec<ItemId>,
    #[serde(default)]
    activity: Log,
}

#[derive(Deserialize)]
struct ReadSession {
    id: SessionId,
    /// Sessions of the first versions say neither this nor their account; they are asked for again.
    inputs: Option<Inputs>,
    recipe: Option<Inputs>,
    kind: Option<SessionKind>,
    profile: Option<ItemId>,
    account: Option<ItemId>,
    role: Option<RoleArn>,
    identity: Option<ItemId>,
    key: Option<AccessKeyId>,
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
        let written = Written {
            ledger: &self.ledger,
            sessions,
            clocks: &self.clocks,
            keys_used: &self.keys_used,
            last_seen: self.last_seen.map(Stamp::from),
            recent: &self.recent,
            activity: &self.activity,
        };
        let mut length = Length(0);
        ciborium::into_writer(&written, &mut length).map_err(|_| StateError::Damaged)?;
        // Room for all of it, so that no shorter copy is left behind by growing.
        let mut bytes = Vec::with_capacity(length.0);
        let result = ciborium::into_writer(&written, &mut bytes);
        debug_assert_eq!(bytes.len(), length.0);
        let bytes = SecretBytes::new(bytes);
        result.map(|()| bytes).map_err(|_| StateError::Damaged)
    }

    /// Reads the content.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, StateError> {
        let read: Read = ciborium::de::from_reader_with_recursion_limit(bytes, 16)
            .map_err(|_| StateError::Damaged)?;
        let mut sessions = Vec::with_capacity(read.sessions.len().min(MAX_SESSIONS));
        for session in read.sessions {
            sessions.extend(session.into_cached()?);
        }
        Ok(Self {
            ledger: read.ledger,
            sessions,
            clocks: read.clocks,
            keys_used: read.keys_used,
            last_seen: read.last_seen.map(SaveStamp::from),
            recent: read.recent,
            activity: read.activity,
        })
    }

    /// Keeps a session in the place of the one that depended on the same.
    pub(crate) fn keep_session(&mut self, session: CachedSession) {
        self.sessions.retain(|other| other.inputs != session.inputs);
        if self.sessions.len() >= MAX_SESSIONS {
            // Never the new one: somebody waits for it.
            self.sessions
                .sort_by_key(|session| std::cmp::Reverse(session.credentials.expiration()));
            self.sessions.truncate(MAX_SESSIONS - 1);
        }
        self.sessions.push(session);
    }
}

/// Reads the content of a state file and writes it again; for fuzzing.
///
/// # Errors
///
/// [`StateError::Damaged`] when it can't be read.
pub fn rewrite_content(bytes: &[u8]) -> Result<SecretBytes, StateError> {
    State::from_bytes(bytes)?.to_bytes()
}

/// Counts what is written and keeps none of it.
struct Length(usize);

impl std::io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> WrittenSession<'a> {
    fn of(session: &'a CachedSession) -> Self {
        let credentials = &session.credentials;
        Self {
            id: session.id,
            inputs: session.inputs,
            recipe: session.recipe,
            kind: session.kind,
            profile: session.profile,
            account: session.account,
            role: session.role.as_ref(),
            identity: session.identity,
            key: session.key.as_ref(),
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
    fn into_cached(self) -> Result<Option<CachedSession>, StateError> {
        let (secret, token) = (
            SecretString::new(self.secret),
            SecretString::new(self.token),
        );
        let key_id = SessionKeyId::parse(&self.access_key_id).map_err(|_| StateError::Damaged)?;
        let (Some(inputs), Some(kind), Some(account)) = (self.inputs, self.kind, self.account)
        else {
            return Ok(None);
        };
        Ok(Some(CachedSession {
            id: self.id,
            inputs,
            recipe: self.recipe.unwrap_or(inputs),
            kind,
            profile: self.profile,
            account,
            role: self.role,
            identity: self.identity,
            key: self.key,
            device: self.device,
            duration_secs: self.duration_secs,
            region: self.region,
            endpoint: self.endpoint,
            started_at: self.started_at,
            credentials: SessionCredentials::new(key_id, secret, token, self.expiration)
                .map_err(|_| StateError::Damaged)?,
        }))
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use undercroft_model::{InstallationId, OtpParams};

    use super::*;

    fn session(number: u32) -> CachedSession {
        CachedSession {
            id: SessionId::new_random(),
            inputs: Inputs::numbered(number),
            recipe: Inputs::numbered(number + 10_000),
            kind: SessionKind::Role,
            profile: Some(ItemId::new_random()),
            account: ItemId::new_random(),
            role: Some(RoleArn::parse("arn:aws:iam::123456789012:role/deploy").unwrap()),
            identity: Some(ItemId::new_random()),
            key: Some(AccessKeyId::parse("AKIAIOSFODNN7EXAMPLE").unwrap()),
            device: Some(DeviceId::new_random()),
            duration_secs: 900 + number,
            region: Region::parse("eu-central-1").unwrap(),
            endpoint: "sts.eu-central-1.amazonaws.com".to_owned(),
            started_at: Timestamp::from_unix_secs(1_795_428_000),
            credentials: SessionCredentials::new(
                SessionKeyId::parse("ASIAIOSFODNN7EXAMPLE").unwrap(),
                SecretString::copy_of("secret"),
                SecretString::new("token".repeat(200)),
                Timestamp::from_unix_secs(1_795_428_000 + i64::from(number)),
            )
            .unwrap(),
        }
    }

    fn state() -> State {
        let mut state = State::default();
        let now = Timestamp::from_unix_secs(1_795_428_000);
        let device = DeviceId::new_random();
        state
            .ledger
            .take(device, now, OtpParams::default())
            .unwrap();
        state.keep_session(session(1));
        state.clocks.insert(
            "http://localhost:4566".to_owned(),
            ClockEntry {
                offset_secs: -31,
                base_millis: 7,
                boot: Some(9),
            },
        );
        let key = AccessKeyId::parse("AKIAIOSFODNN7EXAMPLE").unwrap();
        state.keys_used.insert(key, now);
        state.last_seen = Some(SaveStamp {
            id: [3; 16],
            counter: 9,
            installation: InstallationId::new_random(),
            at: now,
        });
        state
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let state = state();
        let bytes = state.to_bytes().unwrap();
        let read = State::from_bytes(bytes.expose()).unwrap();
        assert_eq!(read.ledger, state.ledger);
        assert_eq!(read.clocks, state.clocks);
        assert_eq!(read.keys_used, state.keys_used);
        assert_eq!(read.last_seen, state.last_seen);
        let (read, written) = (&read.sessions[0], &state.sessions[0]);
        assert_eq!(format!("{read:?}"), format!("{written:?}"));
        assert!(
            read.credentials
                .secret()
                .ct_eq(written.credentials.secret())
        );
        assert!(read.credentials.token().ct_eq(written.credentials.token()));
    }

    #[test]
    fn what_was_written_can_be_read_and_what_is_cut_short_can_not() {
        let bytes = state().to_bytes().unwrap();
        let bytes = bytes.expose();
        assert_eq!(rewrite_content(bytes).unwrap().expose(), bytes);
        assert!(rewrite_content(&bytes[..bytes.len() - 1]).is_err());
        assert!(rewrite_content(b"").is_err());
    }

    #[test]
    fn unknown_fields_of_a_newer_version_are_passed_over() {
        let mut value: ciborium::Value =
            ciborium::from_reader(state().to_bytes().unwrap().expose()).unwrap();
        let fields = value.as_map_mut().unwrap();
        fields.push(("novel".into(), 1.into()));
        let mut bytes = Vec::new();
        ciborium::into_writer(&value, &mut bytes).unwrap();
        assert_eq!(State::from_bytes(&bytes).unwrap().sessions.len(), 1);
    }

    #[test]
    fn sessions_of_the_first_versions_are_dropped_and_the_rest_is_read() {
        for lacking in ["inputs", "kind", "account"] {
            let mut value: ciborium::Value =
                ciborium::from_reader(state().to_bytes().unwrap().expose()).unwrap();
            let fields = value.as_map_mut().unwrap();
            fields.retain(|(name, _)| name.as_text() != Some("activity"));
            let session = fields[1].1.as_array_mut().unwrap()[0].as_map_mut().unwrap();
            let before = session.len();
            session.retain(|(name, _)| name.as_text() != Some(lacking));
            assert_eq!(session.len(), before - 1);
            let mut bytes = Vec::new();
            ciborium::into_writer(&value, &mut bytes).unwrap();
            let read = State::from_bytes(&bytes).unwrap();
            assert!(read.sessions.is_empty());
            assert_eq!((read.clocks.len(), read.keys_used.len()), (1, 1));
        }
    }

    #[test]
    fn there_is_room_for_all_that_is_written_from_the_start() {
        let mut state = state();
        for number in 0..400 {
            state.keep_session(session(number));
        }
        let bytes = state.to_bytes().unwrap();
        assert!(bytes.len() > 400 * 1000);
        let mut length = Length(0);
        ciborium::into_writer(&ciborium::Value::Bytes(vec![7; 300]), &mut length).unwrap();
        assert_eq!(length.0, 303);
    }

    #[test]
    fn a_new_session_stays_among_longer_lived_ones() {
        let mut state = State::default();
        for number in 1..=u32::try_from(MAX_SESSIONS).unwrap() {
            state.keep_session(session(1000 + number));
        }
        state.keep_session(session(1));
        assert_eq!(state.sessions.len(), MAX_SESSIONS);
        let newest = state.sessions.last().unwrap();
        assert_eq!(newest.inputs, Inputs::numbered(1));
    }

    #[test]
    fn credentials_that_would_break_a_line_are_damage() {
        let mut value: ciborium::Value =
            ciborium::from_reader(state().to_bytes().unwrap().expose()).unwrap();
        let sessions = &mut value.as_map_mut().unwrap()[1].1;
        let session = sessions.as_array_mut().unwrap()[0].as_map_mut().unwrap();
        let token = session
            .iter_mut()
            .find(|(name, _)| name.as_text() == Some("token"));
        token.unwrap().1 = "two\nlines".into();
        let mut bytes = Vec::new();
        ciborium::into_writer(&value, &mut bytes).unwrap();
        assert!(State::from_bytes(&bytes).is_err());
    }

    #[test]
    fn a_session_takes_the_place_of_its_like_and_the_longest_lived_stay() {
        let mut state = State::default();
        let first = session(1);
        let mut second = first.clone();
        second.id = SessionId::new_random();
        state.keep_session(first);
        state.keep_session(second.clone());
        assert_eq!(state.sessions.len(), 1);
        assert_eq!(state.sessions[0].id, second.id);
        for number in 2..=600 {
            state.keep_session(session(number));
        }
        assert_eq!(state.sessions.len(), MAX_SESSIONS);
        let ends = state
            .sessions
            .iter()
            .map(|session| session.duration_secs - 900);
        assert_eq!(ends.min(), Some(101));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = rewrite_content(&bytes);
        }

        #[test]
        fn no_changed_byte_panics(place in 0_usize..1600, byte: u8) {
            let bytes = state().to_bytes().unwrap();
            let mut bytes = bytes.expose().to_vec();
            let place = place % bytes.len();
            bytes[place] = byte;
            let _ = rewrite_content(&bytes);
        }
    }
}
