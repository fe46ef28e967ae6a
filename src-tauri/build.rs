//! Declares every command to Tauri's access control, so that a window can call only what its capability lists.

use std::{
    fs::{self, File},
    path::Path,
    time::SystemTime,
};

mod list {
    include!("src/commands/list.rs");
}

fn main() {
    let mut commands: Vec<&'static str> = [list::BOTH, list::PASSWORD, list::MAIN, list::QUICK]
        .into_iter()
        .flatten()
        .copied()
        .collect();
    commands.sort_unstable();
    commands.dedup();
    let manifest = tauri_build::AppManifest::new().commands(commands.leak());
    if let Err(error) =
        tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest))
    {
        println!("cargo::error={error:#}");
    }
    if let Ok(old) = fs::metadata("build.rs").and_then(|file| file.modified()) {
        backdate(Path::new("permissions"), old);
    }
}

/// Makes a folder and what is in it as old as `time`.
///
/// Tauri writes a permission for each command into this folder and has cargo watch it, too: with their real time, whatever
/// is built next would build the whole app once more.
fn backdate(path: &Path, time: SystemTime) {
    if let Ok(entries) = fs::read_dir(path) {
        for entry in entries.flatten() {
            backdate(&entry.path(), time);
        }
    }
    if let Ok(file) = File::open(path) {
        // Without it, only time is lost.
        let _ = file.set_modified(time);
    }
}
