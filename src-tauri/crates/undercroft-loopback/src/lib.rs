//! What a browser or a program of the same user fetches over 127.0.0.1.
//!
//! | module | holds |
//! |---|---|
//! | `server`, `http`, `peer` | a small HTTP server: its bounds, its requests, whose connection it is |
//! | `browser` | the command that opens an address |
//! | `redirect` | a page that sends the browser on to a secret address, once |

mod browser;
mod http;
mod peer;
mod redirect;
mod server;

pub use browser::{Browser, BrowserError};
pub use http::{Answer, Asked};
pub use redirect::{is_web_address, open, open_while};
pub use server::{Loopback, Respond, Serving};
