//! From a file's password to its key, at a cost that is bounded before anything is computed.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use sha2::Sha256;
use undercroft_secret::{SecretKey, SecretString};
use zeroize::Zeroize;

use crate::ImportError;

/// The most that scrypt's N × r may be: 256 MiB. Aegis uses an eighth of it.
const MAX_SCRYPT_MEMORY: u64 = 1 << 21;
/// The most that N × r × p may be over all passwords of a file.
const MAX_SCRYPT_WORK: u64 = 1 << 22;
/// The most rounds of PBKDF2: what Bitwarden lets its users set.
const MAX_ROUNDS: u32 = 2_000_000;

/// What scrypt costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scrypt {
    pub(crate) n: u64,
    pub(crate) r: u32,
    pub(crate) p: u32,
}

impl Scrypt {
    /// Returns the work, to be added up, when the memory is within bounds.
    fn work(self) -> Result<u64, ImportError> {
        let memory = self.n.checked_mul(self.r.into());
        let memory = memory.filter(|memory| (1..=MAX_SCRYPT_MEMORY).contains(memory));
        let work = memory.and_then(|memory| memory.checked_mul(self.p.into()));
        let work = work.filter(|work| *work > 0 && self.n > 1 && self.n.is_power_of_two());
        work.ok_or(ImportError::HostileParameters)
    }

    /// Refuses a file whose passwords would together cost too much.
    pub(crate) fn demand_bounded(all: impl Iterator<Item = Self>) -> Result<(), ImportError> {
        let mut total = 0_u64;
        for one in all {
            total = total.saturating_add(one.work()?);
        }
        if total > MAX_SCRYPT_WORK {
            return Err(ImportError::HostileParameters);
        }
        Ok(())
    }

    /// Computes the key; RFC 7914.
    pub(crate) fn key(
        self,
        password: &SecretString,
        salt: &[u8],
    ) -> Result<SecretKey, ImportError> {
        self.work()?;
        let log_n = u8::try_from(self.n.ilog2()).map_err(|_| ImportError::HostileParameters)?;
        let params = scrypt::Params::new(log_n, self.r, self.p)
            .map_err(|_| ImportError::HostileParameters)?;
        SecretKey::try_filled_by(|key| {
            // The password is exposed to be stretched.
            scrypt::scrypt(password.expose().as_bytes(), salt, &params, key)
                .map_err(|_| ImportError::HostileParameters)
        })
    }
}

/// Computes 32 bytes of PBKDF2-HMAC-SHA-256; RFC 8018.
pub(crate) fn pbkdf2(
    password: &SecretString,
    salt: &[u8],
    rounds: u32,
) -> Result<SecretKey, ImportError> {
    if !(1..=MAX_ROUNDS).contains(&rounds) {
        return Err(ImportError::HostileParameters);
    }
    SecretKey::try_filled_by(|key| {
        // The password is exposed to be stretched.
        pbkdf2::pbkdf2_hmac::<Sha256>(password.expose().as_bytes(), salt, rounds, key);
        Ok(())
    })
}

/// What Argon2id costs; RFC 9106.
#[derive(Clone, Debug)]
pub(crate) struct Argon2id(Params);

impl Argon2id {
    /// Refuses what no known program lets its users set: more than 1 GiB, 16 passes or 16 lanes.
    pub(crate) fn bounded(
        memory_kib: u32,
        iterations: u32,
        lanes: u32,
    ) -> Result<Self, ImportError> {
        if !(8..=1024 * 1024).contains(&memory_kib)
            || !(1..=16).contains(&iterations)
            || !(1..=16).contains(&lanes)
        {
            return Err(ImportError::HostileParameters);
        }
        Params::new(memory_kib, iterations, lanes, Some(32))
            .map(Self)
            .map_err(|_| ImportError::HostileParameters)
    }

    /// Computes the key, in memory that is wiped afterwards.
    pub(crate) fn key(
        self,
        password: &SecretString,
        salt: &[u8],
    ) -> Result<SecretKey, ImportError> {
        let mut blocks = Vec::new();
        blocks
            .try_reserve_exact(self.0.block_count())
            .map_err(|_| ImportError::HostileParameters)?;
        blocks.resize(self.0.block_count(), Block::new());
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, self.0);
        let key = SecretKey::try_filled_by(|key| {
            // The password is exposed to be stretched.
            let password = password.expose().as_bytes();
            argon2
                .hash_password_into_with_memory(password, salt, key, blocks.as_mut_slice())
                // Only a salt that is too short is left to be refused.
                .map_err(|_| ImportError::Damaged)
        });
        blocks.iter_mut().for_each(Block::zeroize);
        key
    }
}
