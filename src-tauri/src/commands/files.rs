//! Files of AWS's own programs: what they hold, taking it over, and taking keys in plain text out of them.
//!
//! The paths stay in this process. The page learns how a file is called, and names an import by its number.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tauri::{Manager, State};
use undercroft_session::{FoundFile, ImportPaths, Session};

use crate::Window;
use crate::convert::found_file;
use crate::error::UiError;
use crate::platform::dialogs;
use crate::view::{FilesPreviewView, FilesSourceView, FoundFileView, TakenOutView};

/// The files that were looked at last.
#[derive(Default)]
pub(crate) struct Chosen(Mutex<Preview>);

#[derive(Clone, Default)]
struct Preview {
    id: u32,
    paths: Vec<PathBuf>,
    /// The sections whose keys the page was told to be in the vault, by file.
    plain: Vec<(PathBuf, BTreeSet<String>)>,
}

/// The files of `~/.aws` that there are, as they are shown.
#[tauri::command]
#[specta::specta]
pub(crate) async fn aws_files(
    window: Window,
    session: State<'_, Session>,
) -> Result<Vec<String>, UiError> {
    session.demand_unlocked().await?;
    let home = home(&window);
    let files = of_aws(home.as_deref());
    Ok(files
        .iter()
        .map(|path| shown(path, home.as_deref()))
        .collect())
}

/// Tells what files hold and what of it the vault would take over; nothing when the system's dialog is cancelled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn preview_files(
    window: Window,
    session: State<'_, Session>,
    chosen: State<'_, Chosen>,
    from: FilesSourceView,
) -> Result<Option<FilesPreviewView>, UiError> {
    session.demand_unlocked().await?;
    let home = home(&window);
    let paths = match from {
        FilesSourceView::Aws => of_aws(home.as_deref()),
        FilesSourceView::Chosen => match dialogs::open_aws_files(&window).await {
            Some(paths) => paths,
            None => return Ok(None),
        },
    };
    let wish = ImportPaths {
        paths: paths.clone(),
        dry_run: true,
        ..ImportPaths::default()
    };
    let found = session.import_paths(wish).await?;
    Ok(Some(FilesPreviewView {
        id: chosen.put(paths),
        files: views(found, home.as_deref()),
    }))
}

/// Takes over what the files hold.
#[tauri::command]
#[specta::specta]
pub(crate) async fn take_over_files(
    window: Window,
    session: State<'_, Session>,
    chosen: State<'_, Chosen>,
    id: u32,
) -> Result<Vec<FoundFileView>, UiError> {
    session.demand_unlocked().await?;
    let preview = chosen.of(id)?;
    let wish = ImportPaths {
        paths: preview.paths,
        ..ImportPaths::default()
    };
    let found = session.import_paths(wish).await?;
    chosen.keep_plain(id, &found);
    Ok(views(found, home(&window).as_deref()))
}

/// Takes keys out of the files: those of the sections that taking the files over told.
#[tauri::command]
#[specta::specta]
pub(crate) async fn take_out_plain_secrets(
    window: Window,
    session: State<'_, Session>,
    chosen: State<'_, Chosen>,
    id: u32,
) -> Result<Vec<TakenOutView>, UiError> {
    session.demand_unlocked().await?;
    let home = home(&window);
    let mut outcomes = Vec::new();
    for (path, sections) in chosen.of(id)?.plain {
        let outcome = session.take_out_secrets(path.clone(), sections).await;
        let source = shown(&path, home.as_deref());
        outcomes.push(match outcome {
            Ok(outcome) => TakenOutView::of(source, outcome),
            Err(error) => TakenOutView::failed(source, error.into()),
        });
    }
    Ok(outcomes)
}

impl Chosen {
    /// Keeps the files in place of those before, and says what they go by.
    fn put(&self, paths: Vec<PathBuf>) -> u32 {
        let mut preview = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let id = preview.id.wrapping_add(1);
        *preview = Preview {
            id,
            paths,
            plain: Vec::new(),
        };
        id
    }

    fn of(&self, id: u32) -> Result<Preview, UiError> {
        let preview = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if preview.id != id || preview.paths.is_empty() {
            return Err(UiError::NoSuchItem);
        }
        Ok(preview.clone())
    }

    fn keep_plain(&self, id: u32, found: &[FoundFile]) {
        let mut preview = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if preview.id == id {
            let files = preview.paths.iter().cloned().zip(found);
            let files = files.filter(|(_, file)| !file.plain_secrets.is_empty());
            preview.plain = files
                .map(|(path, file)| (path, file.plain_secrets.iter().cloned().collect()))
                .collect();
        }
    }
}

fn home(window: &Window) -> Option<PathBuf> {
    window.path().home_dir().ok()
}

fn of_aws(home: Option<&Path>) -> Vec<PathBuf> {
    let folder = home.map(|home| home.join(".aws")).unwrap_or_default();
    let files = ["config", "credentials"].map(|name| folder.join(name));
    files.into_iter().filter(|path| path.is_file()).collect()
}

fn views(found: Vec<FoundFile>, home: Option<&Path>) -> Vec<FoundFileView> {
    let files = found.into_iter();
    files
        .map(|file| {
            let source = shown(Path::new(&file.source), home);
            found_file(file, source)
        })
        .collect()
}

/// A path with `~` for the home folder.
fn shown(path: &Path, home: Option<&Path>) -> String {
    match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) => Path::new("~").join(rest).display().to_string(),
        None => path.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_files_that_were_looked_at_last_are_taken_over() {
        let chosen = Chosen::default();
        assert_eq!(chosen.of(0).err(), Some(UiError::NoSuchItem));
        let first = chosen.put(vec!["/a".into()]);
        let second = chosen.put(vec!["/b".into(), "/c".into()]);
        assert_eq!(chosen.of(first).err(), Some(UiError::NoSuchItem));
        let file = |plain: &[&str]| FoundFile {
            plain_secrets: plain.iter().map(ToString::to_string).collect(),
            ..FoundFile::default()
        };
        chosen.keep_plain(first, &[file(&["x"])]);
        assert!(chosen.of(second).is_ok_and(|found| found.plain.is_empty()));
        chosen.keep_plain(second, &[file(&[]), file(&["x"])]);
        let plain = chosen.of(second).map(|found| found.plain);
        let wanted = (PathBuf::from("/c"), BTreeSet::from(["x".to_owned()]));
        assert_eq!(plain, Ok(vec![wanted]));
    }

    #[test]
    fn the_home_folder_is_shown_as_people_write_it() {
        let home = Some(Path::new("/home/ada"));
        assert_eq!(
            shown(Path::new("/home/ada/.aws/config"), home),
            "~/.aws/config"
        );
        assert_eq!(shown(Path::new("/home/adam/x"), home), "/home/adam/x");
        assert_eq!(shown(Path::new("/x"), None), "/x");
        let folder = tempfile::tempdir().unwrap();
        assert!(of_aws(Some(folder.path())).is_empty() && of_aws(None).is_empty());
        std::fs::create_dir(folder.path().join(".aws")).unwrap();
        let config = folder.path().join(".aws/config");
        std::fs::write(&config, "").unwrap();
        assert_eq!(of_aws(Some(folder.path())), [config]);
    }
}
