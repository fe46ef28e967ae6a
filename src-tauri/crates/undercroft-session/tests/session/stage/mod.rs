//! The stage for tests of a session: a clock that stands still, a clipboard on record, STS by script, a vault in a
//! folder of its own.

#![allow(
    unreachable_pub,
    reason = "the tests of undercroft-host are set on it, too"
)]

mod clock;
mod console;
mod disk;
mod iam;
mod platform;
mod profiles;
mod sts;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use tempfile::TempDir;
use undercroft_aws::{HttpClient, HttpSettings};
use undercroft_model::{AccessKeyId, DeviceId, InstallationId, ItemId, KeyState, Timestamp};
use undercroft_secret::SecretString;
use undercroft_session::{
    AccountDraft, DeviceDraft, IdentityDraft, KeyDraft, Parts, Places, Session, SessionWish,
    WhoKind,
};
use undercroft_vault::{
    Credential, Disk, KdfParams, OsDisk, UnlockOptions, Vault, store::faulty_disk::FaultyDisk,
};

pub use clock::{FakeClock, START_SECS};
pub use disk::BreakableDisk;
pub use iam::{Fails, ScriptedIam};
pub use platform::FakePlatform;
pub use profiles::{
    DEPLOY, OTHER_KEY, POLICY, chained, federated, filed, problem, role, root, session_profile,
    tag, wait, web, without_code,
};
pub use sts::{Answers, Call, ScriptedSts, Wish};

/// Connections that no scripted STS asks for.
pub fn http() -> HttpClient {
    HttpClient::new(&HttpSettings::default()).unwrap()
}

/// The console's sign-in by script.
pub fn console() -> Arc<dyn undercroft_aws::ConsoleSignIn> {
    Arc::new(console::ScriptedConsole)
}

/// The master password of every test's vault.
pub const PASSWORD: &str = "mortar-quince-saddle-71";
/// What the password of every test's vault costs: the least that is accepted.
pub const KDF: KdfParams = KdfParams {
    iterations: 1,
    ..KdfParams::FLOOR
};
/// The secret of RFC 6238's examples, in Base32.
pub const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
/// Another seed.
pub const OTHER_SEED: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
/// The example key of AWS's documentation.
pub const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
/// Its secret.
pub const KEY_SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// Everything that a test works with.
pub struct Stage {
    pub session: Session,
    pub clock: Arc<FakeClock>,
    pub platform: Arc<FakePlatform>,
    pub sts: Arc<ScriptedSts>,
    pub iam: Arc<ScriptedIam>,
    pub disk: Arc<dyn Disk>,
    pub folder: Arc<TempDir>,
}

/// A made identity with a key and a device.
pub struct Filed {
    pub account: ItemId,
    pub identity: ItemId,
    pub device: DeviceId,
    pub key: AccessKeyId,
}

impl Stage {
    /// A session without a vault.
    pub fn new() -> Self {
        Self::on(Arc::new(OsDisk))
    }

    /// A session without a vault on a disk of the test's own.
    pub fn on(disk: Arc<dyn Disk>) -> Self {
        Self::in_folder(Arc::new(tempfile::tempdir().unwrap()), disk)
    }

    /// A session without a vault on a disk in memory that fails as told.
    pub fn on_faulty() -> (Self, FaultyDisk) {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let disk = FaultyDisk::with_folder(&folder.path().join("vault"));
        disk.add_folder(&folder.path().join("state"));
        (Self::in_folder(folder, Arc::new(disk.clone())), disk)
    }

    /// Another session at the same paths on another disk, and the same clock.
    pub fn beside(&self, disk: &FaultyDisk) -> Self {
        let mut stage = Self::in_folder(self.folder.clone(), Arc::new(disk.clone()));
        stage.clock = self.clock.clone();
        stage.started()
    }

    fn in_folder(folder: Arc<TempDir>, disk: Arc<dyn Disk>) -> Self {
        let _ = std::fs::create_dir(folder.path().join("vault"));
        let clock = Arc::new(FakeClock::new());
        let platform = Arc::new(FakePlatform::default());
        let sts = Arc::new(ScriptedSts::default());
        let iam = Arc::new(ScriptedIam::default());
        let places = Places {
            vault: folder.path().join("vault/it.undercroft"),
            state_dir: folder.path().join("state"),
        };
        let session = Session::start(Parts {
            places,
            platform: platform.clone(),
            clock: clock.clone(),
            sts: sts.clone(),
            iam: iam.clone(),
            console: console(),
            http: http(),
            disk: disk.clone(),
            kdf: Some(KDF),
        });
        Self {
            session,
            clock,
            platform,
            sts,
            iam,
            disk,
            folder,
        }
    }

    /// A session with a new, unlocked vault.
    pub async fn unlocked() -> Self {
        let stage = Self::new();
        stage.create().await;
        stage
    }

    /// Makes the vault; its recovery key.
    pub async fn create(&self) -> SecretString {
        let kit = self.session.create(self.vault(), password()).await.unwrap();
        kit.key
    }

    /// Another session on the same files, as after a new start of the program.
    pub async fn restart(self) -> Self {
        self.restart_with(KDF).await
    }

    /// The same with a session of its own.
    fn started(self) -> Self {
        let session = Session::start(Parts {
            places: Places {
                vault: self.vault(),
                state_dir: self.state_dir(),
            },
            platform: self.platform.clone(),
            clock: self.clock.clone(),
            sts: self.sts.clone(),
            iam: self.iam.clone(),
            console: console(),
            http: http(),
            disk: self.disk.clone(),
            kdf: Some(KDF),
        });
        Self { session, ..self }
    }

    /// The same, where new passwords cost as much as that.
    pub async fn restart_with(self, kdf: KdfParams) -> Self {
        let Self {
            session,
            clock,
            platform,
            sts,
            iam,
            disk,
            folder,
        } = self;
        session.lock(undercroft_session::LockReason::Quit).await;
        drop(session);
        let places = Places {
            vault: folder.path().join("vault/it.undercroft"),
            state_dir: folder.path().join("state"),
        };
        let session = Session::start(Parts {
            places,
            platform: platform.clone(),
            clock: clock.clone(),
            sts: sts.clone(),
            iam: iam.clone(),
            console: console(),
            http: http(),
            disk: disk.clone(),
            kdf: Some(kdf),
        });
        Self {
            session,
            clock,
            platform,
            sts,
            iam,
            disk,
            folder,
        }
    }

    pub fn vault(&self) -> PathBuf {
        self.folder.path().join("vault/it.undercroft")
    }

    pub fn state_dir(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// The one state file.
    pub fn state_file(&self) -> PathBuf {
        let mut files = std::fs::read_dir(self.state_dir()).unwrap();
        files
            .find_map(|entry| {
                let path = entry.unwrap().path();
                (path.extension().is_some_and(|end| end == "state")).then_some(path)
            })
            .expect("a state file")
    }

    /// Files an account.
    pub async fn account(&self, digits: &str) -> ItemId {
        self.session.save_account(account(digits)).await.unwrap()
    }

    /// Files an account with an IAM user that has a key and a device.
    pub async fn filed(&self) -> Filed {
        let account = self.account("123456789012").await;
        let identity = self.user(account, "jane.doe").await;
        let device = self.device(identity, "phone", SEED).await;
        let key = self.key(identity, KEY).await;
        Filed {
            account,
            identity,
            device,
            key,
        }
    }

    pub async fn user(&self, account: ItemId, name: &str) -> ItemId {
        self.session
            .save_identity(IdentityDraft {
                id: None,
                account,
                kind: WhoKind::IamUser,
                name: name.to_owned(),
                notes: String::new(),
            })
            .await
            .unwrap()
    }

    pub async fn device(&self, identity: ItemId, name: &str, seed: &str) -> DeviceId {
        self.session
            .save_device(device(identity, name, seed))
            .await
            .unwrap()
    }

    pub async fn key(&self, identity: ItemId, id: &str) -> AccessKeyId {
        self.session
            .save_access_key(key(identity, id))
            .await
            .unwrap();
        AccessKeyId::parse(id).unwrap()
    }

    pub async fn unlock(&self) {
        self.session.unlock(password()).await.unwrap();
    }

    /// Works on the locked vault beside the session, as another program or machine does.
    pub fn in_vault<R>(&self, work: impl FnOnce(&mut Vault) -> R) -> R {
        let password = password();
        let options = UnlockOptions {
            raise_to: None,
            ..UnlockOptions::new(
                InstallationId::new_random(),
                Timestamp::from_unix_secs(START_SECS),
            )
        };
        let credential = Credential::Password(&password);
        let (mut vault, _) =
            Vault::unlock(Arc::new(OsDisk), &self.vault(), credential, options).unwrap();
        work(&mut vault)
    }

    /// What is shown to the user now.
    pub async fn notices(&self) -> Vec<undercroft_session::Notice> {
        self.session.overview().await.unwrap().notices
    }
}

impl Filed {
    /// A wish for a session of an hour with MFA.
    pub fn wish(&self) -> SessionWish {
        SessionWish {
            identity: self.identity,
            key: self.key.clone(),
            device: Some(self.device),
            duration_secs: 3600,
            fresh: false,
        }
    }
}

pub fn password() -> SecretString {
    SecretString::copy_of(PASSWORD)
}

pub fn secret(text: &str) -> SecretString {
    SecretString::copy_of(text)
}

pub fn account(digits: &str) -> AccountDraft {
    AccountDraft {
        account_id: digits.to_owned(),
        partition: "aws".to_owned(),
        name: format!("Account {digits}"),
        ..AccountDraft::default()
    }
}

pub fn device(identity: ItemId, name: &str, seed: &str) -> DeviceDraft {
    DeviceDraft {
        identity,
        id: None,
        name: name.to_owned(),
        serial: format!("arn:aws:iam::123456789012:mfa/{name}"),
        algorithm: "SHA1".to_owned(),
        digits: 6,
        period_secs: 30,
        secret: Some(secret(seed)),
    }
}

pub fn key(identity: ItemId, id: &str) -> KeyDraft {
    KeyDraft {
        identity,
        existing: None,
        id: id.to_owned(),
        secret: Some(secret(KEY_SECRET)),
        state: KeyState::Unknown,
        created_on: String::new(),
    }
}

/// Every file below a folder.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}
