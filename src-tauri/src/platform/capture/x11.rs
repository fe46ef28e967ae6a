//! The screen under X11, where any program may look.

use undercroft_otp::qr::Picture;
use undercroft_session::ScanError;
use x11rb::connection::Connection;
use x11rb::image::{Image, PixelLayout};
use x11rb::protocol::randr::ConnectionExt as _;
use x11rb::protocol::xproto::{Drawable, Rectangle, Screen, Visualtype};
use x11rb::rust_connection::RustConnection;

/// A connection to the X server and the screen that it showed.
pub(super) struct Display {
    pub(super) connection: RustConnection,
    number: usize,
}

impl Display {
    /// Connects to the server that the environment names.
    pub(super) fn open() -> Result<Self, ScanError> {
        let (connection, number) = RustConnection::connect(None).map_err(failed)?;
        Ok(Self { connection, number })
    }

    pub(super) fn screen(&self) -> Result<&Screen, ScanError> {
        let roots = &self.connection.setup().roots;
        roots
            .get(self.number)
            .ok_or_else(|| failed("it has no screen"))
    }

    /// The whole screen as a rectangle.
    pub(super) fn whole(&self) -> Result<Rectangle, ScanError> {
        let screen = self.screen()?;
        Ok(Rectangle {
            x: 0,
            y: 0,
            width: screen.width_in_pixels,
            height: screen.height_in_pixels,
        })
    }

    /// The monitors; the whole screen where the server does not tell them apart.
    fn monitors(&self) -> Result<Vec<Rectangle>, ScanError> {
        let whole = self.whole()?;
        let root = self.screen()?.root;
        let told = self.connection.randr_get_monitors(root, true).ok();
        let monitors = told.and_then(|asked| asked.reply().ok()).map(|reply| {
            let mut found: Vec<Rectangle> = Vec::new();
            for monitor in reply.monitors {
                let area = Rectangle {
                    x: monitor.x,
                    y: monitor.y,
                    width: monitor.width,
                    height: monitor.height,
                };
                // Mirrored monitors show the same.
                if is_within(area, whole) && !found.iter().any(|other| is_within(area, *other)) {
                    found.push(area);
                }
            }
            found
        });
        Ok(monitors
            .filter(|found| !found.is_empty())
            .unwrap_or_else(|| vec![whole]))
    }

    /// Reads the pixels of a part of the root window or of a copy of it.
    pub(super) fn picture(&self, of: Drawable, area: Rectangle) -> Result<Picture, ScanError> {
        let Rectangle {
            x,
            y,
            width,
            height,
        } = area;
        let (image, _) = Image::get(&self.connection, of, x, y, width, height).map_err(failed)?;
        let layout = PixelLayout::from_visual_type(self.visual()?).map_err(failed)?;
        let mut rgba = Vec::with_capacity(usize::from(width) * usize::from(height) * 4);
        for row in 0..height {
            for column in 0..width {
                let (red, green, blue) = layout.decode(image.get_pixel(column, row));
                let [red, green, blue] = [red, green, blue].map(|value| value.to_be_bytes()[0]);
                rgba.extend_from_slice(&[red, green, blue, u8::MAX]);
            }
        }
        super::file::of_rgba(width.into(), height.into(), rgba)
    }

    fn visual(&self) -> Result<Visualtype, ScanError> {
        let screen = self.screen()?;
        let mut visuals = screen
            .allowed_depths
            .iter()
            .flat_map(|depth| &depth.visuals);
        visuals
            .find(|visual| visual.visual_id == screen.root_visual)
            .copied()
            .ok_or_else(|| failed("its colours are unknown"))
    }
}

/// A picture of each monitor.
pub(super) fn monitors() -> Result<Vec<Picture>, ScanError> {
    let display = Display::open()?;
    let root = display.screen()?.root;
    let monitors = display.monitors()?;
    monitors
        .into_iter()
        .map(|monitor| display.picture(root, monitor))
        .collect()
}

/// Turns the server's own words into the failure.
pub(super) fn failed(error: impl std::fmt::Display) -> ScanError {
    ScanError::NoScreen {
        detail: error.to_string(),
    }
}

fn is_within(inner: Rectangle, outer: Rectangle) -> bool {
    let end = |start: i16, length: u16| i32::from(start) + i32::from(length);
    inner.x >= outer.x
        && inner.y >= outer.y
        && end(inner.x, inner.width) <= end(outer.x, outer.width)
        && end(inner.y, inner.height) <= end(outer.y, outer.height)
}
