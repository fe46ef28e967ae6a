//! The command line of Undercroft.
//!
//! It asks the agent of the unlocked app, or of `undercroft agent`, and shows the answer. Names, exit codes and JSON are a
//! contract with scripts and with `~/.aws/config`.
//!
//! | module | holds |
//! |---|---|
//! | `arguments`, `fast` | what can be typed; a short way for what SDKs run again and again |
//! | `terminal`, `failure` | what is printed where; exit codes, and what to do about each |
//! | `hardening` | no core dumps, and no debugger where a master password is typed |
//! | `password` | the master password, typed without an echo or read from standard input |
//! | `connection` | finding the agent and asking it |
//! | `aws_file` | reading a file of `~/.aws`, and replacing it as a whole |
//! | the others | one command each |
//!
//! Standard output carries the answer and nothing else.

#[cfg(unix)]
mod agent;
#[cfg(unix)]
mod arguments;
#[cfg(unix)]
mod aws_file;
#[cfg(unix)]
mod code;
#[cfg(unix)]
mod configure;
#[cfg(unix)]
mod connection;
#[cfg(unix)]
mod console;
#[cfg(unix)]
mod credential_process;
#[cfg(unix)]
mod environment;
#[cfg(unix)]
mod exec;
#[cfg(unix)]
mod export;
#[cfg(unix)]
mod failure;
#[cfg(unix)]
mod fast;
#[cfg(unix)]
mod hardening;
#[cfg(unix)]
mod import;
#[cfg(unix)]
mod init;
#[cfg(unix)]
mod lock;
#[cfg(unix)]
mod ls;
#[cfg(unix)]
mod moment;
#[cfg(unix)]
mod pages;
#[cfg(unix)]
mod password;
#[cfg(unix)]
mod run;
#[cfg(unix)]
mod status;
#[cfg(unix)]
mod table;
#[cfg(unix)]
mod terminal;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: undercroft_secret::WipingAllocator = undercroft_secret::WipingAllocator;

#[cfg(unix)]
fn main() -> ExitCode {
    run::run(std::env::args_os().skip(1).collect())
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("undercroft: programs can't be served on this system yet");
    ExitCode::FAILURE
}
