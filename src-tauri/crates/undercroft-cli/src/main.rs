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
//! | `private` | files and folders for their owner alone |
//! | `aws_file` | reading a file of `~/.aws`, and replacing it as a whole |
//! | the others | one command each |
//!
//! Standard output carries the answer and nothing else.

mod agent;
mod arguments;
mod aws_file;
mod code;
mod configure;
mod connection;
mod console;
mod credential_process;
mod environment;
mod exec;
mod export;
mod failure;
mod fast;
mod hardening;
mod import;
mod init;
mod lock;
mod ls;
mod moment;
mod pages;
mod password;
mod private;
mod run;
mod status;
mod table;
mod terminal;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: undercroft_secret::WipingAllocator = undercroft_secret::WipingAllocator;

fn main() -> ExitCode {
    run::run(std::env::args_os().skip(1).collect())
}
