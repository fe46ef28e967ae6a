//! Declares every command to Tauri's access control, so that a window can call only what its capability lists.

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
}
