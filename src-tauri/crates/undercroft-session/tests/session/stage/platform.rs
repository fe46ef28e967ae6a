//! A desktop that only remembers.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use undercroft_model::VaultId;
use undercroft_secret::SecretString;
use undercroft_session::{Cleared, ClipboardError, Event, KeychainError, Platform};
use undercroft_vault::QuickKey;

#[derive(Default)]
pub struct FakePlatform {
    clipboard: Mutex<Clipboard>,
    events: Mutex<Vec<Event>>,
    pub is_broken: AtomicBool,
    /// Whether there is a window to ask in.
    pub has_window: AtomicBool,
    untouched_secs: Mutex<Option<u64>>,
    /// What the keychain keeps, and for how long it was asked to.
    keychain: Mutex<BTreeMap<VaultId, (QuickKey, Duration)>>,
    pub keychain_is_broken: AtomicBool,
    /// How often a quick key was read.
    pub quick_keys_read: AtomicUsize,
}

#[derive(Default)]
struct Clipboard {
    text: Option<String>,
    /// The secret that the session put there last.
    ours: Option<String>,
}

impl FakePlatform {
    /// What somebody would paste now.
    pub fn pasted(&self) -> Option<String> {
        self.clipboard.lock().unwrap().text.clone()
    }

    /// Another program copies something.
    pub fn copy_elsewhere(&self, text: &str) {
        self.clipboard.lock().unwrap().text = Some(text.to_owned());
    }

    /// Somebody touched the machine so long ago.
    pub fn touched_ago(&self, secs: Option<u64>) {
        *self.untouched_secs.lock().unwrap() = secs;
    }

    /// For how long the keychain keeps each key.
    pub fn quick_keys(&self) -> Vec<Duration> {
        let keychain = self.keychain.lock().unwrap();
        keychain.values().map(|(_, lasts)| *lasts).collect()
    }

    /// The user logs out, or the time of the keys is over.
    pub fn log_out(&self) {
        self.keychain.lock().unwrap().clear();
    }

    /// What the keychain keeps now, to be put back later.
    pub fn copy_of_keychain(&self) -> BTreeMap<VaultId, (QuickKey, Duration)> {
        self.keychain.lock().unwrap().clone()
    }

    /// Puts something else into the keychain.
    pub fn put_keychain(&self, keychain: BTreeMap<VaultId, (QuickKey, Duration)>) {
        *self.keychain.lock().unwrap() = keychain;
    }

    /// What happened since the last look.
    pub fn events(&self) -> Vec<Event> {
        std::mem::take(&mut self.events.lock().unwrap())
    }

    fn take(&self, wanted: impl Fn(&Event) -> bool) -> Option<Event> {
        let mut events = self.events.lock().unwrap();
        let place = events.iter().position(wanted)?;
        Some(events.remove(place))
    }

    /// Waits until something happened.
    pub async fn event(&self, wanted: impl Fn(&Event) -> bool) -> Event {
        for _ in 0..500 {
            if let Some(event) = self.take(&wanted) {
                return event;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("the event did not come in five seconds");
    }
}

impl Platform for FakePlatform {
    fn copy(&self, text: SecretString, secret: bool) -> Result<(), ClipboardError> {
        if self.is_broken.load(Ordering::SeqCst) {
            return Err(ClipboardError);
        }
        let mut clipboard = self.clipboard.lock().unwrap();
        clipboard.text = Some(text.expose().to_owned());
        clipboard.ours = secret.then(|| text.expose().to_owned());
        Ok(())
    }

    fn clear_if_ours(&self) -> Cleared {
        if self.is_broken.load(Ordering::SeqCst) {
            return Cleared::NotOurs;
        }
        let mut clipboard = self.clipboard.lock().unwrap();
        if clipboard.ours.is_some() && clipboard.text == clipboard.ours {
            *clipboard = Clipboard::default();
            Cleared::Ours
        } else {
            clipboard.ours = None;
            Cleared::NotOurs
        }
    }

    fn untouched_for(&self) -> Option<Duration> {
        self.untouched_secs.lock().unwrap().map(Duration::from_secs)
    }

    fn has_keychain(&self) -> bool {
        !self.keychain_is_broken.load(Ordering::SeqCst)
    }

    fn keep_quick_key(
        &self,
        vault: VaultId,
        key: &QuickKey,
        lasts: Duration,
    ) -> Result<(), KeychainError> {
        if !self.has_keychain() {
            return Err(KeychainError);
        }
        let mut keychain = self.keychain.lock().unwrap();
        keychain.insert(vault, (key.clone(), lasts));
        Ok(())
    }

    fn holds_quick_key(&self, vault: VaultId) -> bool {
        self.keychain.lock().unwrap().contains_key(&vault)
    }

    fn quick_key(&self, vault: VaultId) -> Result<QuickKey, KeychainError> {
        self.quick_keys_read.fetch_add(1, Ordering::SeqCst);
        let keychain = self.keychain.lock().unwrap();
        let (key, _) = keychain.get(&vault).ok_or(KeychainError)?;
        Ok(key.clone())
    }

    fn forget_quick_key(&self, vault: VaultId) -> Result<(), KeychainError> {
        self.keychain.lock().unwrap().remove(&vault);
        Ok(())
    }

    fn can_ask(&self) -> bool {
        self.has_window.load(Ordering::SeqCst)
    }

    fn notify(&self, event: Event) {
        self.events.lock().unwrap().push(event);
    }
}
