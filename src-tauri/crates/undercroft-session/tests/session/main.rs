//! A whole session, from its handle: each file has one part of what a user does with it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests and their helpers"
)]

mod stage;

mod activity;
mod approvals;
mod archive;
mod canary;
mod codes;
mod custom_secrets;
mod enrolment;
mod faults;
mod folder;
mod future_fields;
mod items;
mod jumps;
mod lifecycle;
mod locking;
mod network;
mod profile_changes;
mod profile_sessions;
mod profiles;
mod program_codes;
mod quick;
mod quick_unlock;
mod recovery;
mod saving;
mod scan;
mod sessions;
mod taking_over;
mod transfer;
mod two_machines;
