//! What stays through locking and unlocking, seen by the actor and by the request that runs.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use undercroft_aws::{ConsoleSignIn, HttpClient, Iam, Sts};
use undercroft_model::{InstallationId, Settings, Timestamp, VaultId};
use undercroft_vault::{Disk, KdfParams};

use crate::{
    Clock, DesktopEvent, Event, Places, Platform, kept_open::Holders, places::Remembered,
    slowdown::Slowdown,
};

pub(crate) struct Shared {
    pub(crate) platform: Arc<dyn Platform>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sts: Arc<dyn Sts>,
    pub(crate) iam: Arc<dyn Iam>,
    pub(crate) console: Arc<dyn ConsoleSignIn>,
    pub(crate) http: HttpClient,
    /// The proxy and the certificate authorities in force.
    network: Mutex<(Option<String>, Option<String>)>,
    pub(crate) disk: Arc<dyn Disk>,
    installation: Mutex<InstallationId>,
    pub(crate) state_dir: PathBuf,
    /// What a new password slot costs; calibrated when it is made if there is nothing.
    pub(crate) kdf: Option<KdfParams>,
    slowdown: Mutex<Slowdown>,
    remembered: Mutex<Remembered>,
    vault: Mutex<PathBuf>,
    /// When somebody last used the vault, on the monotonic clock.
    used_at: Mutex<Duration>,
    idle_secs: AtomicU32,
    locks_with_screen: AtomicBool,
    locks_on_sleep: AtomicBool,
    keeps_window_on_close: AtomicBool,
    /// Who keeps the vault from locking for want of use.
    pub(crate) holders: Holders,
    is_open: AtomicBool,
    needs_new_password: AtomicBool,
    /// When the clipboard is to be cleared, on the monotonic clock.
    clears_at: Mutex<Option<Duration>>,
    /// A vault, as encrypted as in its file, with changes that no disk took when it was locked.
    unsaved: Mutex<Option<(VaultId, Vec<u8>)>>,
}

impl Shared {
    pub(crate) fn new(parts: crate::Parts) -> Self {
        let Places { vault, state_dir } = parts.places;
        let strict = Settings::default();
        Self {
            platform: parts.platform,
            sts: parts.sts,
            iam: parts.iam,
            console: parts.console,
            http: parts.http,
            network: Mutex::default(),
            disk: parts.disk,
            installation: Mutex::new(crate::places::installation(&state_dir)),
            kdf: parts.kdf,
            slowdown: Mutex::default(),
            remembered: Mutex::new(Remembered::read(&state_dir)),
            state_dir,
            vault: Mutex::new(vault),
            used_at: Mutex::new(parts.clock.monotonic()),
            clock: parts.clock,
            idle_secs: AtomicU32::new(strict.locks_after_idle_secs),
            locks_with_screen: AtomicBool::new(strict.locks_with_screen),
            locks_on_sleep: AtomicBool::new(strict.locks_on_sleep),
            keeps_window_on_close: AtomicBool::new(strict.keeps_window_on_close),
            holders: Holders::default(),
            is_open: AtomicBool::new(false),
            needs_new_password: AtomicBool::new(false),
            clears_at: Mutex::new(None),
            unsaved: Mutex::default(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn notify(&self, event: Event) {
        self.platform.notify(event);
    }

    /// Who makes the changes.
    pub(crate) fn installation(&self) -> InstallationId {
        *held(&self.installation)
    }

    /// Goes on as another installation: after a backup was restored, new changes must not be taken for those that
    /// were given up.
    pub(crate) fn renew_installation(&self) {
        *held(&self.installation) = crate::places::new_installation(&self.state_dir);
    }

    pub(crate) fn network(&self) -> MutexGuard<'_, (Option<String>, Option<String>)> {
        held(&self.network)
    }

    pub(crate) fn slowdown(&self) -> MutexGuard<'_, Slowdown> {
        held(&self.slowdown)
    }

    /// Seconds to wait before another password is tried.
    pub(crate) fn wait_secs(&self) -> u32 {
        self.slowdown().wait_secs(self.clock.monotonic())
    }

    /// Counts a wrong password or recovery key.
    pub(crate) fn wrong_password(&self) -> u32 {
        self.slowdown().wrong(self.clock.monotonic())
    }

    pub(crate) fn vault_path(&self) -> PathBuf {
        held(&self.vault).clone()
    }

    pub(crate) fn set_vault_path(&self, path: PathBuf) {
        *held(&self.vault) = path;
    }

    pub(crate) fn remembered(&self) -> Remembered {
        held(&self.remembered).clone()
    }

    /// Takes over what the settings decide, and remembers the vault and its theme for the next start.
    pub(crate) fn follow(&self, vault: VaultId, settings: &Settings) {
        self.idle_secs
            .store(settings.locks_after_idle_secs, Ordering::Relaxed);
        for (followed, setting) in [
            (&self.locks_with_screen, settings.locks_with_screen),
            (&self.locks_on_sleep, settings.locks_on_sleep),
            (&self.keeps_window_on_close, settings.keeps_window_on_close),
        ] {
            followed.store(setting, Ordering::Relaxed);
        }
        self.follow_network(settings);
        let remembered = Remembered {
            vault: Some(self.vault_path()),
            id: Some(vault),
            theme: settings.theme,
        };
        remembered.write(&self.state_dir);
        *held(&self.remembered) = remembered;
    }

    /// Says that somebody uses the vault now.
    pub(crate) fn touch(&self) {
        *held(&self.used_at) = self.clock.monotonic();
    }

    /// Whether the vault is to lock when this happens. Before any vault was unlocked it is, as by default.
    pub(crate) fn locks_on(&self, event: DesktopEvent) -> bool {
        let setting = match event {
            DesktopEvent::ScreenLocked | DesktopEvent::UserSwitched => &self.locks_with_screen,
            DesktopEvent::Sleep => &self.locks_on_sleep,
        };
        setting.load(Ordering::Relaxed)
    }

    pub(crate) fn keeps_window_on_close(&self) -> bool {
        self.keeps_window_on_close.load(Ordering::Relaxed)
    }

    /// Takes into account that somebody touched the machine so long ago; tells whether that puts off locking.
    pub(crate) fn touched_before(&self, ago: Duration) -> bool {
        let at = self.clock.monotonic().saturating_sub(ago);
        let mut used_at = held(&self.used_at);
        *used_at = at.max(*used_at);
        drop(used_at);
        self.idle_left().is_none_or(|left| !left.is_zero())
    }

    /// Time until the vault locks for want of use; nothing while it is locked or kept open.
    pub(crate) fn idle_left(&self) -> Option<Duration> {
        if !self.is_open() || self.holders.any() {
            return None;
        }
        let idle = Duration::from_secs(self.idle_secs.load(Ordering::Relaxed).into());
        let until = held(&self.used_at).saturating_add(idle);
        Some(until.saturating_sub(self.clock.monotonic()))
    }

    pub(crate) fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Acquire)
    }

    pub(crate) fn set_open(&self, open: bool) {
        self.is_open.store(open, Ordering::Release);
        if !open {
            self.set_needs_new_password(false);
        }
    }

    pub(crate) fn needs_new_password(&self) -> bool {
        self.needs_new_password.load(Ordering::Acquire)
    }

    pub(crate) fn set_needs_new_password(&self, needs: bool) {
        self.needs_new_password.store(needs, Ordering::Release);
    }

    /// Keeps a vault that no disk took until it is unlocked again.
    pub(crate) fn keep_unsaved(&self, vault: VaultId, bytes: Vec<u8>) {
        *held(&self.unsaved) = Some((vault, bytes));
    }

    /// Hands out what was kept of a vault.
    pub(crate) fn unsaved_of(&self, vault: VaultId) -> Option<Vec<u8>> {
        let kept = held(&self.unsaved).take_if(|(of, _)| *of == vault);
        kept.map(|(_, bytes)| bytes)
    }

    /// Hands out what was kept of any vault.
    pub(crate) fn unsaved(&self) -> Option<(VaultId, Vec<u8>)> {
        held(&self.unsaved).take()
    }

    /// Clears the clipboard after so many seconds.
    pub(crate) fn clear_clipboard_in(&self, secs: u32) {
        let at = self.clock.monotonic() + Duration::from_secs(secs.into());
        *held(&self.clears_at) = Some(at);
    }

    /// Something that is no secret, or nothing of ours, is in the clipboard now.
    pub(crate) fn keep_clipboard(&self) {
        *held(&self.clears_at) = None;
    }

    /// Time until the clipboard is to be cleared, when it is to be.
    pub(crate) fn clipboard_left(&self) -> Option<Duration> {
        let at = (*held(&self.clears_at))?;
        Some(at.saturating_sub(self.clock.monotonic()))
    }
}

/// Nothing panics while holding one of these locks, so a poisoned one holds nothing half-done.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
