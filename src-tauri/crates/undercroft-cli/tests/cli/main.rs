//! The program as scripts see it: exit codes, standard output, standard error, JSON.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "the functions beside the tests are tests too"
)]

mod configure;
mod console;
mod credentials;
mod endpoint;
mod exec;
mod files;
mod hand_over;
mod kills;
mod real_agent;
mod script;
mod stage;
mod states;
