//! Search over accounts, identities and profiles, fast enough for every keystroke.
//!
//! Every word of a query must be found: in the item's own fields or, for an identity and a profile, in its account's
//! name, alias, id and tags. Where few items match as typed, those with one typing error or with letters left out follow. What was
//! found is ranked by how it was found (a whole field, its beginning, the beginning of a word, within a word), then by
//! the field, then by favourites and recent use.
//!
//! Secrets are never part of the index, and so can't be found.

mod document;
mod fold;
mod index;
mod matching;
mod query;

pub use document::SearchField;
pub use index::{Boosts, Hit, HitKind, Index, Matched};

#[cfg(test)]
mod tests;
