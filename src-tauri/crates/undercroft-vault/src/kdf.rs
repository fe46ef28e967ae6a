//! From a password to key material: Argon2id (RFC 9106).

use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use undercroft_secret::SecretKey;
use zeroize::Zeroize;

use crate::format::FormatError;

/// What Argon2id costs.
///
/// Values of this type are within what the program accepts on reading, so computing them needs at most 1 GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KdfParams {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over that memory.
    pub iterations: u32,
    /// Lanes. They are computed one after another, so they cost memory accesses and no threads.
    pub lanes: u32,
}

impl KdfParams {
    /// The least that is accepted on reading; new vaults never use it for a password.
    ///
    /// It is OWASP's minimum. The recovery key's slot uses it, since a random 160-bit key needs no stretching.
    pub const FLOOR: Self = Self {
        memory_kib: 19 * 1024,
        iterations: 2,
        lanes: 1,
    };
    /// The least for a new password slot.
    pub const MIN_NEW: Self = Self {
        memory_kib: 64 * 1024,
        iterations: 3,
        lanes: 1,
    };
    /// The most for a new password slot.
    pub const MAX_NEW: Self = Self {
        memory_kib: 256 * 1024,
        iterations: 3,
        lanes: 4,
    };

    /// The least that [`KdfParams::accept`] lets through, for tests of something else.
    #[cfg(test)]
    pub(crate) const LEAST: Self = Self {
        iterations: 1,
        ..Self::FLOOR
    };

    /// Number of bytes of every slot's salt.
    pub const SALT_LEN: usize = 32;

    const MIN_MEMORY_KIB: u64 = 19 * 1024;
    const MAX_MEMORY_KIB: u64 = 1024 * 1024;
    const MAX_ITERATIONS: u64 = 16;
    const MAX_LANES: u64 = 8;

    /// What a new password should take to check, in the middle of the promised 0.7–1.0 s.
    const TARGET: Duration = Duration::from_millis(850);

    /// Accepts parameters read from a file: 19 MiB–1 GiB, 1–16 iterations, 1–8 lanes.
    ///
    /// # Errors
    /// [`FormatError::HostileKdf`] outside of that, before any memory is allocated for them.
    pub fn accept(memory_kib: u64, iterations: u64, lanes: u64) -> Result<Self, FormatError> {
        let memory = (Self::MIN_MEMORY_KIB..=Self::MAX_MEMORY_KIB).contains(&memory_kib);
        let time = (1..=Self::MAX_ITERATIONS).contains(&iterations);
        if !memory || !time || !(1..=Self::MAX_LANES).contains(&lanes) {
            return Err(FormatError::HostileKdf);
        }
        let narrow = |value: u64| u32::try_from(value).map_err(|_| FormatError::HostileKdf);
        Ok(Self {
            memory_kib: narrow(memory_kib)?,
            iterations: narrow(iterations)?,
            lanes: narrow(lanes)?,
        })
    }

    /// Chooses parameters for a new password slot on this machine: 0.7–1.0 s, as far as
    /// [`KdfParams::MIN_NEW`] and [`KdfParams::MAX_NEW`] allow.
    ///
    /// Takes the fastest of three measurements, since a busy moment would make a weak slot that stays. Blocks
    /// for less than a second on most machines.
    ///
    /// # Errors
    /// [`FormatError::OutOfMemory`] when even the least cannot be computed.
    pub fn calibrate() -> Result<Self, FormatError> {
        Self::for_fastest_of_three(|| {
            let start = Instant::now();
            Self::MIN_NEW.compute(b"calibration", &[0; Self::SALT_LEN])?;
            Ok(start.elapsed())
        })
    }

    fn for_fastest_of_three(
        mut measure: impl FnMut() -> Result<Duration, FormatError>,
    ) -> Result<Self, FormatError> {
        let mut chosen = Self::MIN_NEW;
        for _ in 0..3 {
            let measured = Self::for_measured(measure()?);
            chosen.memory_kib = chosen.memory_kib.max(measured.memory_kib);
            if chosen.memory_kib == Self::MAX_NEW.memory_kib {
                break;
            }
        }
        Ok(chosen)
    }

    /// Scales [`KdfParams::MIN_NEW`], which took `elapsed`, to the target.
    fn for_measured(elapsed: Duration) -> Self {
        let least = u128::from(Self::MIN_NEW.memory_kib);
        let scaled = least * Self::TARGET.as_micros() / elapsed.as_micros().max(1);
        let whole_mib = u32::try_from(scaled / 1024 * 1024).unwrap_or(u32::MAX);
        Self {
            memory_kib: whole_mib.clamp(Self::MIN_NEW.memory_kib, Self::MAX_NEW.memory_kib),
            ..Self::MIN_NEW
        }
    }

    /// Whether a slot with these parameters should be raised to `today` at the next unlock.
    ///
    /// Compares memory × iterations, the work of a guess, and forgives a tenth of it, so that one busy
    /// calibration does not rewrite a slot.
    #[must_use]
    pub fn is_weaker_than(&self, today: &Self) -> bool {
        let work = |params: &Self| u64::from(params.memory_kib) * u64::from(params.iterations);
        work(self) * 10 < work(today) * 9
    }

    /// Computes 32 bytes of Argon2id, version 0x13, in memory that is wiped afterwards.
    ///
    /// # Errors
    /// [`FormatError::HostileKdf`] when the parameters are outside what is accepted on reading,
    /// [`FormatError::OutOfMemory`] when the memory cannot be had.
    pub(crate) fn stretch(
        &self,
        secret: &[u8],
        salt: &[u8; Self::SALT_LEN],
    ) -> Result<SecretKey, FormatError> {
        #[cfg(test)]
        return tests::once(*self, secret, salt);
        #[cfg(not(test))]
        self.compute(secret, salt)
    }

    fn compute(
        &self,
        secret: &[u8],
        salt: &[u8; Self::SALT_LEN],
    ) -> Result<SecretKey, FormatError> {
        let Self {
            memory_kib,
            iterations,
            lanes,
        } = Self::accept(
            self.memory_kib.into(),
            self.iterations.into(),
            self.lanes.into(),
        )?;
        let params = Params::new(memory_kib, iterations, lanes, Some(32))
            .map_err(|_| FormatError::HostileKdf)?;
        let mut memory = WipedBlocks::new(params.block_count())?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        SecretKey::try_filled_by(|key| {
            argon2
                .hash_password_into_with_memory(secret, salt, key, memory.0.as_mut_slice())
                .map_err(|_| FormatError::HostileKdf)
        })
    }
}

/// Argon2's memory, wiped when dropped. `hash_password_into` would free it as it is.
struct WipedBlocks(Vec<Block>);

impl WipedBlocks {
    fn new(count: usize) -> Result<Self, FormatError> {
        let mut blocks = Vec::new();
        blocks
            .try_reserve_exact(count)
            .map_err(|_| FormatError::OutOfMemory)?;
        blocks.resize(count, Block::new());
        Ok(Self(blocks))
    }
}

impl Drop for WipedBlocks {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(Block::zeroize);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Mutex;

    use super::*;

    type Input = (KdfParams, Vec<u8>, [u8; KdfParams::SALT_LEN]);

    static COMPUTED: Mutex<Option<HashMap<Input, [u8; 32]>>> = Mutex::new(None);

    /// [`KdfParams::compute`], which gives the same for the same, once for each input: tests open one vault
    /// hundreds of times, and would spend most of their time here.
    pub(super) fn once(
        params: KdfParams,
        secret: &[u8],
        salt: &[u8; KdfParams::SALT_LEN],
    ) -> Result<SecretKey, FormatError> {
        let input = (params, secret.to_vec(), *salt);
        let known = COMPUTED.lock().unwrap();
        if let Some(key) = known.as_ref().and_then(|known| known.get(&input)) {
            return Ok(SecretKey::filled_by(|filled| *filled = *key));
        }
        drop(known);
        let key = params.compute(secret, salt)?;
        let mut known = COMPUTED.lock().unwrap();
        known.get_or_insert_default().insert(input, *key.expose());
        Ok(key)
    }

    #[test]
    fn accepts_exactly_the_promised_range() {
        for (memory, time, lanes, accepted) in [
            (19 * 1024, 1, 1, true),
            (1024 * 1024, 16, 8, true),
            (19 * 1024 - 1, 1, 1, false),
            (1024 * 1024 + 1, 1, 1, false),
            (19 * 1024, 0, 1, false),
            (19 * 1024, 17, 1, false),
            (19 * 1024, 1, 0, false),
            (19 * 1024, 1, 9, false),
            (u64::MAX, u64::MAX, u64::MAX, false),
            (0, 0, 0, false),
            // Would be 19 MiB if it were cut to 32 bits.
            ((1 << 32) + 19 * 1024, 1, 1, false),
        ] {
            assert_eq!(
                KdfParams::accept(memory, time, lanes).is_ok(),
                accepted,
                "{memory} {time} {lanes}"
            );
        }
    }

    #[test]
    fn calibration_stays_within_what_new_vaults_may_use() {
        let memory = |millis| KdfParams::for_measured(Duration::from_millis(millis)).memory_kib;
        assert_eq!(memory(0), 256 * 1024);
        assert_eq!(memory(100), 256 * 1024);
        assert_eq!(memory(425), 128 * 1024);
        // Cut to whole MiB.
        assert_eq!(memory(500), 108 * 1024);
        assert_eq!(memory(850), 64 * 1024);
        assert_eq!(memory(60_000), 64 * 1024);
        assert_eq!(
            KdfParams::for_measured(Duration::from_millis(425)).iterations,
            3
        );
    }

    #[test]
    fn the_fastest_measurement_counts() {
        for (millis, memory_mib) in [
            (&[425, 850, 850][..], 128),
            (&[850, 425, 850], 128),
            (&[850, 850, 425], 128),
            (&[60_000, 60_000, 60_000], 64),
            // After the most that a slot gets, nothing more is measured.
            (&[850, 100], 256),
        ] {
            let mut measured = millis.iter().copied().map(Duration::from_millis);
            let chosen = KdfParams::for_fastest_of_three(|| Ok(measured.next().unwrap())).unwrap();
            let expected = KdfParams {
                memory_kib: memory_mib * 1024,
                ..KdfParams::MIN_NEW
            };
            assert_eq!(chosen, expected, "{millis:?}");
            assert_eq!(measured.len(), 0, "{millis:?}");
        }
        let no_memory = KdfParams::for_fastest_of_three(|| Err(FormatError::OutOfMemory));
        assert_eq!(no_memory, Err(FormatError::OutOfMemory));
    }

    #[test]
    fn a_tenth_less_work_is_not_yet_weaker() {
        let today = KdfParams {
            memory_kib: 200 * 1024,
            iterations: 3,
            lanes: 1,
        };
        assert!(
            !KdfParams {
                memory_kib: 185 * 1024,
                ..today
            }
            .is_weaker_than(&today)
        );
        assert!(
            KdfParams {
                memory_kib: 170 * 1024,
                ..today
            }
            .is_weaker_than(&today)
        );
        for (memory_kib, weaker) in [(180 * 1024, false), (180 * 1024 - 1, true)] {
            let params = KdfParams {
                memory_kib,
                ..today
            };
            assert_eq!(params.is_weaker_than(&today), weaker, "{memory_kib}");
        }
        let fewer_passes = KdfParams {
            iterations: 2,
            ..today
        };
        assert!(fewer_passes.is_weaker_than(&today) && !today.is_weaker_than(&fewer_passes));
        assert!(KdfParams::FLOOR.is_weaker_than(&KdfParams::MIN_NEW));
        assert!(!KdfParams::MAX_NEW.is_weaker_than(&KdfParams::MIN_NEW));
    }

    #[test]
    fn computes_what_the_reference_implementation_does() {
        // `argon2-cffi`: hash_secret_raw(b"password", bytes(range(32)), 2, 19456, 1, 32, Type.ID)
        let salt = std::array::from_fn(|index| index as u8);
        let key = KdfParams::FLOOR.compute(b"password", &salt).unwrap();
        let expected = "fb45cd4ee9e3e3638cbe730ac083cdb86971339355117ffb093c4a4e4f0ce888";
        assert_eq!(data_encoding::HEXLOWER.encode(key.expose()), expected);
    }
}
