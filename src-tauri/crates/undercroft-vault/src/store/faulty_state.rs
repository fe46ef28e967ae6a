//! The two states behind [`FaultyDisk`](super::faulty_disk::FaultyDisk): what is seen, and what is durable.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::disk::{FileKind, FileMetadata};

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    nodes: Vec<Node>,
    names: Names,
    durable_names: Names,
    pending: Vec<(PathBuf, NameChange)>,
    locks: BTreeMap<PathBuf, String>,
    pub(super) log: Vec<&'static str>,
    pub(super) fail_at: Option<(usize, i32)>,
    pub(super) fail_each: Vec<(&'static str, i32)>,
    pub(super) die_after: Option<usize>,
    pub(super) corrupts_writes: bool,
    pub(super) has_no_locks: bool,
    /// How many bytes a failing write takes; half of them when nothing is said.
    pub(super) takes_of_failing: Option<usize>,
    /// What was in folders whose file system is away now: the names seen, and the durable ones.
    unmounted: BTreeMap<PathBuf, (Names, Names)>,
}

/// What a storage device writes whole or not at all, and what a system writes at once.
const SECTOR: usize = 512;
const PAGE: usize = 4096;

type Names = BTreeMap<PathBuf, Entry>;

#[derive(Clone, Debug, Default)]
struct Node {
    seen: Vec<u8>,
    durable: Option<Vec<u8>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    File(usize),
    Folder,
    Link(PathBuf),
}

#[derive(Clone, Debug)]
enum NameChange {
    Add(PathBuf, Entry),
    Remove(PathBuf),
    /// What had the first name has the second one now.
    Rename(PathBuf, PathBuf, Entry),
}

impl State {
    /// Counts and names an operation, and fails it when that is planned.
    pub(super) fn begin(&mut self, operation: &'static str) -> io::Result<()> {
        let index = self.log.len();
        self.log.push(operation);
        if self.die_after.is_some_and(|last| index > last) {
            return Err(io::Error::other("the process is gone"));
        }
        if let Some((at, errno)) = self.fail_at
            && at == index
        {
            return Err(io::Error::from_raw_os_error(errno));
        }
        for (named, errno) in &self.fail_each {
            if *named == operation {
                return Err(io::Error::from_raw_os_error(*errno));
            }
        }
        Ok(())
    }

    pub(super) fn heal(&mut self) {
        self.fail_at = None;
        self.fail_each.clear();
        self.die_after = None;
        self.corrupts_writes = false;
        self.takes_of_failing = None;
    }

    pub(super) fn after_kill(&self) -> Self {
        let mut state = self.clone();
        state.heal();
        state.log.clear();
        state.locks.clear();
        state
    }

    pub(super) fn after_power_loss(&self, seed: u64) -> Self {
        let mut random = Random(seed | 1);
        let mut names = self.durable_names.clone();
        for (_, change) in &self.pending {
            match (random.below(6), change) {
                (0..3, _) => {}
                // A renaming that was half made: the old name is there as well.
                (3, NameChange::Rename(from, _, entry)) => {
                    apply(&mut names, change);
                    names.insert(from.clone(), entry.clone());
                }
                _ => apply(&mut names, change),
            }
        }
        let nodes = self
            .nodes
            .iter()
            .map(|node| {
                let content = node.torn(&mut random);
                Node {
                    durable: Some(content.clone()),
                    seen: content,
                }
            })
            .collect();
        Self {
            nodes,
            durable_names: names.clone(),
            names,
            ..Self::default()
        }
    }

    pub(super) fn add_folders(&mut self, folder: &Path) {
        for part in folder.ancestors() {
            self.names.insert(part.to_owned(), Entry::Folder);
            self.durable_names.insert(part.to_owned(), Entry::Folder);
        }
    }

    pub(super) fn add_link(&mut self, link: &Path, target: &Path) {
        let entry = Entry::Link(target.to_owned());
        self.names.insert(link.to_owned(), entry.clone());
        self.durable_names.insert(link.to_owned(), entry);
    }

    pub(super) fn put(&mut self, path: &Path, bytes: &[u8]) {
        self.nodes.push(Node {
            seen: bytes.to_vec(),
            durable: Some(bytes.to_vec()),
        });
        let entry = Entry::File(self.nodes.len() - 1);
        self.names.insert(path.to_owned(), entry.clone());
        self.durable_names.insert(path.to_owned(), entry);
    }

    pub(super) fn take_away(&mut self, path: &Path) {
        self.names.retain(|name, _| !name.starts_with(path));
        self.durable_names.retain(|name, _| !name.starts_with(path));
    }

    /// Takes the file system away that is mounted at `folder`: an empty folder stays.
    pub(super) fn unmount(&mut self, folder: &Path) {
        let inside = |name: &PathBuf| name.starts_with(folder) && name != folder;
        let take = |names: &mut Names| names.extract_if(.., |name, _| inside(name)).collect();
        let away = (take(&mut self.names), take(&mut self.durable_names));
        self.unmounted.insert(folder.to_owned(), away);
    }

    /// Brings it back; what was written into the empty folder meanwhile is hidden.
    pub(super) fn mount_again(&mut self, folder: &Path) {
        if let Some((names, durable_names)) = self.unmounted.remove(folder) {
            self.take_away_below(folder);
            self.names.extend(names);
            self.durable_names.extend(durable_names);
        }
    }

    fn take_away_below(&mut self, folder: &Path) {
        let stays = |name: &PathBuf| !name.starts_with(folder) || name == folder;
        self.names.retain(|name, _| stays(name));
        self.durable_names.retain(|name, _| stays(name));
    }

    pub(super) fn bytes(&self, path: &Path) -> Option<Vec<u8>> {
        self.read(path).ok()
    }

    pub(super) fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        match self.names.get(path) {
            Some(Entry::Link(target)) => self.resolve(target),
            Some(Entry::File(_) | Entry::Folder) => Ok(path.to_owned()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    pub(super) fn metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        let entry = self.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        let (kind, size) = match entry {
            Entry::File(node) => (FileKind::File, self.nodes[*node].seen.len()),
            Entry::Folder => (FileKind::Folder, 0),
            Entry::Link(_) => (FileKind::Link, 0),
        };
        Ok(FileMetadata {
            kind,
            size_bytes: size as u64,
            file_system: 1 + u64::from(self.unmounted.keys().any(|at| path.starts_with(at))),
        })
    }

    pub(super) fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.names.get(&self.resolve(path)?) {
            Some(Entry::File(node)) => Ok(self.nodes[*node].seen.clone()),
            Some(Entry::Folder | Entry::Link(_)) => Err(io::ErrorKind::InvalidInput.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    pub(super) fn create_new(&mut self, path: &Path) -> io::Result<usize> {
        self.free_name(path)?;
        self.nodes.push(Node::default());
        let node = self.nodes.len() - 1;
        self.change(path, NameChange::Add(path.to_owned(), Entry::File(node)));
        Ok(node)
    }

    pub(super) fn create_folder(&mut self, path: &Path) -> io::Result<()> {
        self.free_name(path)?;
        self.change(path, NameChange::Add(path.to_owned(), Entry::Folder));
        Ok(())
    }

    pub(super) fn hard_link(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let entry = self
            .names
            .get(from)
            .cloned()
            .ok_or(io::ErrorKind::NotFound)?;
        self.free_name(to)?;
        self.change(to, NameChange::Add(to.to_owned(), entry));
        Ok(())
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let entry = self.names.get(from).ok_or(io::ErrorKind::NotFound)?;
        let change = NameChange::Rename(from.to_owned(), to.to_owned(), entry.clone());
        self.change(to, change);
        Ok(())
    }

    pub(super) fn remove(&mut self, path: &Path) -> io::Result<()> {
        if !self.names.contains_key(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.change(path, NameChange::Remove(path.to_owned()));
        Ok(())
    }

    pub(super) fn sync_folder(&mut self, folder: &Path) -> io::Result<()> {
        if !self.names.contains_key(folder) {
            return Err(io::ErrorKind::NotFound.into());
        }
        for (changed, change) in std::mem::take(&mut self.pending) {
            if changed == folder {
                apply(&mut self.durable_names, &change);
            } else {
                self.pending.push((changed, change));
            }
        }
        Ok(())
    }

    pub(super) fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        if !self.names.contains_key(folder) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let inside = |name: &&PathBuf| name.parent() == Some(folder);
        Ok(self.names.keys().filter(inside).cloned().collect())
    }

    pub(super) fn append(&mut self, node: usize, bytes: &[u8]) {
        let content = &mut self.nodes[node].seen;
        content.extend_from_slice(bytes);
        if self.corrupts_writes
            && let Some(last) = content.last_mut()
        {
            *last ^= 1;
        }
    }

    pub(super) fn sync(&mut self, node: usize) {
        let node = &mut self.nodes[node];
        node.durable = Some(node.seen.clone());
    }

    /// Takes the lock, or answers with the note of its holder.
    pub(super) fn try_lock(&mut self, path: &Path, note: &str) -> io::Result<Option<String>> {
        if let Some(note) = self.locks.get(path) {
            return Ok(Some(note.clone()));
        }
        if !self.names.contains_key(path) {
            let _ = self.create_new(path)?;
        }
        self.locks.insert(path.to_owned(), note.to_owned());
        Ok(None)
    }

    pub(super) fn unlock(&mut self, path: &Path) {
        self.locks.remove(path);
    }

    fn free_name(&self, path: &Path) -> io::Result<()> {
        if self.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        match path.parent().and_then(|folder| self.names.get(folder)) {
            Some(Entry::Folder) => Ok(()),
            Some(Entry::File(_) | Entry::Link(_)) => Err(io::ErrorKind::NotADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn change(&mut self, path: &Path, change: NameChange) {
        apply(&mut self.names, &change);
        let folder = path.parent().unwrap_or(path).to_owned();
        self.pending.push((folder, change));
    }
}

impl Node {
    /// What is found after a power loss: the durable content, or a torn form of what was written since.
    fn torn(&self, random: &mut Random) -> Vec<u8> {
        match &self.durable {
            Some(durable) if *durable == self.seen => durable.clone(),
            durable => match random.below(8) {
                0 => durable.clone().unwrap_or_default(),
                1 => self.seen[..random.below(self.seen.len() + 1)].to_vec(),
                2 => {
                    let mut torn = self.seen.clone();
                    let from = random.below(torn.len() + 1);
                    torn[from..].fill(0);
                    torn
                }
                3 => self.seen.clone(),
                _ => self.torn_by_page(random),
            },
        }
    }

    /// Each page old, new, empty or torn between two sectors, in no order; the length of the one or the other.
    fn torn_by_page(&self, random: &mut Random) -> Vec<u8> {
        let old = self.durable.as_deref().unwrap_or_default();
        let new = &self.seen;
        let mut torn = if random.below(2) == 0 {
            old.to_vec()
        } else {
            new.clone()
        };
        for from in (0..torn.len()).step_by(PAGE) {
            let page = from..torn.len().min(from + PAGE);
            let switch = match random.below(4) {
                0 => 0,
                1 => PAGE,
                2 => SECTOR * random.below(PAGE / SECTOR),
                _ => {
                    torn[page].fill(0);
                    continue;
                }
            };
            for index in page {
                let source = if index - from < switch {
                    new.as_slice()
                } else {
                    old
                };
                torn[index] = source.get(index).copied().unwrap_or(0);
            }
        }
        torn
    }
}

fn apply(names: &mut Names, change: &NameChange) {
    match change {
        NameChange::Add(path, entry) => {
            names.insert(path.clone(), entry.clone());
        }
        NameChange::Remove(path) => {
            names.remove(path);
        }
        NameChange::Rename(from, to, entry) => {
            names.remove(from);
            names.insert(to.clone(), entry.clone());
        }
    }
}

/// xorshift64: enough to choose what survives.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end.max(1) as u64).unwrap_or(0)
    }
}
