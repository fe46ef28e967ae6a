//! Roles whose sources lead back to them.

use std::collections::BTreeMap;

use crate::files::config::Which;
use crate::files::problem::{Problem, Reason};
use crate::files::profile::{AwsProfile, Kind, RoleSource};

/// Reports every role that can't be assumed because it is, by way of others, its own source.
///
/// A role that names its own profile ends there: its own key is the source.
pub(super) fn report(profiles: &mut [AwsProfile]) {
    let names: BTreeMap<&str, usize> = profiles
        .iter()
        .enumerate()
        .map(|(at, profile)| (profile.name.as_str(), at))
        .collect();
    let sources: Vec<Option<usize>> = profiles
        .iter()
        .enumerate()
        .map(|(at, profile)| source(profile, &names).filter(|source| *source != at))
        .collect();
    for at in in_loops(&sources) {
        if let Some(profile) = profiles.get_mut(at) {
            profile.problems.push(Problem {
                file: Which::Config,
                section: Some(profile.name.clone()),
                line: None,
                reason: Reason::SourceLoop,
            });
        }
    }
}

fn source(profile: &AwsProfile, names: &BTreeMap<&str, usize>) -> Option<usize> {
    let Kind::Role(role) = &profile.kind else {
        return None;
    };
    match &role.source {
        Some(RoleSource::Profile(name)) => names.get(name.as_str()).copied(),
        Some(RoleSource::Machine(_) | RoleSource::WebIdentity { .. }) | None => None,
    }
}

/// Finds the places that lead back to themselves, looking at each place once.
fn in_loops(next: &[Option<usize>]) -> Vec<usize> {
    // The walk in which a place was first met.
    let mut met: Vec<Option<usize>> = vec![None; next.len()];
    let mut found = Vec::new();
    for walk in 0..next.len() {
        let mut place = Some(walk);
        let mut path = Vec::new();
        while let Some(at) = place {
            match met.get_mut(at) {
                Some(slot @ None) => {
                    *slot = Some(walk);
                    path.push(at);
                    place = next.get(at).copied().flatten();
                }
                Some(Some(earlier)) if *earlier == walk => {
                    found.extend(path.iter().skip_while(|step| **step != at));
                    break;
                }
                Some(Some(_)) | None => break,
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_places_within_a_loop_are_found() {
        assert_eq!(
            in_loops(&[Some(1), Some(2), Some(1), None, Some(3)]),
            [1, 2]
        );
        assert_eq!(in_loops(&[None, Some(0)]), Vec::<usize>::new());
    }
}
