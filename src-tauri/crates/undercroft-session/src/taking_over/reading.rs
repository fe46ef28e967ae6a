//! Reading files that somebody named: bounded, regular files only, each failing on its own.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::Read,
    path::{Path, PathBuf},
};

use undercroft_aws::{
    files::{
        self, AwsProfile, FileKind, FoundSection, Kind, Parsed, Which, config,
        console::{self, ConsoleError, FoundKeys},
        export::{self, Exported},
        leapp,
    },
    session_token_limits,
};
use undercroft_import::{EntryProblem, ImportError};
use undercroft_model::DurationSecs;
use undercroft_otp::{MigrationPart, OtpAuth, collect};
use undercroft_secret::SecretBytes;

use super::plain_secrets::{PlainKey, plain_keys};

/// The most files that are read at once.
pub(super) const MOST_FILES: usize = 100;

/// The most bytes of a picture or another program's file.
const MOST_BYTES: usize = 20 << 20;

/// Everything that the files hold; files are named by their places in `files`.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// Path and problems of each.
    pub(super) files: Vec<(String, Vec<String>)>,
    /// The profiles of `~/.aws`; only those of one group name each other.
    pub(super) groups: Vec<Vec<Section>>,
    /// Rows of the console's CSVs, and exported keys.
    pub(super) rows: Vec<Row>,
    /// Sections of files of `~/.aws` with a key in plain text that can be taken out of the file, with their files.
    pub(super) plain: Vec<(usize, PlainKey)>,
    /// MFA devices, with their files.
    pub(super) devices: Vec<(usize, Result<OtpAuth, EntryProblem>)>,
}

/// A profile of `~/.aws`.
#[derive(Debug)]
pub(super) struct Section {
    /// The file that what it holds is shown under: that of its key, where it has one.
    pub(super) file: usize,
    pub(super) profile: AwsProfile,
    /// How long a session made of its key lasts.
    pub(super) session_duration: Option<DurationSecs>,
}

/// A row of the console's, or an exported key.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) file: usize,
    /// Counted from 1, where the file has several.
    pub(super) number: Option<usize>,
    pub(super) keys: FoundKeys,
}

/// Files whose parts belong together, before that is looked at.
#[derive(Default)]
struct Loose {
    configs: Vec<(usize, Parsed)>,
    credentials: Vec<(usize, Parsed)>,
    /// Parts of exports of Google Authenticator, and the first file that had one.
    parts: Vec<MigrationPart>,
    first_part: Option<usize>,
}

/// Reads all files.
pub(super) fn read_all(paths: &[PathBuf]) -> Gathered {
    let mut gathered = Gathered::default();
    let mut loose = Loose::default();
    for (file, path) in paths.iter().enumerate() {
        gathered
            .files
            .push((path.display().to_string(), Vec::new()));
        if file >= MOST_FILES {
            let problem = format!("not read: at most {MOST_FILES} files are taken over at once");
            gathered.report(file, problem);
        } else if let Err(problem) = gathered.read(file, path, &mut loose) {
            gathered.report(file, problem);
        }
    }
    gathered.put_together(paths, loose);
    gathered
}

impl Gathered {
    fn report(&mut self, file: usize, problem: String) {
        if let Some((_, problems)) = self.files.get_mut(file) {
            problems.push(problem);
        }
    }

    fn read(&mut self, file: usize, path: &Path, loose: &mut Loose) -> Result<(), String> {
        let bytes = bytes_of(path)?;
        // Exposed to be read.
        let bytes = bytes.expose();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut parsed = |which| {
            let text = files::decode(bytes);
            let parsed = text
                .map(|text| config::parse(text.expose(), which))
                .unwrap_or_default();
            // Files in another encoding are not changed.
            if std::str::from_utf8(bytes).is_ok() {
                let keys = plain_keys(&parsed).into_iter();
                self.plain.extend(keys.map(|key| (file, key)));
            }
            (file, parsed)
        };
        match files::recognise(bytes, &name) {
            FileKind::Config => loose.configs.push(parsed(Which::Config)),
            FileKind::Credentials => loose.credentials.push(parsed(Which::Credentials)),
            FileKind::Console => {
                let rows = console::parse(bytes, &name).map_err(|error| error.to_string())?;
                let several = rows.len() > 1;
                self.rows.extend((1..).zip(rows).map(|(number, keys)| Row {
                    file,
                    number: several.then_some(number),
                    keys,
                }));
            }
            FileKind::Export => self.read_export(file, bytes)?,
            FileKind::Leapp => self.read_leapp(file, bytes)?,
            // What is new there is not known here.
            FileKind::Other | _ => self.read_devices(file, &name, bytes, loose)?,
        }
        Ok(())
    }

    fn read_export(&mut self, file: usize, bytes: &[u8]) -> Result<(), String> {
        let text = files::decode(bytes).ok_or("can't be read: this is no text")?;
        match export::parse(text.expose()).map_err(|error| error.to_string())? {
            Exported::Key { user, id, secret } => self.rows.push(Row {
                file,
                number: None,
                keys: FoundKeys {
                    user,
                    key: Some((id, secret)),
                    ..FoundKeys::default()
                },
            }),
            Exported::Temporary => {
                return Err(
                    "this is a temporary session, which expires within hours and is not imported; \
                     export the long-term key that it was made from"
                        .to_owned(),
                );
            }
        }
        Ok(())
    }

    /// Takes in the roles of Leapp's workspace as if they stood in a config file.
    fn read_leapp(&mut self, file: usize, bytes: &[u8]) -> Result<(), String> {
        let text = files::decode(bytes).ok_or("can't be read: this is no text")?;
        let opened = leapp::open(text.expose(), &machine_ids());
        let workspace = opened.and_then(|text| leapp::parse(text.expose()));
        let workspace = workspace.map_err(|error| error.to_string())?;
        for note in workspace.notes {
            self.report(file, note);
        }
        let config = config::parse(&workspace.config, Which::Config);
        self.group(Some((file, config)), None);
        Ok(())
    }

    fn read_devices(
        &mut self,
        file: usize,
        name: &str,
        bytes: &[u8],
        loose: &mut Loose,
    ) -> Result<(), String> {
        if bytes.len() > files::MAX_BYTES && std::str::from_utf8(bytes).is_ok() {
            let most = files::MAX_BYTES >> 20;
            return Err(format!("can't be read: a text has at most {most} MiB"));
        }
        let import = undercroft_import::read(bytes, None).map_err(|error| match error {
            ImportError::PasswordNeeded => {
                "can't be read: it is encrypted; import it in the window, where its password can be typed".to_owned()
            }
            ImportError::Unrecognised
                if bytes.iter().all(u8::is_ascii_whitespace) =>
            {
                "it is empty, so there is nothing to import".to_owned()
            }
            ImportError::Unrecognised => {
                if let Err(error @ ConsoleError::OfOneService) = console::parse(bytes, name) {
                    return error.to_string();
                }
                "can't be read: this is no file of ~/.aws, no CSV of the console, no otpauth list, no picture and no \
                 export of an authenticator that is known here"
                    .to_owned()
            }
            error @ (ImportError::WrongPassword
            | ImportError::Damaged
            | ImportError::TooLarge
            | ImportError::HostileParameters
            | ImportError::NotReadHere { .. }
            | ImportError::NoCode
            | _) => format!("can't be read: {error}"),
        })?;
        let entries = import.entries.into_iter();
        self.devices.extend(entries.map(|entry| (file, entry)));
        if !import.parts.is_empty() {
            loose.first_part.get_or_insert(file);
            loose.parts.extend(import.parts);
        }
        Ok(())
    }

    /// Puts together what several files hold of one thing.
    fn put_together(&mut self, paths: &[PathBuf], loose: Loose) {
        if let Some(file) = loose.first_part {
            let collected = collect(loose.parts);
            let missing: usize = collected
                .batches
                .iter()
                .map(|batch| batch.missing.len())
                .sum();
            let devices = collected.devices.into_iter();
            self.devices
                .extend(devices.map(|device| (file, device.map_err(EntryProblem::from))));
            if missing > 0 {
                let (codes, are) = if missing == 1 {
                    ("code", "is")
                } else {
                    ("codes", "are")
                };
                self.report(
                    file,
                    format!(
                        "{missing} {codes} of this export of Google Authenticator {are} not among the files; import all of \
                         them together"
                    ),
                );
            }
        }
        let folder = |file: usize| paths.get(file).and_then(|path| path.parent());
        let only_two = loose.configs.len() == 1 && loose.credentials.len() == 1;
        let mut configs: Vec<Option<(usize, Parsed)>> =
            loose.configs.into_iter().map(Some).collect();
        for credentials in loose.credentials {
            let beside = configs.iter_mut().find(|config| {
                let config = config.as_ref().map(|(file, _)| *file);
                config.is_some_and(|config| only_two || folder(config) == folder(credentials.0))
            });
            let config = beside.and_then(Option::take);
            self.group(config, Some(credentials));
        }
        for config in configs.into_iter().flatten() {
            self.group(Some(config), None);
        }
    }

    /// Takes in a config file, a credentials file or both.
    fn group(&mut self, config: Option<(usize, Parsed)>, credentials: Option<(usize, Parsed)>) {
        let (in_config, config) = config.unzip();
        let (in_credentials, credentials) = credentials.unzip();
        let (config, credentials) = (config.unwrap_or_default(), credentials.unwrap_or_default());
        let either = in_credentials.or(in_config).unwrap_or_default();
        let place_of = |which| match which {
            Which::Config => in_config.unwrap_or(either),
            Which::Credentials => in_credentials.unwrap_or(either),
        };
        for problem in config.problems.iter().chain(&credentials.problems) {
            self.report(place_of(problem.file), problem.to_string());
        }
        let (of_config, of_credentials) = (by_name(&config), by_name(&credentials));
        let mut sections = Vec::new();
        for profile in files::merge(&config, &credentials) {
            let there = of_credentials.get(profile.name.as_str()).copied();
            let here = of_config.get(profile.name.as_str()).copied();
            let has_key =
                there.is_some_and(|section| section.setting("aws_access_key_id").is_some());
            let which = if has_key || here.is_none() {
                Which::Credentials
            } else {
                Which::Config
            };
            let file = place_of(which);
            let mut session_duration = None;
            if let Kind::Keys(_) = profile.kind {
                match duration(there).and_then(|found| Ok(found.or(duration(here)?))) {
                    Ok(found) => session_duration = found,
                    Err(problem) => {
                        self.report(file, format!("[{}]: {problem}", shown(&profile.name)))
                    }
                }
            }
            sections.push(Section {
                file,
                profile,
                session_duration,
            });
        }
        for section in &sections {
            for problem in &section.profile.problems {
                if is_for_people(problem, section) {
                    self.report(place_of(problem.file), problem.to_string());
                }
            }
        }
        self.groups.push(sections);
    }
}

/// What this machine may be called by a program that asks for its id: one file's, or both as older ones read them.
fn machine_ids() -> Vec<String> {
    let read = |path| std::fs::read_to_string(path).ok();
    let ids: Vec<String> = ["/var/lib/dbus/machine-id", "/etc/machine-id"]
        .into_iter()
        .filter_map(read)
        .collect();
    let both = ids.concat();
    ids.into_iter().chain([both]).collect()
}

/// Whether a problem is told as it is; what the vault knows better is left to the placing of profiles.
fn is_for_people(problem: &files::Problem, section: &Section) -> bool {
    match problem.reason.code() {
        "already-here" | "unknown-source" => false,
        // Signing in is what a profile of Identity Center lacks; one that is not kept says why by itself.
        "sso" => matches!(section.profile.kind, Kind::Sso(_)),
        _ => true,
    }
}

fn by_name(parsed: &Parsed) -> BTreeMap<&str, &FoundSection> {
    let sections = parsed.profiles.iter();
    sections
        .map(|section| (section.name.as_str(), section))
        .collect()
}

/// How long the session of a key lasts, by `duration_seconds`.
fn duration(section: Option<&FoundSection>) -> Result<Option<DurationSecs>, String> {
    let Some(setting) = section.and_then(|section| section.setting("duration_seconds")) else {
        return Ok(None);
    };
    // Exposed to be read as a number.
    let duration = DurationSecs::parse(setting.value().expose())
        .map_err(|error| format!("duration_seconds is left out: {error}"))?;
    if session_token_limits(false).contains(&duration.as_secs()) {
        Ok(Some(duration))
    } else {
        Err("duration_seconds is left out: a session lasts 900 to 129600 seconds".to_owned())
    }
}

/// A section's name, fit to be shown.
pub(super) fn shown(name: &str) -> String {
    let visible = name.chars().filter(|c| !c.is_control());
    visible.take(128).collect()
}

/// Reads a file into one buffer.
pub(super) fn bytes_of(path: &Path) -> Result<SecretBytes, String> {
    let failed = |error: std::io::Error| format!("can't be read: {error}");
    let irregular = || "can't be read: this is no regular file".to_owned();
    // Opening a device may do something, so it is looked at before.
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(irregular());
    }
    let mut options = OpenOptions::new();
    options.read(true);
    without_blocking(&mut options);
    let file = options.open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(irregular());
    }
    let size = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
    if size > MOST_BYTES {
        return Err(too_large());
    }
    read_bounded(file, size)
}

fn read_bounded(file: File, size: usize) -> Result<SecretBytes, String> {
    // Room for all of it, so that no shorter copy is left behind by growing.
    let mut bytes = Vec::with_capacity(size + 1);
    let limit = u64::try_from(size + 1).unwrap_or(u64::MAX);
    let outcome = file.take(limit).read_to_end(&mut bytes);
    let bytes = SecretBytes::new(bytes);
    match outcome {
        Ok(read) if read <= size => Ok(bytes),
        Ok(_) => Err("can't be read: another program is writing it; try again".to_owned()),
        Err(error) => Err(format!("can't be read: {error}")),
    }
}

fn too_large() -> String {
    format!("can't be read: it has more than {} MiB", MOST_BYTES >> 20)
}

/// A pipe put in a file's place must not make the program wait for a writer.
#[cfg(unix)]
fn without_blocking(options: &mut OpenOptions) {
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, flags);
}

#[cfg(not(unix))]
fn without_blocking(_options: &mut OpenOptions) {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;

    /// Between looking and opening, another program may put a pipe in a file's place.
    #[test]
    fn a_pipe_without_a_writer_is_opened_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
        let (sender, opened) = channel();
        std::thread::spawn(move || {
            let mut options = OpenOptions::new();
            without_blocking(options.read(true));
            sender.send(options.open(pipe).is_ok())
        });
        assert_eq!(opened.recv_timeout(Duration::from_secs(20)), Ok(true));
    }
}
