//! Drawing a rectangle on the screen under X11.
//!
//! The screen is copied within the X server, the copy is shown dimmed on a window over everything, and what the user
//! draws around is read from the copy. No web page and no window manager takes part, and it works without a
//! compositor. By pointer: drag. By keyboard: the arrows move a frame, with Shift they size it, Enter takes it.

mod frame;
mod keys;

use std::time::{Duration, Instant};

use undercroft_otp::qr::Picture;
use undercroft_session::ScanError;
use x11rb::CURRENT_TIME;
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    ButtonIndex, ConnectionExt as _, CreateGCAux, CreateWindowAux, EventMask, FillStyle, Font,
    Gcontext, GrabMode, GrabStatus, KeyButMask, Pixmap, Rectangle, SubwindowMode, Window,
    WindowClass,
};

use super::x11::{Display, failed};
use frame::{LEAST, area, between, grown};
use keys::{Keys, Said};

/// How long nothing may be done before the screen is given back.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long another program may keep pointer and keyboard to itself.
const GRAB_PATIENCE: Duration = Duration::from_secs(2);
/// The cross-hair of X11's cursor font.
const CROSSHAIR: u16 = 34;
const HINT: &[u8] = b" Draw a rectangle around the code.  Arrows and Shift+arrows: by keyboard, Enter: take it.  Esc: cancel. ";

/// Lets the user draw a rectangle and reads what was in it.
pub(super) fn draw() -> Result<Picture, ScanError> {
    let display = Display::open()?;
    let veil = Veil::over(&display)?;
    let area = veil.ask()?;
    display.picture(veil.clear, area)
}

/// The copy of the screen and the window that shows it.
struct Veil<'a> {
    display: &'a Display,
    whole: Rectangle,
    /// The screen as it was.
    clear: Pixmap,
    /// The same, dimmed.
    dim: Pixmap,
    window: Window,
    copying: Gcontext,
    line: Gcontext,
}

impl<'a> Veil<'a> {
    fn over(display: &'a Display) -> Result<Self, ScanError> {
        let x = &display.connection;
        let screen = display.screen()?;
        let whole = display.whole()?;
        let (width, height, depth) = (whole.width, whole.height, screen.root_depth);
        let new = || x.generate_id().map_err(failed);
        let (clear, dim, window) = (new()?, new()?, new()?);
        let (copying, line, dimming, dots, dots_pen) = (new()?, new()?, new()?, new()?, new()?);
        x.create_pixmap(depth, clear, screen.root, width, height)
            .map_err(failed)?;
        x.create_pixmap(depth, dim, screen.root, width, height)
            .map_err(failed)?;
        let all = CreateGCAux::new()
            .subwindow_mode(SubwindowMode::INCLUDE_INFERIORS)
            .graphics_exposures(0);
        x.create_gc(copying, screen.root, &all).map_err(failed)?;
        x.copy_area(screen.root, clear, copying, 0, 0, 0, 0, width, height)
            .map_err(failed)?;
        x.copy_area(clear, dim, copying, 0, 0, 0, 0, width, height)
            .map_err(failed)?;

        // Every second pixel black.
        x.create_pixmap(1, dots, screen.root, 2, 2)
            .map_err(failed)?;
        x.create_gc(dots_pen, dots, &CreateGCAux::new().foreground(0))
            .map_err(failed)?;
        x.poly_fill_rectangle(dots, dots_pen, &[area(0, 0, 2, 2)])
            .map_err(failed)?;
        x.change_gc(
            dots_pen,
            &x11rb::protocol::xproto::ChangeGCAux::new().foreground(1),
        )
        .map_err(failed)?;
        x.poly_fill_rectangle(dots, dots_pen, &[area(0, 0, 1, 1), area(1, 1, 1, 1)])
            .map_err(failed)?;
        let stippled = CreateGCAux::new()
            .foreground(screen.black_pixel)
            .fill_style(FillStyle::STIPPLED)
            .stipple(dots);
        x.create_gc(dimming, dim, &stippled).map_err(failed)?;
        x.poly_fill_rectangle(dim, dimming, &[whole])
            .map_err(failed)?;

        let white = CreateGCAux::new()
            .foreground(screen.white_pixel)
            .background(screen.black_pixel)
            .line_width(2);
        x.create_gc(line, dim, &white).map_err(failed)?;
        // A server without its own font shows the frame without the words.
        if let Some(font) = font(display, b"9x15").or_else(|| font(display, b"fixed")) {
            let _ = x.change_gc(
                line,
                &x11rb::protocol::xproto::ChangeGCAux::new().font(font),
            );
            let _ = x.image_text8(dim, line, 24, 40, HINT);
        }
        let shown = CreateWindowAux::new()
            .override_redirect(1)
            .background_pixmap(dim)
            .event_mask(EventMask::EXPOSURE);
        x.create_window(
            depth,
            window,
            screen.root,
            0,
            0,
            width,
            height,
            0,
            WindowClass::INPUT_OUTPUT,
            screen.root_visual,
            &shown,
        )
        .map_err(failed)?;
        x.map_window(window).map_err(failed)?;
        x.flush().map_err(failed)?;
        Ok(Self {
            display,
            whole,
            clear,
            dim,
            window,
            copying,
            line,
        })
    }

    /// Waits until the user has drawn a rectangle.
    fn ask(&self) -> Result<Rectangle, ScanError> {
        self.grab()?;
        let x = &self.display.connection;
        let keys = Keys::of(self.display)?;
        let mut frame: Option<Rectangle> = None;
        let mut from: Option<(i16, i16)> = None;
        let mut last = Instant::now();
        while last.elapsed() < PATIENCE {
            let Some(event) = x.poll_for_event().map_err(failed)? else {
                std::thread::sleep(Duration::from_millis(10));
                continue;
            };
            last = Instant::now();
            let said = self.heard(&event, &keys, &mut from, frame);
            match said {
                Said::Nothing => {}
                Said::Cancelled => return Err(ScanError::Cancelled),
                Said::Taken => {
                    if let Some(taken) =
                        frame.filter(|one| one.width >= LEAST && one.height >= LEAST)
                    {
                        return Ok(taken);
                    }
                }
                Said::Frame(next) => {
                    self.show(frame, next)?;
                    frame = Some(next);
                }
            }
        }
        Err(ScanError::Timeout)
    }

    fn heard(
        &self,
        event: &Event,
        keys: &Keys,
        from: &mut Option<(i16, i16)>,
        frame: Option<Rectangle>,
    ) -> Said {
        #[expect(clippy::wildcard_enum_match_arm, reason = "X11 has a hundred events")]
        match event {
            Event::ButtonPress(press) if press.detail == u8::from(ButtonIndex::M1) => {
                *from = Some((press.root_x, press.root_y));
                Said::Nothing
            }
            Event::ButtonPress(press) if press.detail == u8::from(ButtonIndex::M3) => {
                Said::Cancelled
            }
            Event::MotionNotify(moved) => from.map_or(Said::Nothing, |start| {
                Said::Frame(between(start, (moved.root_x, moved.root_y)))
            }),
            Event::ButtonRelease(release) if release.detail == u8::from(ButtonIndex::M1) => {
                *from = None;
                Said::Taken
            }
            Event::KeyPress(press) => keys.heard(
                press.detail,
                press.state.contains(KeyButMask::SHIFT),
                frame,
                self.whole,
            ),
            _ => Said::Nothing,
        }
    }

    /// Takes pointer and keyboard, as soon as whoever has them lets go.
    fn grab(&self) -> Result<(), ScanError> {
        let x = &self.display.connection;
        let cursor = self.crosshair();
        let until = Instant::now() + GRAB_PATIENCE;
        let mask = EventMask::BUTTON_PRESS | EventMask::BUTTON_RELEASE | EventMask::POINTER_MOTION;
        loop {
            let pointer = x
                .grab_pointer(
                    true,
                    self.window,
                    mask,
                    GrabMode::ASYNC,
                    GrabMode::ASYNC,
                    self.window,
                    cursor,
                    CURRENT_TIME,
                )
                .map_err(failed)?
                .reply()
                .map_err(failed)?;
            let keyboard = x
                .grab_keyboard(
                    true,
                    self.window,
                    CURRENT_TIME,
                    GrabMode::ASYNC,
                    GrabMode::ASYNC,
                )
                .map_err(failed)?
                .reply()
                .map_err(failed)?;
            if pointer.status == GrabStatus::SUCCESS && keyboard.status == GrabStatus::SUCCESS {
                return Ok(());
            }
            if Instant::now() > until {
                return Err(failed("another program holds the pointer or the keyboard"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The usual pointer where the server has no such cursor.
    fn crosshair(&self) -> u32 {
        let x = &self.display.connection;
        let made = font(self.display, b"cursor").and_then(|font| {
            let cursor = x.generate_id().ok()?;
            x.create_glyph_cursor(
                cursor,
                font,
                font,
                CROSSHAIR,
                CROSSHAIR + 1,
                0,
                0,
                0,
                u16::MAX,
                u16::MAX,
                u16::MAX,
            )
            .ok()?
            .check()
            .ok()?;
            Some(cursor)
        });
        made.unwrap_or(x11rb::NONE)
    }

    /// Shows the frame clear within the dimmed rest.
    fn show(&self, before: Option<Rectangle>, now: Rectangle) -> Result<(), ScanError> {
        let x = &self.display.connection;
        if let Some(old) = before {
            let old = grown(old);
            x.copy_area(
                self.dim,
                self.window,
                self.copying,
                old.x,
                old.y,
                old.x,
                old.y,
                old.width,
                old.height,
            )
            .map_err(failed)?;
        }
        x.copy_area(
            self.clear,
            self.window,
            self.copying,
            now.x,
            now.y,
            now.x,
            now.y,
            now.width,
            now.height,
        )
        .map_err(failed)?;
        x.poly_rectangle(self.window, self.line, &[now])
            .map_err(failed)?;
        x.flush().map_err(failed)
    }
}

fn font(display: &Display, name: &[u8]) -> Option<Font> {
    let font = display.connection.generate_id().ok()?;
    display
        .connection
        .open_font(font, name)
        .ok()?
        .check()
        .ok()?;
    Some(font)
}
