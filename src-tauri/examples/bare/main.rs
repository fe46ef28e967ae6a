//! A Tauri app that does nothing, beside which the benches measure Undercroft.
//!
//! `bare` opens one empty window; `bare --no-window` opens it, and destroys it a second later. With `--shortcut` as
//! well, Ctrl+Alt+U then opens an empty window of the size of quick search.

use std::error::Error;
use std::time::Duration;

use tauri::{App, AppHandle, RunEvent, WebviewUrl, WebviewWindow, WebviewWindowBuilder};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{ConnectionExt, GrabMode, ModMask};

fn main() -> tauri::Result<()> {
    let destroys = std::env::args().any(|argument| argument == "--no-window");
    let shortcut = std::env::args().any(|argument| argument == "--shortcut");
    let app = tauri::Builder::default()
        .setup(move |app| set_up(app, destroys, shortcut))
        .build(tauri::generate_context!("examples/bare/tauri.conf.json"))?;
    app.run(|_, event| {
        if let RunEvent::ExitRequested {
            api, code: None, ..
        } = event
        {
            api.prevent_exit();
        }
    });
    Ok(())
}

fn set_up(app: &mut App, destroys: bool, shortcut: bool) -> Result<(), Box<dyn Error>> {
    let window = open(app.handle(), "bare", (1180.0, 760.0))?;
    if destroys {
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_secs(1));
            let _ = window.destroy();
        });
    }
    if shortcut {
        let app = app.handle().clone();
        std::thread::spawn(move || {
            let _ = answer_keys(&app);
        });
    }
    Ok(())
}

fn open(app: &AppHandle, label: &str, (width, height): (f64, f64)) -> tauri::Result<WebviewWindow> {
    WebviewWindowBuilder::new(app, label, WebviewUrl::App("bare.html".into()))
        .title("Bare")
        .inner_size(width, height)
        .build()
}

/// Opens a window each time Ctrl+Alt+U goes down.
fn answer_keys(app: &AppHandle) -> Result<(), Box<dyn Error>> {
    const U: u32 = 0x75;
    let (connection, screen) = x11rb::connect(None)?;
    let setup = connection.setup();
    let (first, last, root) = (
        setup.min_keycode,
        setup.max_keycode,
        setup.roots[screen].root,
    );
    let mapping = connection
        .get_keyboard_mapping(first, last - first + 1)?
        .reply()?;
    let each = usize::from(mapping.keysyms_per_keycode);
    let mut keys = mapping.keysyms.chunks(each);
    let place = keys.position(|keysyms| keysyms[0] == U).ok_or("no U")?;
    let keycode = first + u8::try_from(place)?;
    let (held, freely) = (ModMask::CONTROL | ModMask::M1, GrabMode::ASYNC);
    connection
        .grab_key(false, root, held, keycode, freely, freely)?
        .check()?;
    loop {
        if let Event::KeyPress(_) = connection.wait_for_event()? {
            open(app, "quick", (640.0, 440.0))?;
        }
    }
}
