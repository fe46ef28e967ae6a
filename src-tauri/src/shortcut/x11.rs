//! The global shortcut under X11: the keys are grabbed, and a thread sleeps until they are pressed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use x11rb::connection::Connection;
use x11rb::errors::ReplyOrIdError;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{ConnectionExt, GrabMode, ModMask, Window};
use x11rb::rust_connection::RustConnection;

use super::keys::Keys;

/// Caps Lock and Num Lock (Mod2 on the usual keyboards) change nothing.
const IGNORED: [ModMask; 2] = [ModMask::LOCK, ModMask::M2];

/// The grab of this program.
pub(super) struct Grab {
    connection: Arc<RustConnection>,
    root: Window,
    held: Arc<Mutex<Option<Held>>>,
}

/// What is grabbed.
#[derive(Clone, Copy)]
struct Held {
    keys: Keys,
    /// Where the key is that is pressed last.
    keycode: u8,
}

/// The keys can't be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum GrabError {
    /// The keyboard has no such key.
    #[error("no such key on this keyboard")]
    NoSuchKey,
    /// There is no X server, or another program has grabbed the keys.
    #[error(transparent)]
    X11(#[from] ReplyOrIdError),
}

impl Grab {
    /// Connects, and calls `pressed` each time the keys go down that are grabbed then.
    ///
    /// # Errors
    /// When there is no X server.
    pub(super) fn new(
        pressed: impl Fn() + Send + 'static,
    ) -> Result<Self, x11rb::errors::ConnectError> {
        let (connection, screen) = x11rb::connect(None)?;
        let connection = Arc::new(connection);
        let root = connection
            .setup()
            .roots
            .get(screen)
            .map_or(0, |screen| screen.root);
        let grab = Self {
            connection,
            root,
            held: Arc::default(),
        };
        let listener = Self {
            connection: grab.connection.clone(),
            root,
            held: grab.held.clone(),
        };
        std::thread::spawn(move || listener.listen(pressed));
        Ok(grab)
    }

    /// Lets go of what was grabbed, and grabs `keys`.
    ///
    /// # Errors
    /// When another program has them; nothing is grabbed then.
    pub(super) fn take(&self, keys: Option<Keys>) -> Result<(), GrabError> {
        *self.held() = None;
        self.connection
            .ungrab_key(0, self.root, ModMask::ANY)
            .map_err(ReplyOrIdError::from)?;
        if let Some(keys) = keys {
            let held = self.grab(keys).inspect_err(|_| {
                let _ = self.connection.ungrab_key(0, self.root, ModMask::ANY);
                let _ = self.connection.flush();
            })?;
            *self.held() = Some(held);
        }
        self.connection.flush().map_err(ReplyOrIdError::from)?;
        Ok(())
    }

    fn grab(&self, keys: Keys) -> Result<Held, GrabError> {
        let keycode = self.keycode(keys)?;
        let held = modifiers(keys);
        for ignored in 0..4u8 {
            let mut mask = held;
            for (bit, one) in IGNORED.into_iter().enumerate() {
                if ignored & (1 << bit) != 0 {
                    mask |= one;
                }
            }
            let (freely, now) = (GrabMode::ASYNC, false);
            self.connection
                .grab_key(now, self.root, mask, keycode, freely, freely)
                .map_err(ReplyOrIdError::from)?
                .check()
                .map_err(ReplyOrIdError::from)?;
        }
        Ok(Held { keys, keycode })
    }

    /// Where the key is that has the keysym of `keys` when nothing is held.
    fn keycode(&self, keys: Keys) -> Result<u8, GrabError> {
        let keysym = keys.key.keysym();
        let setup = self.connection.setup();
        let count = setup.max_keycode - setup.min_keycode + 1;
        let mapping = self
            .connection
            .get_keyboard_mapping(setup.min_keycode, count)
            .map_err(ReplyOrIdError::from)?
            .reply()
            .map_err(ReplyOrIdError::from)?;
        let each = usize::from(mapping.keysyms_per_keycode.max(1));
        mapping
            .keysyms
            .chunks(each)
            .position(|keysyms| keysyms.first() == Some(&keysym))
            .and_then(|place| u8::try_from(place).ok())
            .map(|place| setup.min_keycode + place)
            .ok_or(GrabError::NoSuchKey)
    }

    fn listen(&self, pressed: impl Fn()) {
        // A key that is held sends a release and a press of the same moment, again and again.
        let mut released_at = None;
        while let Ok(event) = self.connection.wait_for_event() {
            #[expect(clippy::wildcard_enum_match_arm, reason = "X11 has many events")]
            match event {
                Event::KeyPress(event) if released_at != Some(event.time) => pressed(),
                Event::KeyRelease(event) => released_at = Some(event.time),
                Event::MappingNotify(_) => self.follow_layout(),
                _ => {}
            }
        }
    }

    /// Grabs anew when another layout has the key elsewhere.
    ///
    /// X also tells of a layout when a second keyboard is used after the first, as its first key goes down. Letting go
    /// then would lose the shortcut that is just being pressed.
    fn follow_layout(&self) {
        let Some(Held { keys, keycode }) = *self.held() else {
            return;
        };
        if self.keycode(keys).is_ok_and(|now| now == keycode) {
            return;
        }
        if let Err(error) = self.take(Some(keys)) {
            tracing::warn!(%error, "the shortcut is lost with the keyboard's layout");
        }
    }

    fn held(&self) -> MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn modifiers(keys: Keys) -> ModMask {
    [
        (keys.ctrl, ModMask::CONTROL),
        (keys.alt, ModMask::M1),
        (keys.shift, ModMask::SHIFT),
        (keys.logo, ModMask::M4),
    ]
    .into_iter()
    .filter(|(held, _)| *held)
    .fold(ModMask::from(0u16), |mask, (_, one)| mask | one)
}
