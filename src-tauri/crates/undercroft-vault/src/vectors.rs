//! The format's vectors: files under `tests/vectors/vault`, each with what a reader must say to it.
//!
//! A vector is `NAME.json`; its bytes are those of `NAME.vault` beside it, or those of another vector after some
//! edits. Adding such a file adds a test, here and in the independent decoder. The vectors in `golden` were
//! written once by the version that they name and stay as they are; the others come from
//! [`broken`], and a test compares them with what it makes today:
//!
//! ```text
//! WRITE_VECTORS=1 cargo test -p undercroft-vault --lib the_files_are_what_the_generator_makes
//! ```

mod broken;
mod golden;
mod replay;
mod upgrades;

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The password of all vectors that name none.
const PASSWORD: &str = "correct horse battery staple";

/// A vector before it is written, or after it was read.
struct Vector {
    /// Path below the folder of all vectors, without an extension.
    name: String,
    expectation: Expectation,
    /// The file's own bytes; nothing when it is made from another.
    bytes: Option<Vec<u8>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Expectation {
    about: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    edits: Vec<Edit>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recovery_key: Option<String>,
    /// `ok`, or the error's class.
    expect: String,
    /// Of `too-new`: the version to ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    needs: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content: Option<Holds>,
}

/// What a vault that opens must hold.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Holds {
    vault: String,
    version: String,
    slots: Vec<String>,
    saves: Vec<u64>,
    items: Vec<String>,
    secrets: Vec<Secret>,
}

/// A sealed value somewhere in an item, and what unsealing it must give: a text or an error's class.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Secret {
    item: String,
    field: String,
    value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    class: Option<String>,
}

/// A change to a file. Negative places count from its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Edit {
    /// Flips the bits of `mask` in one byte.
    Flip { at: i64, mask: u8 },
    /// Overwrites bytes with hexadecimal ones.
    Set { at: i64, bytes: String },
    /// Keeps so many bytes.
    Truncate(usize),
    /// Appends hexadecimal bytes.
    Append(String),
    /// Appends zeros up to this length.
    Extend(usize),
    /// Takes the HMAC of another vector.
    MacOf(String),
    /// Takes all behind the HMAC from another vector.
    BodyOf(String),
    /// Computes the SHA-256 anew, as anybody can.
    Rehash,
}

impl Edit {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Flip { at, mask } => {
                let at = place(bytes, *at);
                bytes[at] ^= mask;
            }
            Self::Set { at, bytes: hex } => {
                let (at, new) = (place(bytes, *at), from_hex(hex));
                bytes[at..at + new.len()].copy_from_slice(&new);
            }
            Self::Truncate(len) => bytes.truncate(*len),
            Self::Append(hex) => bytes.extend(from_hex(hex)),
            Self::Extend(len) => bytes.resize(*len, 0),
            Self::MacOf(name) => {
                let other = bytes_of(name);
                let (to, from) = (hash_end(bytes), hash_end(&other));
                bytes[to..to + 32].copy_from_slice(&other[from..from + 32]);
            }
            Self::BodyOf(name) => {
                let other = bytes_of(name);
                bytes.truncate(hash_end(bytes) + 32);
                bytes.extend_from_slice(&other[hash_end(&other) + 32..]);
            }
            Self::Rehash => {
                let end = hash_end(bytes);
                let hash = Sha256::digest(&bytes[..end - 32]);
                bytes[end - 32..end].copy_from_slice(&hash);
            }
        }
    }
}

fn place(bytes: &[u8], at: i64) -> usize {
    let len = i64::try_from(bytes.len()).unwrap();
    usize::try_from(if at < 0 { len + at } else { at }).unwrap()
}

/// Where the hash ends and the HMAC begins.
fn hash_end(bytes: &[u8]) -> usize {
    let header_len = u32::from_be_bytes(bytes[12..16].try_into().unwrap());
    16 + header_len as usize + 32
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/vectors/vault")
}

fn bytes_of(name: &str) -> Vec<u8> {
    fs::read(folder().join(name).with_extension("vault")).expect("a vector's file")
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn from_hex(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER
        .decode(text.as_bytes())
        .expect("hexadecimal")
}

/// Bytes that look random and are the same in every run.
fn fixed<const N: usize>(label: &str) -> [u8; N] {
    Sha256::digest(label.as_bytes())[..N].try_into().unwrap()
}

fn read_all() -> Vec<Vector> {
    let mut names = Vec::new();
    collect(&folder(), &mut names);
    names.sort();
    names
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let expectation = serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let bytes = fs::read(path.with_extension("vault")).ok();
            let name = path.with_extension("");
            let name = name
                .strip_prefix(folder())
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            Vector {
                name,
                expectation,
                bytes,
            }
        })
        .collect()
}

fn collect(folder: &Path, names: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the vectors' folder") {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, names);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            names.push(path);
        }
    }
}

fn write(vector: &Vector) {
    let path = folder().join(&vector.name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let json = serde_json::to_string_pretty(&vector.expectation).unwrap() + "\n";
    fs::write(path.with_extension("json"), json).unwrap();
    if let Some(bytes) = &vector.bytes {
        fs::write(path.with_extension("vault"), bytes).unwrap();
    }
}

/// Writes golden vectors that are not there yet, and all others anew.
fn write_all() {
    for vector in golden::all() {
        if !folder().join(&vector.name).with_extension("vault").exists() {
            write(&vector);
        }
    }
    for vector in broken::all() {
        write(&vector);
    }
}

#[test]
fn the_files_are_what_the_generator_makes() {
    if std::env::var_os("WRITE_VECTORS").is_some() {
        write_all();
    }
    let stored = read_all();
    for made in broken::all() {
        let found = stored.iter().find(|vector| vector.name == made.name);
        let found = found.unwrap_or_else(|| panic!("{} is missing", made.name));
        assert_eq!(found.expectation, made.expectation, "{}", made.name);
        assert!(found.bytes == made.bytes, "{}.vault differs", made.name);
    }
}
