//! A Tauri app that does nothing, beside which the benches measure Undercroft.
//!
//! `bare` opens one empty window; `bare --no-window` opens it, and destroys it a second later.

use std::time::Duration;

use tauri::{RunEvent, WebviewUrl, WebviewWindowBuilder};

fn main() -> tauri::Result<()> {
    let destroys = std::env::args().any(|argument| argument == "--no-window");
    let app = tauri::Builder::default()
        .setup(move |app| {
            let page = "bare.html";
            let window = WebviewWindowBuilder::new(app, "bare", WebviewUrl::App(page.into()))
                .title("Bare")
                .inner_size(1180.0, 760.0)
                .build()?;
            if destroys {
                std::thread::spawn(move || {
                    std::thread::sleep(Duration::from_secs(1));
                    let _ = window.destroy();
                });
            }
            Ok(())
        })
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
