//! The index: documents by item, and queries over them.

use std::{cmp::Ordering, collections::HashMap, ops::Range};

use super::{
    document::{Document, SearchField},
    matching::{Found, abbreviated, find_guessed, find_typed},
    query::{Word, words},
};
use crate::{
    id::ItemId,
    record::{Content, Item, Profile},
};

/// What an identity's match in its account is worth less than in the account itself.
const INHERITED_LESS: u32 = 70;
/// With so many items found as typed, none is guessed.
const ENOUGH_TYPED: usize = 5;
/// What a pinned identity gains: found by its account's name, it comes before the account, also a favourite one.
const PINNED: u32 = INHERITED_LESS + FAVOURITE_ACCOUNT + 1;
const FAVOURITE_ACCOUNT: u32 = 4;
/// What the most recently used item gains; each one before it gains less, and none as much as what is pinned.
const MOST_RECENT: u32 = 30;
const LESS_RECENT: u32 = 3;

/// A search index over the accounts, identities and profiles of a vault.
///
/// Keep it in step with [`Index::update`] and [`Index::remove`]; both cost as much as the one item.
#[derive(Default)]
pub struct Index {
    slots: Vec<Slot>,
    /// A removed item keeps its empty slot, as items are rarely removed for good and identities point there.
    slot_of: HashMap<ItemId, u32>,
}

struct Slot {
    id: ItemId,
    kind: HitKind,
    /// The slot of the account of an identity, or of a profile where it is known.
    account: Option<u32>,
    document: Option<Document>,
}

/// What lifts an item in the ranking beyond how well it matches. Favourites are known to the index.
#[derive(Clone, Copy, Debug, Default)]
pub struct Boosts<'a> {
    /// Items that were used of late, the latest first; ten count.
    pub recent: &'a [ItemId],
}

/// An item that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The item.
    pub item: ItemId,
    /// What it is.
    pub kind: HitKind,
    /// How well it matches; only good for comparing hits of one query.
    pub score: u32,
    /// Whether it takes a typing error or left-out letters to match; such a hit is an offer, not an answer.
    pub is_guess: bool,
    /// What was found where, in the order of fields.
    pub matched: Vec<Matched>,
}

/// What kind of item was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HitKind {
    /// An account.
    Account,
    /// An identity.
    Identity,
    /// A profile.
    Profile,
}

/// A part of a field that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched {
    /// The field; an account's for an identity, when it was found by its account.
    pub field: SearchField,
    /// Which of the fields of that kind, from zero: the second tag is 1.
    pub index: usize,
    /// The bytes of the field's text to highlight; always whole characters.
    pub range: Range<usize>,
}

impl Index {
    /// Indexes all items.
    pub fn build<'a>(items: impl IntoIterator<Item = &'a Item>) -> Self {
        let mut index = Self::default();
        for item in items {
            index.update(item);
        }
        index
    }

    /// Indexes an item anew; one that is binned or deleted is no longer found.
    ///
    /// A profile is found by its own fields; [`Index::update_profile`] has it found by its account's, too.
    pub fn update(&mut self, item: &Item) {
        match item.live() {
            Some(Content::Account(account)) => {
                let document = Document::of_account(account);
                self.put(item.id, HitKind::Account, None, document);
            }
            Some(Content::Identity(identity)) => {
                let document = Document::of_identity(identity);
                self.put(item.id, HitKind::Identity, Some(identity.account), document);
            }
            Some(Content::Profile(profile)) => self.update_profile(item.id, profile, None),
            Some(Content::Settings(_) | Content::Unknown { .. }) | None => self.remove(item.id),
        }
    }

    /// Indexes a profile whose credentials act in an account.
    pub fn update_profile(&mut self, id: ItemId, profile: &Profile, account: Option<ItemId>) {
        self.put(id, HitKind::Profile, account, Document::of_profile(profile));
    }

    fn put(&mut self, id: ItemId, kind: HitKind, account: Option<ItemId>, document: Document) {
        let account = account.map(|account| self.slot(account));
        let slot = self.slot(id);
        if let Some(slot) = self.slots.get_mut(slot as usize) {
            slot.kind = kind;
            slot.account = account;
            slot.document = Some(document);
        }
    }

    /// Forgets an item.
    pub fn remove(&mut self, id: ItemId) {
        let slot = self
            .slot_of
            .get(&id)
            .and_then(|slot| self.slots.get_mut(*slot as usize));
        if let Some(slot) = slot {
            slot.account = None;
            slot.document = None;
        }
    }

    /// How many items can be found.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots
            .iter()
            .filter(|slot| slot.document.is_some())
            .count()
    }

    /// Tells whether there is nothing to find.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Finds the best `limit` items for what was typed so far.
    #[must_use]
    pub fn query(&self, text: &str, limit: usize) -> Vec<Hit> {
        self.query_with(text, Boosts::default(), limit)
    }

    /// Finds the best `limit` items for what was typed so far, in the light of `boosts`.
    ///
    /// For an empty query these are the recent items and the favourites.
    #[must_use]
    pub fn query_with(&self, text: &str, boosts: Boosts<'_>, limit: usize) -> Vec<Hit> {
        let words = words(text);
        let lifts = self.lifts(boosts);
        let mut ranked = self.rank(&words, &lifts, find_typed);
        if ranked.len() < limit.min(ENOUGH_TYPED) && words.iter().any(|word| word.may_be_mistyped) {
            let typed: Vec<u32> = ranked.iter().map(|ranked| ranked.slot).collect();
            let guessed = self.rank(&words, &lifts, find_either);
            // `rank` goes through the slots in order, so both lists are sorted by slot.
            let only_guessed = |ranked: &Ranked| typed.binary_search(&ranked.slot).is_err();
            let guessed = guessed.into_iter().filter(only_guessed);
            ranked.extend(guessed.map(|ranked| Ranked {
                is_guess: true,
                ..ranked
            }));
        }
        self.keep_best(&mut ranked, limit);
        ranked
            .iter()
            .filter_map(|ranked| self.hit(ranked, &words))
            .collect()
    }

    fn slot(&mut self, id: ItemId) -> u32 {
        let Self { slots, slot_of } = self;
        *slot_of.entry(id).or_insert_with(|| {
            slots.push(Slot {
                id,
                kind: HitKind::Account,
                account: None,
                document: None,
            });
            // Four billion items don't fit in a vault.
            u32::try_from(slots.len() - 1).unwrap_or(u32::MAX)
        })
    }

    fn lifts(&self, boosts: Boosts<'_>) -> Vec<(u32, u32)> {
        let gains = (0..MOST_RECENT / LESS_RECENT).map(|place| MOST_RECENT - place * LESS_RECENT);
        boosts
            .recent
            .iter()
            .zip(gains)
            .filter_map(|(id, gain)| Some((*self.slot_of.get(id)?, gain)))
            .collect()
    }

    /// Rates every item that has all the words, in the order of slots.
    fn rank(&self, words: &[Word], lifts: &[(u32, u32)], find: Find) -> Vec<Ranked> {
        let inherited = self.inherited(words, find);
        let mut ranked = Vec::new();
        for (slot, entry) in (0..).zip(&self.slots) {
            let Some(document) = &entry.document else {
                continue;
            };
            let from_account = entry.account.and_then(|account| {
                let first = account as usize * words.len();
                inherited.get(first..first + words.len())
            });
            let mut total = 0;
            let all_found = words.iter().enumerate().all(|(position, word)| {
                let own = find(word, document, &|_| true).map_or(0, |found| found.score);
                let inherited = from_account
                    .and_then(|scores| scores.get(position))
                    .copied()
                    .unwrap_or_default();
                let best = own.max(inherited);
                total += best;
                best > 0
            });
            if !all_found {
                continue;
            }
            let lift = lifts
                .iter()
                .find(|(lifted, _)| *lifted == slot)
                .map_or(0, |(_, gain)| *gain);
            let favourite = match (document.is_favourite, entry.kind) {
                (false, _) => 0,
                (true, HitKind::Identity | HitKind::Profile) => PINNED,
                (true, HitKind::Account) => FAVOURITE_ACCOUNT,
            };
            let per_word = u32::try_from(words.len().max(1)).unwrap_or(u32::MAX);
            let score = total / per_word + lift + favourite;
            if score > 0 {
                ranked.push(Ranked {
                    score,
                    slot,
                    is_guess: false,
                });
            }
        }
        ranked
    }

    /// What each word is worth to the identities of each account: a row of scores per slot.
    fn inherited(&self, words: &[Word], find: Find) -> Vec<u32> {
        let mut scores = vec![0; self.slots.len() * words.len()];
        if words.is_empty() {
            return scores;
        }
        for (slot, row) in self.slots.iter().zip(scores.chunks_exact_mut(words.len())) {
            let (HitKind::Account, Some(document)) = (slot.kind, &slot.document) else {
                continue;
            };
            for (score, word) in row.iter_mut().zip(words) {
                if let Some(found) =
                    find(word, document, &|field| field.is_inherited_by_identities())
                {
                    *score = found.score.saturating_sub(INHERITED_LESS).max(1);
                }
            }
        }
        scores
    }

    fn keep_best(&self, ranked: &mut Vec<Ranked>, limit: usize) {
        if limit == 0 {
            ranked.clear();
        }
        if ranked.len() > limit {
            ranked.select_nth_unstable_by(limit, |one, other| self.order(one, other));
            ranked.truncate(limit);
        }
        ranked.sort_unstable_by(|one, other| self.order(one, other));
    }

    /// Best first; equals by their text, so that the order is the same every time.
    fn order(&self, one: &Ranked, other: &Ranked) -> Ordering {
        let by_text = || {
            let key = |ranked: &Ranked| {
                let slot = self.slots.get(ranked.slot as usize);
                slot.map(|slot| {
                    (
                        slot.document.as_ref().map(|document| &document.text),
                        slot.id,
                    )
                })
            };
            key(one).cmp(&key(other))
        };
        one.is_guess
            .cmp(&other.is_guess)
            .then(other.score.cmp(&one.score))
            .then_with(by_text)
    }

    fn hit(&self, ranked: &Ranked, words: &[Word]) -> Option<Hit> {
        let find: Find = if ranked.is_guess {
            find_either
        } else {
            find_typed
        };
        let slot = self.slots.get(ranked.slot as usize)?;
        let document = slot.document.as_ref()?;
        let account = slot
            .account
            .and_then(|account| self.slots.get(account as usize)?.document.as_ref());
        let mut matched = Vec::new();
        for word in words {
            let own = find(word, document, &|_| true);
            let inherited = account.and_then(|account| {
                Some((
                    account,
                    find(word, account, &|field| field.is_inherited_by_identities())?,
                ))
            });
            match (own, inherited) {
                (Some(own), Some((_, inherited)))
                    if own.score + INHERITED_LESS >= inherited.score =>
                {
                    highlight(word, document, &own, &mut matched);
                }
                (_, Some((account, inherited))) => {
                    highlight(word, account, &inherited, &mut matched)
                }
                (Some(own), None) => highlight(word, document, &own, &mut matched),
                (None, None) => {}
            }
        }
        Some(Hit {
            item: slot.id,
            kind: slot.kind,
            score: ranked.score,
            is_guess: ranked.is_guess,
            matched: merged(matched),
        })
    }
}

/// A way of finding a word in the accepted fields of a document.
type Find = fn(&Word, &Document, &dyn Fn(SearchField) -> bool) -> Option<Found>;

struct Ranked {
    score: u32,
    slot: u32,
    is_guess: bool,
}

fn find_either(
    word: &Word,
    document: &Document,
    counts: &dyn Fn(SearchField) -> bool,
) -> Option<Found> {
    find_typed(word, document, counts).or_else(|| find_guessed(word, document, counts))
}

fn highlight(word: &Word, document: &Document, found: &Found, matched: &mut Vec<Matched>) {
    let Some(field) = document.field_at(found.range.start) else {
        return;
    };
    let mut add = |range: Range<usize>| {
        let range = document.unfolded(&field, range);
        matched.push(Matched {
            field: field.field,
            index: field.index,
            range,
        });
    };
    if found.is_abbreviated {
        let start = found.range.start;
        let text = document.text.get(found.range.clone()).unwrap_or_default();
        abbreviated(&word.chars, text, |letter| {
            add(start + letter.start..start + letter.end)
        });
    } else {
        add(found.range.clone());
    }
}

/// Sorts highlights and joins those that touch.
fn merged(mut matched: Vec<Matched>) -> Vec<Matched> {
    matched.retain(|part| !part.range.is_empty());
    matched.sort_by(|one, other| {
        (one.field, one.index, one.range.start).cmp(&(other.field, other.index, other.range.start))
    });
    matched.dedup_by(|next, kept| {
        let touches = next.field == kept.field
            && next.index == kept.index
            && next.range.start <= kept.range.end;
        if touches {
            kept.range.end = kept.range.end.max(next.range.end);
        }
        touches
    });
    matched
}
