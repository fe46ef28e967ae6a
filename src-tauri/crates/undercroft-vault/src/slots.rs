//! Key slots: the ways into a vault.
//!
//! A slot wraps the vault key for one credential:
//!
//! ```text
//! stretched  = Argon2id(secret, salt)
//! wrap key   = HKDF(stretched, "slot-wrap " kind)
//! commitment = HKDF(stretched, "slot-commitment " kind)
//! wrapped    = AES-256-GCM(wrap key, vault key, AAD "undercroft v1 slot " kind)
//! ```
//!
//! AES-GCM does not commit to its key, so the commitment is compared, in constant time, before anything is
//! unwrapped: one file cannot open to two people as two different vaults.

use undercroft_crypto::{self as crypto, ONLY_NONCE, TAG_LEN};
use undercroft_model::Revision;
use undercroft_secret::{SecretKey, SecretString};
use unicode_normalization::UnicodeNormalization;

use crate::format::cbor::{NotCbor, Reader, UnknownFields, Writer, set};
use crate::format::{FormatError, Part};
use crate::kdf::KdfParams;
use crate::recovery::RecoveryKey;
use crate::vault_key::VaultKey;

/// The most slots that a vault has.
pub const MAX_SLOTS: usize = 8;

const WRAPPED_LEN: usize = 32 + TAG_LEN;
const ARGON2ID: &str = "argon2id";

/// What somebody opens a vault with.
#[derive(Clone, Copy, Debug)]
pub enum Credential<'a> {
    /// The master password. It is brought to Unicode NFC first, since systems type `é` in two ways.
    Password(&'a SecretString),
    /// The printed recovery key.
    RecoveryKey(&'a RecoveryKey),
}

impl Credential<'_> {
    /// The kind of slot that this opens.
    #[must_use]
    pub fn kind(&self) -> SlotKind {
        match self {
            Self::Password(_) => SlotKind::Password,
            Self::RecoveryKey(_) => SlotKind::RecoveryKey,
        }
    }

    fn stretch(
        &self,
        kdf: KdfParams,
        salt: &[u8; KdfParams::SALT_LEN],
    ) -> Result<SecretKey, FormatError> {
        match self {
            Self::Password(password) => kdf.stretch(nfc(password).expose().as_bytes(), salt),
            Self::RecoveryKey(key) => kdf.stretch(key.expose(), salt),
        }
    }
}

/// Brings a password to Unicode Normalization Form C, as RFC 8265 has it, in a buffer that never grows.
fn nfc(password: &SecretString) -> SecretString {
    let len = password.expose().nfc().map(char::len_utf8).sum();
    let mut normal = String::with_capacity(len);
    normal.extend(password.expose().nfc());
    SecretString::new(normal)
}

/// What a slot is opened with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SlotKind {
    /// The master password.
    Password,
    /// The recovery key.
    RecoveryKey,
    /// Something that a newer version knows; kept as it is.
    Unknown,
}

const PASSWORD: &str = "password";
const RECOVERY_KEY: &str = "recovery-key";

/// A key slot with its revision, which stands in the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// When it was made, in the vault's own counting: a save never brings an older slot back.
    pub revision: Revision,
    key: KeySlot,
}

impl Slot {
    /// Wraps `vault_key` for a password, with a new random salt. Blocks for Argon2id's time.
    ///
    /// # Errors
    /// [`FormatError::HostileKdf`] and [`FormatError::OutOfMemory`], as for any Argon2id computation.
    pub fn new_password(
        vault_key: &VaultKey,
        password: &SecretString,
        kdf: KdfParams,
        revision: Revision,
    ) -> Result<Self, FormatError> {
        let key = KeySlot::wrap(
            vault_key,
            Credential::Password(password),
            kdf,
            crypto::random(),
        )?;
        Ok(Self { revision, key })
    }

    /// Wraps `vault_key` for a recovery key, with a new random salt. Argon2id runs with
    /// [`KdfParams::FLOOR`]: nobody guesses 160 random bits.
    ///
    /// # Errors
    /// [`FormatError::OutOfMemory`] when even that is too much.
    pub fn new_recovery(
        vault_key: &VaultKey,
        recovery_key: &RecoveryKey,
        revision: Revision,
    ) -> Result<Self, FormatError> {
        let credential = Credential::RecoveryKey(recovery_key);
        let key = KeySlot::wrap(vault_key, credential, KdfParams::FLOOR, crypto::random())?;
        Ok(Self { revision, key })
    }

    /// What opens it.
    #[must_use]
    pub fn kind(&self) -> SlotKind {
        self.key.kind()
    }

    /// What Argon2id costs for it; nothing where the kind is unknown.
    #[must_use]
    pub fn kdf(&self) -> Option<KdfParams> {
        self.key.kdf()
    }

    /// Opens the slot. Blocks for Argon2id's time.
    ///
    /// # Errors
    /// [`FormatError::NoSuchSlot`] when the slot is of another kind, [`FormatError::WrongCredential`] when the
    /// commitment does not fit, [`FormatError::Tampered`] when it does and the wrapped key was changed.
    pub fn unwrap_key(&self, credential: Credential<'_>) -> Result<VaultKey, FormatError> {
        self.key.unwrap_key(credential)
    }

    pub(crate) fn from_parts(revision: Revision, key: KeySlot) -> Self {
        Self { revision, key }
    }

    pub(crate) fn key(&self) -> &KeySlot {
        &self.key
    }
}

/// A key slot as it stands in the header, which tells nothing of when it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySlot {
    form: Form,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    Known(Wrap),
    /// A slot of a newer version: its kind's name and the whole map, byte for byte.
    Unknown(Vec<u8>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Wrap {
    for_recovery: bool,
    kdf: Claim,
    salt: [u8; KdfParams::SALT_LEN],
    commitment: [u8; 32],
    wrapped: [u8; WRAPPED_LEN],
    unknown: UnknownFields,
}

/// Argon2id parameters as a file claims them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Claim {
    memory_kib: u64,
    iterations: u64,
    lanes: u64,
}

impl Claim {
    fn accept(self) -> Result<KdfParams, FormatError> {
        KdfParams::accept(self.memory_kib, self.iterations, self.lanes)
    }
}

impl From<KdfParams> for Claim {
    fn from(kdf: KdfParams) -> Self {
        Self {
            memory_kib: kdf.memory_kib.into(),
            iterations: kdf.iterations.into(),
            lanes: kdf.lanes.into(),
        }
    }
}

impl KeySlot {
    /// What opens it.
    #[must_use]
    pub fn kind(&self) -> SlotKind {
        match &self.form {
            Form::Known(wrap) if wrap.for_recovery => SlotKind::RecoveryKey,
            Form::Known(_) => SlotKind::Password,
            Form::Unknown(_) => SlotKind::Unknown,
        }
    }

    /// What Argon2id costs for it; nothing where the kind is unknown.
    #[must_use]
    pub fn kdf(&self) -> Option<KdfParams> {
        match &self.form {
            Form::Known(wrap) => wrap.kdf.accept().ok(),
            Form::Unknown(_) => None,
        }
    }

    /// Checks that opening this slot would ask for a reasonable amount of work.
    pub(crate) fn check_kdf(&self) -> Result<(), FormatError> {
        match &self.form {
            Form::Known(wrap) => wrap.kdf.accept().map(drop),
            Form::Unknown(_) => Ok(()),
        }
    }

    pub(crate) fn wrap(
        vault_key: &VaultKey,
        credential: Credential<'_>,
        kdf: KdfParams,
        salt: [u8; KdfParams::SALT_LEN],
    ) -> Result<Self, FormatError> {
        let for_recovery = matches!(credential, Credential::RecoveryKey(_));
        let stretched = credential.stretch(kdf, &salt)?;
        let (wrap_key, commitment) = split(&stretched, for_recovery);
        // The plain key stands in `wrapped` only between these two statements.
        let mut wrapped = [0; WRAPPED_LEN];
        wrapped[..32].copy_from_slice(vault_key.secret().expose());
        let tag = crypto::encrypt(
            &wrap_key,
            &ONLY_NONCE,
            &slot_aad(for_recovery),
            &mut wrapped[..32],
        );
        wrapped[32..].copy_from_slice(&tag);
        let commitment = *commitment.expose();
        let unknown = UnknownFields::default();
        Ok(Self {
            form: Form::Known(Wrap {
                for_recovery,
                kdf: kdf.into(),
                salt,
                commitment,
                wrapped,
                unknown,
            }),
        })
    }

    pub(crate) fn unwrap_key(&self, credential: Credential<'_>) -> Result<VaultKey, FormatError> {
        let Form::Known(wrap) = &self.form else {
            return Err(FormatError::NoSuchSlot);
        };
        if credential.kind() != self.kind() {
            return Err(FormatError::NoSuchSlot);
        }
        let stretched = credential.stretch(wrap.kdf.accept()?, &wrap.salt)?;
        let (wrap_key, commitment) = split(&stretched, wrap.for_recovery);
        let mut stored = wrap.commitment;
        if !commitment.ct_eq(&SecretKey::take_from(&mut stored)) {
            return Err(FormatError::WrongCredential);
        }
        let (key, tag) = wrap.wrapped.split_at(32);
        let tag: [u8; TAG_LEN] = tag
            .try_into()
            .map_err(|_| FormatError::Malformed(Part::Header))?;
        SecretKey::try_filled_by(|place| {
            place.copy_from_slice(key);
            crypto::decrypt(
                &wrap_key,
                &ONLY_NONCE,
                &slot_aad(wrap.for_recovery),
                place,
                &tag,
            )
        })
        .map(VaultKey::from_secret)
        .map_err(|_| FormatError::Tampered)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, NotCbor> {
        let (kind, whole) = reader.with_bytes(kind_of)?;
        let form = match kind {
            PASSWORD => Form::Known(Wrap::read(&mut Reader::new(whole), false)?),
            RECOVERY_KEY => Form::Known(Wrap::read(&mut Reader::new(whole), true)?),
            _ => Form::Unknown(whole.to_vec()),
        };
        Ok(Self { form })
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        match &self.form {
            Form::Known(wrap) => wrap.write(out),
            Form::Unknown(whole) => out.raw(whole),
        }
    }
}

impl Wrap {
    fn read(reader: &mut Reader<'_>, for_recovery: bool) -> Result<Self, NotCbor> {
        let (mut kdf, mut salt, mut commitment, mut wrapped) = (None, None, None, None);
        let mut unknown = UnknownFields::default();
        for _ in 0..reader.map()? {
            match reader.text()? {
                "kind" => drop(reader.text()?),
                "kdf" => set(&mut kdf, Claim::read(reader)?)?,
                "salt" => set(&mut salt, reader.array_of()?)?,
                "commitment" => set(&mut commitment, reader.array_of()?)?,
                "wrapped" => set(&mut wrapped, reader.array_of()?)?,
                name => unknown.read(name, reader)?,
            }
        }
        Ok(Self {
            for_recovery,
            kdf: kdf.ok_or(NotCbor)?,
            salt: salt.ok_or(NotCbor)?,
            commitment: commitment.ok_or(NotCbor)?,
            wrapped: wrapped.ok_or(NotCbor)?,
            unknown,
        })
    }

    fn write(&self, out: &mut Writer) {
        out.map(5 + self.unknown.len());
        out.text("kind");
        out.text(kind_name(self.for_recovery));
        out.text("kdf");
        self.kdf.write(out);
        out.text("salt");
        out.bytes(&self.salt);
        out.text("commitment");
        out.bytes(&self.commitment);
        out.text("wrapped");
        out.bytes(&self.wrapped);
        self.unknown.write(out);
    }
}

impl Claim {
    /// Reads exactly the four fields; a new parameter would need a new kind of slot.
    fn read(reader: &mut Reader<'_>) -> Result<Self, NotCbor> {
        let (mut name, mut memory_kib, mut iterations, mut lanes) = (None, None, None, None);
        for _ in 0..reader.map()? {
            match reader.text()? {
                "name" => set(&mut name, reader.text()?)?,
                "memory-kib" => set(&mut memory_kib, reader.uint()?)?,
                "iterations" => set(&mut iterations, reader.uint()?)?,
                "lanes" => set(&mut lanes, reader.uint()?)?,
                _ => return Err(NotCbor),
            }
        }
        if name != Some(ARGON2ID) {
            return Err(NotCbor);
        }
        Ok(Self {
            memory_kib: memory_kib.ok_or(NotCbor)?,
            iterations: iterations.ok_or(NotCbor)?,
            lanes: lanes.ok_or(NotCbor)?,
        })
    }

    fn write(self, out: &mut Writer) {
        out.map(4);
        out.text("name");
        out.text(ARGON2ID);
        out.text("memory-kib");
        out.uint(self.memory_kib);
        out.text("iterations");
        out.uint(self.iterations);
        out.text("lanes");
        out.uint(self.lanes);
    }
}

/// Finds the kind of a slot whose other fields may be anything.
fn kind_of<'a>(reader: &mut Reader<'a>) -> Result<&'a str, NotCbor> {
    let mut kind = None;
    let mut others = UnknownFields::default();
    for _ in 0..reader.map()? {
        match reader.text()? {
            "kind" => set(&mut kind, reader.text()?)?,
            name => others.read(name, reader)?,
        }
    }
    kind.ok_or(NotCbor)
}

fn kind_name(for_recovery: bool) -> &'static str {
    if for_recovery { RECOVERY_KEY } else { PASSWORD }
}

fn split(stretched: &SecretKey, for_recovery: bool) -> (SecretKey, SecretKey) {
    let kind = kind_name(for_recovery).as_bytes();
    let wrap_key = crypto::hkdf(stretched.expose(), &[], &[b"slot-wrap ", kind]);
    let commitment = crypto::hkdf(stretched.expose(), &[], &[b"slot-commitment ", kind]);
    (wrap_key, commitment)
}

fn slot_aad(for_recovery: bool) -> Vec<u8> {
    [b"undercroft v1 slot ", kind_name(for_recovery).as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use undercroft_model::InstallationId;

    use super::*;

    fn revision() -> Revision {
        Revision::first(InstallationId::from_bytes([1; 16]))
    }

    fn slot(key: &VaultKey, password: &str) -> Slot {
        let password = SecretString::copy_of(password);
        Slot::new_password(key, &password, KdfParams::FLOOR, revision()).unwrap()
    }

    #[test]
    fn a_slot_gives_its_key_back_to_its_credential_only() {
        let key = VaultKey::random();
        let recovery = RecoveryKey::random();
        let by_recovery = Slot::new_recovery(&key, &recovery, revision()).unwrap();
        let by_password = slot(&key, "password");
        let password = SecretString::copy_of("password");
        let wrong = SecretString::copy_of("Password");

        let opened = by_password
            .unwrap_key(Credential::Password(&password))
            .unwrap();
        assert!(opened.ct_eq(&key));
        let opened = by_recovery
            .unwrap_key(Credential::RecoveryKey(&recovery))
            .unwrap();
        assert!(opened.ct_eq(&key));
        for (slot, credential, expected) in [
            (
                &by_password,
                Credential::Password(&wrong),
                FormatError::WrongCredential,
            ),
            (
                &by_password,
                Credential::RecoveryKey(&recovery),
                FormatError::NoSuchSlot,
            ),
            (
                &by_recovery,
                Credential::Password(&password),
                FormatError::NoSuchSlot,
            ),
        ] {
            assert_eq!(slot.unwrap_key(credential).unwrap_err(), expected);
        }
    }

    #[test]
    fn the_same_password_twice_makes_two_slots_with_nothing_in_common() {
        let key = VaultKey::random();
        let written = |slot: &Slot| {
            let mut out = Writer::default();
            slot.key().write(&mut out);
            out.finish()
        };
        let (one, two) = (
            written(&slot(&key, "password")),
            written(&slot(&key, "password")),
        );
        assert_eq!(one.len(), two.len());
        let longest = one.iter().zip(&two).collect::<Vec<_>>();
        let equal = longest.chunk_by(|a, b| (a.0 == a.1) == (b.0 == b.1));
        let random = equal
            .filter(|run| run[0].0 != run[0].1)
            .map(<[_]>::len)
            .sum::<usize>();
        // Salt, commitment and wrapped key are 112 bytes, of which one in 256 is equal by chance.
        assert!(random > 100, "{random}");
    }

    #[test]
    fn a_password_is_the_same_however_its_accents_are_typed() {
        let key = VaultKey::random();
        let slot = slot(&key, "caf\u{e9} \u{212b}");
        let typed = SecretString::copy_of("cafe\u{301} A\u{30a}");
        assert!(slot.unwrap_key(Credential::Password(&typed)).is_ok());
        // Compatibility forms are other passwords.
        let typed = SecretString::copy_of("\u{ff43}afe\u{301} A\u{30a}");
        assert!(slot.unwrap_key(Credential::Password(&typed)).is_err());
    }

    #[test]
    fn normalising_composes_every_accent() {
        let normal = nfc(&SecretString::copy_of(&"e\u{301}".repeat(100)));
        assert_eq!(normal.expose(), "\u{e9}".repeat(100));
    }
}
