//! What the keyboard does with the frame.

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ConnectionExt as _, Rectangle};

use undercroft_session::ScanError;

use super::super::x11::{Display, failed};
use super::frame::{STRIDE, middle_of, moved, sized};

/// What the keyboard and pointer said.
pub(super) enum Said {
    /// Nothing that matters.
    Nothing,
    /// The frame is this now.
    Frame(Rectangle),
    /// What is in the frame is taken.
    Taken,
    /// The user gives up.
    Cancelled,
}

/// The keys that move the frame, by the keyboard's own codes.
pub(super) struct Keys {
    first: u8,
    per_code: usize,
    symbols: Vec<u32>,
}

impl Keys {
    pub(super) fn of(display: &Display) -> Result<Self, ScanError> {
        let setup = display.connection.setup();
        let (first, count) = (setup.min_keycode, setup.max_keycode - setup.min_keycode + 1);
        let reply = display
            .connection
            .get_keyboard_mapping(first, count)
            .map_err(failed)?
            .reply()
            .map_err(failed)?;
        Ok(Self {
            first,
            per_code: usize::from(reply.keysyms_per_keycode),
            symbols: reply.keysyms,
        })
    }

    pub(super) fn heard(
        &self,
        code: u8,
        shift: bool,
        frame: Option<Rectangle>,
        whole: Rectangle,
    ) -> Said {
        let at = usize::from(code.saturating_sub(self.first)) * self.per_code;
        let symbol = self.symbols.get(at).copied().unwrap_or(0);
        let step = match symbol {
            0xff1b => return Said::Cancelled,
            0xff0d | 0xff8d => return Said::Taken,
            0xff51 => (-STRIDE, 0),
            0xff52 => (0, -STRIDE),
            0xff53 => (STRIDE, 0),
            0xff54 => (0, STRIDE),
            _ => return Said::Nothing,
        };
        Said::Frame(match frame {
            None => middle_of(whole),
            Some(frame) if shift => sized(frame, step, whole),
            Some(frame) => moved(frame, step, whole),
        })
    }
}
