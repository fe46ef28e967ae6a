//! Being the parent of the command: passing signals on, stopping and ending with it.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::{Signals, attend};
#[cfg(windows)]
pub(crate) use windows::{Signals, attend};
