//! A desktop that only remembers.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use undercroft_secret::SecretString;
use undercroft_session::{Cleared, ClipboardError, Event, Platform};

#[derive(Default)]
pub struct FakePlatform {
    clipboard: Mutex<Clipboard>,
    events: Mutex<Vec<Event>>,
    pub is_broken: AtomicBool,
    untouched_secs: Mutex<Option<u64>>,
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

    fn notify(&self, event: Event) {
        self.events.lock().unwrap().push(event);
    }
}
