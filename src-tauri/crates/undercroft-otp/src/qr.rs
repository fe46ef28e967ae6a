//! QR codes: finding them in pictures, and drawing them.
//!
//! 1. [`Picture::read`] takes a file's bytes, [`Picture::from_rgba`] a screen's pixels.
//! 2. [`read_codes`] finds every code of the picture; [`classify`](crate::classify) tells what each one says.
//! 3. [`draw`] makes a code of a text, to take a device elsewhere.
//!
//! A picture with a code in it is as secret as the code. So what this module owns is wiped when dropped; the
//! buffers inside the decoders are theirs, and only a program that installs
//! [`WipingAllocator`](undercroft_secret::WipingAllocator) has those wiped too.

mod binary;
mod candidates;
mod draw;
mod ladder;
mod picture;
mod pixels;
mod readers;
mod region;

pub use draw::{DrawError, QrDrawing, draw};
pub use ladder::{Found, read_codes};
pub use picture::{Picture, PictureError};
pub use region::Region;
