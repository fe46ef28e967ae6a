//! Accounts, identities, ids and durations: pure data and rules.
