//! Putting the codes of an export together.

use super::{MigrationPart, RefusedEntry};
use crate::OtpAuth;

/// Everything that some codes hold.
#[derive(Clone, Debug, Default)]
pub struct Collected {
    /// The devices, export by export, in their order.
    pub devices: Vec<Result<OtpAuth, RefusedEntry>>,
    /// The exports that the codes belong to, as they were met.
    pub batches: Vec<Batch>,
}

/// How complete an export is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Which export.
    pub id: i32,
    /// How many codes it has.
    pub count: u32,
    /// The codes that were not there, from 0.
    pub missing: Vec<u32>,
}

impl Collected {
    /// Tells whether no code is missing.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.batches.iter().all(|batch| batch.missing.is_empty())
    }
}

/// Puts codes together that were read in any order; one that was read twice counts once.
#[must_use]
pub fn collect(parts: impl IntoIterator<Item = MigrationPart>) -> Collected {
    let mut batches: Vec<((i32, u32), Vec<MigrationPart>)> = Vec::new();
    for part in parts {
        let key = (part.batch_id, part.count);
        let parts = match batches.iter_mut().find(|(known, _)| *known == key) {
            Some((_, parts)) => parts,
            None => {
                batches.push((key, Vec::new()));
                let Some((_, parts)) = batches.last_mut() else {
                    continue;
                };
                parts
            }
        };
        // Programs that leave the frame out give every code the same place.
        if !parts.iter().any(|known| is_same(known, &part)) {
            parts.push(part);
        }
    }
    let mut collected = Collected::default();
    for ((id, count), mut parts) in batches {
        parts.sort_by_key(|part| part.index);
        let missing = (0..count).filter(|index| !parts.iter().any(|part| part.index == *index));
        collected.batches.push(Batch {
            id,
            count,
            missing: missing.collect(),
        });
        let devices = parts.into_iter().flat_map(|part| part.devices);
        collected.devices.extend(devices);
    }
    collected
}

fn is_same(left: &MigrationPart, right: &MigrationPart) -> bool {
    left.index == right.index
        && left.devices.len() == right.devices.len()
        && left
            .devices
            .iter()
            .zip(&right.devices)
            .all(|pair| match pair {
                (Ok(left), Ok(right)) => left.seed.ct_eq(&right.seed) && left.name == right.name,
                (Err(left), Err(right)) => left == right,
                (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
            })
}

#[cfg(test)]
mod tests {
    use undercroft_model::OtpParams;
    use undercroft_secret::SecretBytes;

    use super::*;
    use crate::migration::EntryError;
    use crate::{Seed, SeedError};

    fn device(seed: u8, name: &str) -> Result<OtpAuth, RefusedEntry> {
        let seed = Seed::from_bytes(SecretBytes::new(vec![seed; 20])).unwrap();
        Ok(OtpAuth::from_parts("AWS", name, seed, OtpParams::default()).unwrap())
    }

    fn refused(name: &str) -> Result<OtpAuth, RefusedEntry> {
        Err(RefusedEntry {
            issuer: String::new(),
            name: name.to_owned(),
            reason: EntryError::Secret(SeedError::Empty),
        })
    }

    fn part(
        batch_id: i32,
        index: u32,
        count: u32,
        devices: &[Result<OtpAuth, RefusedEntry>],
    ) -> MigrationPart {
        MigrationPart {
            batch_id,
            index,
            count,
            devices: devices.to_vec(),
        }
    }

    fn names(collected: &Collected) -> Vec<&str> {
        let names = collected.devices.iter().map(|device| match device {
            Ok(device) => &device.name[..],
            Err(refused) => &refused.name[..],
        });
        names.collect()
    }

    #[test]
    fn nothing_misses_nothing() {
        let collected = collect([]);
        assert!(collected.is_complete());
        assert!(collected.devices.is_empty() && collected.batches.is_empty());
    }

    #[test]
    fn a_code_that_was_read_twice_counts_once() {
        for devices in [
            vec![device(1, "a"), device(2, "b")],
            vec![refused("a"), device(2, "b")],
        ] {
            let code = part(7, 0, 1, &devices);
            assert_eq!(
                names(&collect([code.clone(), code.clone(), code])),
                ["a", "b"]
            );
        }
    }

    #[test]
    fn codes_of_the_same_place_are_kept_when_they_differ() {
        let (one, two) = (device(1, "a"), device(2, "b"));
        for other in [
            vec![one.clone()],
            vec![one.clone(), two.clone(), two.clone()],
            vec![device(3, "a"), two.clone()],
            vec![one.clone(), device(2, "c")],
            vec![one.clone(), device(3, "b")],
            vec![refused("a"), two.clone()],
            vec![two.clone(), one.clone()],
        ] {
            let first = part(0, 0, 1, &[one.clone(), two.clone()]);
            let collected = collect([first, part(0, 0, 1, &other)]);
            assert_eq!(collected.devices.len(), 2 + other.len());
            assert_eq!(collected.batches.len(), 1);
            assert!(collected.is_complete());
        }
        let collected = collect([
            part(0, 0, 1, &[refused("a")]),
            part(0, 0, 1, &[refused("b")]),
            part(0, 0, 1, &[device(1, "b")]),
        ]);
        assert_eq!(names(&collected), ["a", "b", "b"]);
    }

    #[test]
    fn equal_codes_of_other_places_are_kept() {
        let devices = [device(1, "a")];
        let collected = collect([part(7, 0, 2, &devices), part(7, 1, 2, &devices)]);
        assert_eq!(names(&collected), ["a", "a"]);
        assert!(collected.is_complete());
    }

    #[test]
    fn exports_are_told_apart_by_number_and_size() {
        let collected = collect([
            part(7, 1, 2, &[device(1, "a")]),
            part(8, 0, 2, &[device(2, "b")]),
            part(7, 2, 3, &[device(3, "c")]),
            part(7, 0, 2, &[device(4, "d")]),
        ]);
        assert_eq!(names(&collected), ["d", "a", "b", "c"]);
        let batch = |id, count, missing: &[u32]| Batch {
            id,
            count,
            missing: missing.to_vec(),
        };
        let wanted = [batch(7, 2, &[]), batch(8, 2, &[1]), batch(7, 3, &[0, 1])];
        assert_eq!(collected.batches, wanted);
        assert!(!collected.is_complete());
    }
}
