//! Search over accounts, identities and profiles.

use undercroft_model::{
    Content, Item, ItemId,
    search::{Boosts, Hit as Found, HitKind, Index, Matched, SearchField},
};
use undercroft_vault::Vault;

use crate::{
    Hit, HitProfile, IdentityRow, Session, SessionError, catalogue::Catalogue, unlocked::Unlocked,
};

/// More hits than a window shows.
const MOST_HITS: usize = 200;

/// The search index, made when it is first needed.
#[derive(Default)]
pub(crate) struct Finder(Option<Index>);

impl Finder {
    /// Follows a changed item.
    pub(crate) fn update(&mut self, item: &Item, catalogue: &Catalogue) {
        let Some(index) = &mut self.0 else {
            return;
        };
        take_in(index, item, catalogue);
        // Profiles wait for the account of their role to be filed.
        if let Some(Content::Account(_)) = item.live() {
            for (id, profile) in catalogue.profiles() {
                let account = catalogue.account_of_profile(profile);
                if account == Some(item.id) {
                    index.update_profile(id, profile, account);
                }
            }
        }
    }

    fn index(&mut self, vault: &Vault, catalogue: &Catalogue) -> &Index {
        self.0.get_or_insert_with(|| {
            let mut index = Index::default();
            for item in vault.items().filter_map(Result::ok) {
                take_in(&mut index, &item, catalogue);
            }
            index
        })
    }
}

fn take_in(index: &mut Index, item: &Item, catalogue: &Catalogue) {
    match item.live() {
        Some(Content::Profile(profile)) => {
            index.update_profile(item.id, profile, catalogue.account_of_profile(profile));
        }
        Some(
            Content::Account(_)
            | Content::Identity(_)
            | Content::Settings(_)
            | Content::Unknown { .. },
        )
        | None => index.update(item),
    }
}

impl Session {
    /// The best hits for what was typed so far.
    ///
    /// # Errors
    /// When the vault is locked.
    pub async fn search(&self, query: String, limit: usize) -> Result<Vec<Hit>, SessionError> {
        self.act(move |open| Ok(open.search(&query, limit))).await
    }
}

impl Unlocked {
    fn search(&mut self, query: &str, limit: usize) -> Vec<Hit> {
        let boosts = Boosts {
            recent: &self.state.recent,
        };
        let found = self.finder.index(&self.vault, &self.catalogue).query_with(
            query,
            boosts,
            limit.min(MOST_HITS),
        );
        let live = self.live_identities();
        let mut hits: Vec<_> = found
            .into_iter()
            .filter_map(|found| {
                let mut hit = self.hit(&found)?;
                if let Some(identity) = &mut hit.identity {
                    identity.live = live.contains(&identity.id);
                }
                Some((found.is_guess, found.score, hit))
            })
            .collect();
        // Of equally good hits the favourites come first, then those that have a code to copy. The order stays
        // otherwise, and a guess never overtakes what was typed.
        let rank = |hit: &Hit| {
            let identity = hit.identity.as_ref();
            let is_favourite = hit.account.favourite
                || identity.is_some_and(|identity| identity.favourite)
                || hit
                    .profile
                    .as_ref()
                    .is_some_and(|profile| profile.favourite);
            (is_favourite, hit.device.is_some())
        };
        hits.sort_by(|(guess, score, hit), (other_guess, other_score, other)| {
            guess
                .cmp(other_guess)
                .then(other_score.cmp(score))
                .then_with(|| rank(other).cmp(&rank(hit)))
        });
        hits.into_iter().map(|(_, _, hit)| hit).collect()
    }

    fn hit(&self, found: &Found) -> Option<Hit> {
        match found.kind {
            HitKind::Account => {
                let account = self.account_row(found.item).ok()?;
                Some(Hit {
                    matched: in_name(&found.matched, SearchField::AccountName, &account.name),
                    matched_below: account.alias.as_ref().map_or_else(Vec::new, |alias| {
                        in_name(&found.matched, SearchField::AccountAlias, alias.as_str())
                    }),
                    item: found.item,
                    account,
                    identity: None,
                    profile: None,
                    device: None,
                })
            }
            HitKind::Identity => self.identity_hit(found.item, &found.matched),
            HitKind::Profile => self.profile_hit(found.item, &found.matched),
        }
    }

    /// A profile as a hit; nothing while the account in which it acts is not in the vault.
    pub(crate) fn profile_hit(&self, id: ItemId, matched: &[Matched]) -> Option<Hit> {
        let profile = self.catalogue.profile(id)?;
        let account = self.catalogue.account_of_profile(profile)?;
        let account = self.account_row(account).ok()?;
        Some(Hit {
            item: id,
            matched_below: in_name(matched, SearchField::AccountName, &account.name),
            account,
            matched: in_name(matched, SearchField::ProfileName, profile.name.as_str()),
            device: None,
            identity: None,
            profile: Some(HitProfile {
                name: profile.name.clone(),
                kind: profile.recipe.kind().to_owned(),
                role: profile.recipe.role().map(|role| role.name().to_owned()),
                favourite: profile.favourite,
            }),
        })
    }

    pub(crate) fn identity_hit(&self, id: ItemId, matched: &[Matched]) -> Option<Hit> {
        let card = self.catalogue.identity(id)?;
        let row: IdentityRow = card.row.clone();
        let account = self.account_row(card.account).ok()?;
        Some(Hit {
            item: id,
            matched_below: in_name(matched, SearchField::AccountName, &account.name),
            account,
            matched: in_name(matched, SearchField::SignInName, row.kind.sign_in_name()),
            device: card.first_device,
            identity: Some(row),
            profile: None,
        })
    }
}

/// The parts of a hit's name that were found, in UTF-16 units, as pages count.
fn in_name(matched: &[Matched], field: SearchField, name: &str) -> Vec<(usize, usize)> {
    let units = |text: &str| text.encode_utf16().count();
    matched
        .iter()
        .filter(|matched| matched.field == field)
        .filter_map(|matched| {
            let before = name.get(..matched.range.start)?;
            let within = name.get(matched.range.clone())?;
            Some((units(before), units(within)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_in_utf16_units() {
        let name = "Grün 🌱 shop";
        let start = name.find("shop").unwrap();
        let matched = |field| Matched {
            field,
            index: 0,
            range: start..start + 4,
        };
        let all = [matched(SearchField::AccountName), matched(SearchField::Tag)];
        assert_eq!(in_name(&all, SearchField::AccountName, name), [(8, 4)]);
    }

    #[test]
    fn a_part_outside_the_name_is_left_out() {
        let matched = Matched {
            field: SearchField::SignInName,
            index: 0,
            range: 3..90,
        };
        assert!(in_name(&[matched], SearchField::SignInName, "jane").is_empty());
    }
}
