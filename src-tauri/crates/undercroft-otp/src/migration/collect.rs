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
