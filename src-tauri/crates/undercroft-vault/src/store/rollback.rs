//! Noticing that the vault file was put back to an earlier version, or went another way.

use crate::body::{MAX_SAVES, SaveStamp};

/// The vault file does not follow from the save that this machine saw last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rollback {
    /// An earlier version was put back: a restored backup, or somebody hides newer changes.
    Older {
        /// The save that this machine saw last.
        seen: SaveStamp,
        /// The newest save in the file.
        found: SaveStamp,
    },
    /// The file was changed elsewhere without the save that this machine saw last.
    Fork {
        /// The save that this machine saw last.
        seen: SaveStamp,
        /// The newest save in the file.
        found: SaveStamp,
    },
}

/// Compares a file's saves, newest last, with the save that was last seen on this machine.
///
/// When the file has had so many saves since that its list does not reach back to the one seen, it passes.
pub(crate) fn check(saves: &[SaveStamp], seen: Option<SaveStamp>) -> Option<Rollback> {
    let seen = seen?;
    let found = *saves.last()?;
    if saves.iter().any(|save| save.id == seen.id) {
        return None;
    }
    if found.counter < seen.counter {
        return Some(Rollback::Older { seen, found });
    }
    let oldest = saves.iter().map(|save| save.counter).min()?;
    let reaches_back = saves.len() < MAX_SAVES || oldest <= seen.counter;
    reaches_back.then_some(Rollback::Fork { seen, found })
}

#[cfg(test)]
mod tests {
    use undercroft_model::{InstallationId, Timestamp};

    use super::*;

    fn save(counter: u64, id: u8) -> SaveStamp {
        SaveStamp {
            id: [id; 16],
            counter,
            installation: InstallationId::from_bytes([1; 16]),
            at: Timestamp::from_unix_secs(0),
        }
    }

    #[test]
    fn what_follows_from_the_save_last_seen_passes() {
        let saves = [save(1, 1), save(2, 2), save(3, 3)];
        assert_eq!(check(&saves, None), None);
        for seen in saves {
            assert_eq!(check(&saves, Some(seen)), None);
        }
    }

    #[test]
    fn a_lower_counter_is_an_older_version() {
        let (seen, found) = (save(3, 3), save(2, 2));
        assert_eq!(
            check(&[save(1, 1), found], Some(seen)),
            Some(Rollback::Older { seen, found })
        );
    }

    #[test]
    fn the_same_or_a_higher_counter_without_the_save_seen_is_a_fork() {
        for counter in [3, 9] {
            let (seen, found) = (save(3, 3), save(counter, 77));
            assert_eq!(
                check(&[save(2, 2), found], Some(seen)),
                Some(Rollback::Fork { seen, found })
            );
        }
    }

    #[test]
    fn a_list_that_no_longer_reaches_back_passes() {
        let saves: Vec<SaveStamp> = (100..100 + MAX_SAVES as u64)
            .map(|n| save(n, n as u8))
            .collect();
        assert_eq!(check(&saves, Some(save(3, 3))), None);
        assert!(check(&saves, Some(save(120, 7))).is_some());
        // The oldest one kept is as far as it reaches.
        assert_eq!(check(&saves, Some(save(99, 7))), None);
        assert!(check(&saves, Some(save(100, 7))).is_some());
        // A list that was never cut tells of every save.
        assert!(check(&saves[1..], Some(save(3, 3))).is_some());
    }
}
