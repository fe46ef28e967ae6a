//! The body: what a vault holds.
//!
//! Opening a vault decodes no item. Each stays encoded, as a slice of the one decrypted buffer or in a buffer of
//! its own once it was changed, and is decoded when asked for; a save copies the encoded bytes. That keeps
//! unlocking and saving fast at ten thousand identities, and an item that this version cannot decode survives.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use undercroft_model::{InstallationId, Item, ItemId, Revision, Timestamp, VaultId};
use undercroft_secret::SecretBytes;

use crate::format::cbor::{NotCbor, Reader, UnknownFields, Writer, set};
use crate::format::{FormatError, Part};

/// The most stamps that a body keeps; older ones go first.
pub const MAX_SAVES: usize = 64;

/// The decrypted content of a vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// Names the vault for its whole life.
    pub vault: VaultId,
    /// The latest saves, newest last. Writing keeps the newest [`MAX_SAVES`].
    pub saves: Vec<SaveStamp>,
    /// The items, encoded.
    pub items: Items,
    /// Fields of a newer minor version.
    pub extra: UnknownFields,
}

impl Body {
    /// The body of a vault that was never saved.
    #[must_use]
    pub fn new(vault: VaultId) -> Self {
        Self {
            vault,
            saves: Vec::new(),
            items: Items::default(),
            extra: UnknownFields::default(),
        }
    }

    /// Reads a body's content as it is between padding and encryption, with its slots' revisions.
    ///
    /// # Errors
    /// [`FormatError::Malformed`] when it breaks the rules of the format.
    pub fn from_content(content: SecretBytes) -> Result<(Self, Vec<Revision>), FormatError> {
        let range = 0..content.len();
        read(&Arc::new(content), range).map_err(|NotCbor| FormatError::Malformed(Part::Body))
    }

    /// Writes a body's content, which [`Body::from_content`] reads.
    #[must_use]
    pub fn to_content(&self, slot_revisions: &[Revision]) -> SecretBytes {
        let len = max_encoded_len(self, slot_revisions.len());
        let mut out = Writer::with_capacity(len);
        write(self, slot_revisions, &mut out);
        SecretBytes::new(out.finish())
    }
}

/// What identifies one save.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SaveStamp {
    /// Random.
    pub id: [u8; 16],
    /// One more than the greatest that this save built upon.
    pub counter: u64,
    /// Who saved.
    pub installation: InstallationId,
    /// When, by that machine's clock; shown, never compared.
    pub at: Timestamp,
}

/// The items of a vault, ordered by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Items(BTreeMap<ItemId, StoredItem>);

impl Items {
    /// How many there are, tombstones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The item with this id.
    #[must_use]
    pub fn get(&self, id: ItemId) -> Option<&StoredItem> {
        self.0.get(&id)
    }

    /// Puts an item in its place and returns what stood there.
    pub fn insert(&mut self, item: StoredItem) -> Option<StoredItem> {
        self.0.insert(item.id(), item)
    }

    /// Takes an item out. A deletion that should travel leaves a tombstone instead.
    pub fn remove(&mut self, id: ItemId) -> Option<StoredItem> {
        self.0.remove(&id)
    }

    /// All items, ordered by id.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &StoredItem> {
        self.0.values()
    }
}

impl FromIterator<StoredItem> for Items {
    fn from_iter<T: IntoIterator<Item = StoredItem>>(items: T) -> Self {
        Self(items.into_iter().map(|item| (item.id(), item)).collect())
    }
}

/// An item in its encoded form, with what merging needs to know of it.
///
/// Cloning shares the bytes. They are wiped when the last clone is dropped.
#[derive(Clone)]
pub struct StoredItem {
    id: ItemId,
    revision: Revision,
    buffer: Arc<SecretBytes>,
    range: Range<usize>,
}

impl StoredItem {
    /// Encodes an item.
    ///
    /// # Errors
    /// [`FormatError::Malformed`] when CBOR cannot hold it, which no item of the model provokes, and
    /// [`FormatError::TooLarge`] above 64 MiB.
    pub fn encode(item: &Item) -> Result<Self, FormatError> {
        let encoded =
            undercroft_model::cbor::to_vec(item).map_err(|_| FormatError::Malformed(Part::Item))?;
        if encoded.len() > crate::format::MAX_FILE_LEN {
            return Err(FormatError::TooLarge);
        }
        let range = 0..encoded.len();
        Ok(Self {
            id: item.id,
            revision: item.revision,
            buffer: Arc::new(encoded.into()),
            range,
        })
    }

    /// An item whose bytes say whatever they say.
    #[cfg(test)]
    pub(crate) fn from_parts(id: ItemId, revision: Revision, encoded: Vec<u8>) -> Self {
        let range = 0..encoded.len();
        Self {
            id,
            revision,
            buffer: Arc::new(encoded.into()),
            range,
        }
    }

    /// Decodes the item.
    ///
    /// # Errors
    /// [`FormatError::Malformed`] when the bytes are no item, or one of another id or revision.
    pub fn decode(&self) -> Result<Item, FormatError> {
        let item: Item = undercroft_model::cbor::from_slice(self.encoded())
            .map_err(|_| FormatError::Malformed(Part::Item))?;
        if item.id != self.id || item.revision != self.revision {
            return Err(FormatError::Malformed(Part::Item));
        }
        Ok(item)
    }

    /// The item's id.
    #[must_use]
    pub fn id(&self) -> ItemId {
        self.id
    }

    /// The item's revision.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The item's CBOR.
    #[must_use]
    pub fn encoded(&self) -> &[u8] {
        self.buffer
            .expose()
            .get(self.range.clone())
            .unwrap_or_default()
    }
}

impl PartialEq for StoredItem {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.revision == other.revision && self.encoded() == other.encoded()
    }
}

impl Eq for StoredItem {}

impl fmt::Debug for StoredItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredItem")
            .field("id", &self.id)
            .field("revision", &self.revision)
            .field("len", &self.range.len())
            .finish_non_exhaustive()
    }
}

/// How many bytes [`write`] adds at most.
pub(crate) fn max_encoded_len(body: &Body, slots: usize) -> usize {
    // A head is at most 9 bytes, an id 17; the names and the frame fit into the constant.
    let unknown: usize = body.extra.encoded_len();
    let items: usize = body
        .items
        .iter()
        .map(|item| item.encoded().len() + 64)
        .sum();
    256 + unknown + items + slots * 32 + MAX_SAVES * 64
}

/// Appends the body's CBOR to `out`.
pub(crate) fn write(body: &Body, slot_revisions: &[Revision], out: &mut Writer) {
    out.map(4 + body.extra.len());
    out.text("vault");
    out.bytes(body.vault.as_bytes());
    out.text("saves");
    let saves = &body.saves[body.saves.len().saturating_sub(MAX_SAVES)..];
    out.array(saves.len());
    for save in saves {
        out.array(4);
        out.bytes(&save.id);
        out.uint(save.counter);
        out.bytes(save.installation.as_bytes());
        out.int(save.at.unix_secs());
    }
    out.text("slots");
    out.array(slot_revisions.len());
    for revision in slot_revisions {
        out.array(2);
        write_revision(*revision, out);
    }
    out.text("items");
    out.array(body.items.len());
    for item in body.items.iter() {
        out.array(4);
        out.bytes(item.id.as_bytes());
        write_revision(item.revision, out);
        out.bytes(item.encoded());
    }
    body.extra.write(out);
}

/// Reads a body's CBOR, which is all of `buffer` within `range`, and the slots' revisions.
pub(crate) fn read(
    buffer: &Arc<SecretBytes>,
    range: Range<usize>,
) -> Result<(Body, Vec<Revision>), NotCbor> {
    let (mut vault, mut saves, mut slots, mut items) = (None, None, None, None);
    let mut extra = UnknownFields::default();
    let mut reader = Reader::new(buffer.expose().get(range).ok_or(NotCbor)?);
    for _ in 0..reader.map()? {
        match reader.text()? {
            "vault" => set(&mut vault, VaultId::from_bytes(reader.array_of()?))?,
            "saves" => set(&mut saves, read_saves(&mut reader)?)?,
            "slots" => set(&mut slots, read_revisions(&mut reader)?)?,
            "items" => set(&mut items, read_items(&mut reader, buffer)?)?,
            name => extra.read(name, &mut reader)?,
        }
    }
    reader.end()?;
    let body = Body {
        vault: vault.ok_or(NotCbor)?,
        saves: saves.ok_or(NotCbor)?,
        items: items.ok_or(NotCbor)?,
        extra,
    };
    Ok((body, slots.ok_or(NotCbor)?))
}

fn read_saves(reader: &mut Reader<'_>) -> Result<Vec<SaveStamp>, NotCbor> {
    let count = reader.array()?;
    if count > MAX_SAVES {
        return Err(NotCbor);
    }
    (0..count)
        .map(|_| {
            expect_array(reader, 4)?;
            Ok(SaveStamp {
                id: reader.array_of()?,
                counter: reader.uint()?,
                installation: InstallationId::from_bytes(reader.array_of()?),
                at: Timestamp::from_unix_secs(reader.int()?),
            })
        })
        .collect()
}

fn read_revisions(reader: &mut Reader<'_>) -> Result<Vec<Revision>, NotCbor> {
    let count = reader.array()?;
    (0..count)
        .map(|_| {
            expect_array(reader, 2)?;
            read_revision(reader)
        })
        .collect()
}

fn read_items(reader: &mut Reader<'_>, buffer: &Arc<SecretBytes>) -> Result<Items, NotCbor> {
    let count = reader.array()?;
    let start = buffer.expose().as_ptr().addr();
    let mut items = Vec::new();
    let mut last = None;
    for _ in 0..count {
        expect_array(reader, 4)?;
        let id = ItemId::from_bytes(reader.array_of()?);
        // In rising order, so that no id stands twice.
        if last.is_some_and(|last| last >= id) {
            return Err(NotCbor);
        }
        last = Some(id);
        let revision = read_revision(reader)?;
        let encoded = reader.bytes()?;
        let offset = encoded.as_ptr().addr() - start;
        let range = offset..offset + encoded.len();
        items.push((
            id,
            StoredItem {
                id,
                revision,
                buffer: Arc::clone(buffer),
                range,
            },
        ));
    }
    Ok(Items(items.into_iter().collect()))
}

fn expect_array(reader: &mut Reader<'_>, count: usize) -> Result<(), NotCbor> {
    if reader.array()? == count {
        Ok(())
    } else {
        Err(NotCbor)
    }
}

fn write_revision(revision: Revision, out: &mut Writer) {
    out.uint(revision.counter);
    out.bytes(revision.installation.as_bytes());
}

fn read_revision(reader: &mut Reader<'_>) -> Result<Revision, NotCbor> {
    Ok(Revision {
        counter: reader.uint()?,
        installation: InstallationId::from_bytes(reader.array_of()?),
    })
}

#[cfg(test)]
mod tests {
    use undercroft_model::{Content, ItemState, Settings};

    use super::*;

    fn item(id: u8) -> Item {
        let at = Timestamp::from_unix_secs(0);
        Item {
            id: ItemId::from_bytes([id; 16]),
            revision: Revision::first(InstallationId::from_bytes([7; 16])),
            created_at: at,
            modified_at: at,
            state: ItemState::Live(Content::Settings(Settings::default())),
            history: Vec::new(),
            extra: Default::default(),
        }
    }

    #[test]
    fn items_keep_their_order_and_their_bytes() {
        let mut body = Body::new(VaultId::from_bytes([1; 16]));
        for id in [3, 1, 2] {
            body.items.insert(StoredItem::encode(&item(id)).unwrap());
        }
        let (read, revisions) = Body::from_content(body.to_content(&[])).unwrap();
        assert_eq!(read, body);
        assert_eq!(revisions, []);
        assert!(!read.items.is_empty() && Items::default().is_empty());
        let ids: Vec<u8> = read
            .items
            .iter()
            .map(|item| item.id().as_bytes()[0])
            .collect();
        assert_eq!(ids, [1, 2, 3]);
        assert_eq!(
            read.items
                .get(ItemId::from_bytes([2; 16]))
                .unwrap()
                .decode()
                .unwrap(),
            item(2)
        );
    }

    #[test]
    fn an_item_under_another_id_or_revision_is_refused() {
        let stored = StoredItem::encode(&item(1)).unwrap();
        let malformed = FormatError::Malformed(Part::Item);
        let mut renamed = stored.clone();
        renamed.id = ItemId::from_bytes([2; 16]);
        assert_eq!(renamed.decode().unwrap_err(), malformed);
        let mut older = stored.clone();
        older.revision.counter = 9;
        assert_eq!(older.decode().unwrap_err(), malformed);
        let mut cut = stored.clone();
        cut.range.end -= 1;
        assert_eq!(cut.decode().unwrap_err(), malformed);
        assert_eq!(stored.decode().unwrap(), item(1));
    }

    #[test]
    fn an_item_that_cannot_be_decoded_survives() {
        let mut body = Body::new(VaultId::from_bytes([1; 16]));
        let id = ItemId::from_bytes([4; 16]);
        let revision = Revision::first(InstallationId::from_bytes([7; 16]));
        let buffer = Arc::new(SecretBytes::copy_of(b"no item"));
        body.items.insert(StoredItem {
            id,
            revision,
            buffer,
            range: 0..7,
        });
        let (read, _) = Body::from_content(body.to_content(&[])).unwrap();
        let kept = read.items.get(id).unwrap();
        assert_eq!(kept.encoded(), b"no item");
        assert!(kept.decode().is_err());
    }

    #[test]
    fn the_reserved_length_is_never_too_small() {
        let mut body = Body::new(VaultId::from_bytes([1; 16]));
        let stamp = SaveStamp {
            id: [1; 16],
            counter: u64::MAX,
            installation: InstallationId::from_bytes([7; 16]),
            at: Timestamp::from_unix_secs(i64::MIN),
        };
        body.saves = vec![stamp; 100];
        let mut empty = item(1);
        empty.revision.counter = u64::MAX;
        body.items.insert(StoredItem::encode(&empty).unwrap());
        let revisions = [Revision {
            counter: u64::MAX,
            ..empty.revision
        }; 8];
        let content = body.to_content(&revisions);
        assert!(content.len() <= max_encoded_len(&body, 8));
        assert_eq!(
            Body::from_content(content).unwrap().0.saves.len(),
            MAX_SAVES
        );
    }

    #[test]
    fn the_reserved_length_is_little_more_than_what_is_needed() {
        let mut body = Body::new(VaultId::from_bytes([1; 16]));
        let mut value = Writer::default();
        value.bytes(&[0; 5_000]);
        let value = value.finish();
        body.extra.read("newer", &mut Reader::new(&value)).unwrap();
        let stamp = SaveStamp {
            id: [1; 16],
            counter: u64::MAX,
            installation: InstallationId::from_bytes([7; 16]),
            at: Timestamp::from_unix_secs(i64::MIN),
        };
        body.saves = vec![stamp; MAX_SAVES];
        let revision = Revision::first(stamp.installation);
        for id in 0..3 {
            let id = ItemId::from_bytes([id; 16]);
            body.items
                .insert(StoredItem::from_parts(id, revision, vec![0; 3_000]));
        }
        let needed = body.to_content(&[revision; 8]).len();
        let reserved = max_encoded_len(&body, 8);
        assert!(
            (needed..needed + 1_200).contains(&reserved),
            "{needed} {reserved}"
        );
    }

    #[test]
    fn items_differ_by_their_id_their_revision_and_their_bytes() {
        let (id, other_id) = (ItemId::from_bytes([1; 16]), ItemId::from_bytes([2; 16]));
        let revision = Revision::first(InstallationId::from_bytes([7; 16]));
        let later = revision.next(revision.installation);
        let one = StoredItem::from_parts(id, revision, b"same".to_vec());
        assert_eq!(one, StoredItem::from_parts(id, revision, b"same".to_vec()));
        for other in [
            StoredItem::from_parts(other_id, revision, b"same".to_vec()),
            StoredItem::from_parts(id, later, b"same".to_vec()),
            StoredItem::from_parts(id, revision, b"other".to_vec()),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn of_too_many_saves_the_newest_are_written() {
        let mut body = Body::new(VaultId::from_bytes([1; 16]));
        let stamp = |counter| SaveStamp {
            id: [1; 16],
            counter,
            installation: InstallationId::from_bytes([7; 16]),
            at: Timestamp::from_unix_secs(0),
        };
        body.saves = (0..=MAX_SAVES as u64).map(stamp).collect();
        let (read, _) = Body::from_content(body.to_content(&[])).unwrap();
        assert_eq!(read.saves, body.saves[1..]);
    }
}
