//! Leapp's workspace, `~/.Leapp/Leapp-lock.json`, of which there is no other export.
//!
//! Leapp encrypts it with CryptoJS (AES-256-CBC, key and IV by OpenSSL's `EVP_BytesToKey` over MD5) under a hash of the
//! machine's id, so whoever may read the machine's id can read it on that machine. It holds how sessions are made: roles,
//! what assumes them, and Identity Center's roles. The access keys of IAM users are not in it but in the system's keyring.
//!
//! Sources: `file-service.ts`, `repository.ts` and the models of Leapp's core; `node-machine-id`.

use std::collections::{BTreeMap, BTreeSet};

use aes::Aes256;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit, block_padding::Pkcs7};
use data_encoding::{BASE64, HEXLOWER};
use md5::{Digest, Md5};
use serde::Deserialize;
use sha2::Sha256;
use undercroft_secret::SecretString;
use zeroize::Zeroizing;

/// What CryptoJS begins its output with.
const SALTED: &[u8] = b"Salted__";

/// What Leapp calls a role's session where nobody named it.
const USUAL_SESSION_NAME: &str = "assumed-from-leapp";

/// Why a workspace can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LeappError {
    /// No id of this machine opens it, or it is damaged.
    #[error(
        "this is Leapp's workspace of another machine or of a Leapp team, or it is damaged: Leapp encrypts it for the machine \
         that it runs on. Import it there, or import ~/.aws/config for its roles"
    )]
    NotOpened,
    /// What it holds is no workspace.
    #[error(
        "this is no workspace of a Leapp that is known here; import ~/.aws/config for its roles"
    )]
    Unrecognised,
}

impl LeappError {
    /// Returns a stable code for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotOpened => "not-opened",
            Self::Unrecognised => "unrecognised",
        }
    }
}

/// What a workspace says, in the words of `~/.aws/config`.
#[derive(Debug, PartialEq, Eq)]
pub struct Workspace {
    /// Its roles, as sections of a config file; it holds no secrets.
    pub config: String,
    /// What of it is not in `config`, and what to do about it.
    pub notes: Vec<String>,
}

/// Decrypts a workspace with one of this machine's ids, as they stand in `/etc/machine-id` and the like.
///
/// # Errors
/// [`LeappError::NotOpened`].
pub fn open(encrypted: &str, machine_ids: &[String]) -> Result<SecretString, LeappError> {
    let bytes = BASE64
        .decode(encrypted.trim().as_bytes())
        .map_err(|_| LeappError::NotOpened)?;
    let rest = bytes.strip_prefix(SALTED).ok_or(LeappError::NotOpened)?;
    let (salt, ciphertext) = rest.split_at_checked(8).ok_or(LeappError::NotOpened)?;
    let ids = machine_ids.iter().map(|id| {
        // What `node-machine-id` makes of it: no white space, in small letters.
        let id: String = id.split_whitespace().collect();
        id.to_lowercase()
    });
    for id in ids {
        let hashed = HEXLOWER.encode(&Sha256::digest(&id));
        for passphrase in [hashed, id] {
            if let Some(text) = decrypt(&passphrase, salt, ciphertext) {
                return Ok(text);
            }
        }
    }
    Err(LeappError::NotOpened)
}

/// Decrypts; `None` where the padding or the text says that the passphrase is another.
fn decrypt(passphrase: &str, salt: &[u8], ciphertext: &[u8]) -> Option<SecretString> {
    // EVP_BytesToKey with one round: 32 bytes of key and 16 of IV.
    let mut derived = Vec::with_capacity(48);
    let mut last: Vec<u8> = Vec::new();
    while derived.len() < 48 {
        let hash = Md5::new()
            .chain_update(&last)
            .chain_update(passphrase)
            .chain_update(salt);
        last = hash.finalize().to_vec();
        derived.extend_from_slice(&last);
    }
    let (key, iv) = derived.split_at(32);
    let cipher = cbc::Decryptor::<Aes256>::new_from_slices(key, iv).ok()?;
    // A workspace has no keys, but may have the password of a proxy.
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let plain = cipher.decrypt_padded::<Pkcs7>(&mut buffer).ok()?;
    let text = std::str::from_utf8(plain).ok()?;
    text.trim_start()
        .starts_with('{')
        .then(|| SecretString::copy_of(text))
}

/// A workspace as far as it is looked at. Leapp writes its private fields, with an underscore.
#[derive(Deserialize)]
struct Document {
    #[serde(rename = "_sessions", alias = "sessions")]
    sessions: Vec<Session>,
    #[serde(rename = "_awsSsoIntegrations", alias = "awsSsoIntegrations", default)]
    integrations: Vec<Integration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Session {
    session_id: String,
    session_name: String,
    r#type: String,
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
    role_arn: Option<String>,
    #[serde(default)]
    role_session_name: Option<String>,
    #[serde(default)]
    parent_session_id: Option<String>,
    #[serde(default)]
    aws_sso_configuration_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Integration {
    id: String,
    portal_url: String,
    region: String,
}

/// Says in the words of `~/.aws/config` what an opened workspace holds.
///
/// # Errors
/// [`LeappError::Unrecognised`].
pub fn parse(json: &str) -> Result<Workspace, LeappError> {
    let document: Document = serde_json::from_str(json).map_err(|_| LeappError::Unrecognised)?;
    let mut names = BTreeMap::new();
    let mut taken = BTreeSet::new();
    let mut config = String::new();
    let mut notes = Vec::new();
    for session in &document.sessions {
        names.insert(session.session_id.as_str(), session.session_name.trim());
    }
    for session in &document.sessions {
        let name = session.session_name.trim();
        if !is_header(name) {
            notes.push("a session is left out: its name can't stand in ~/.aws/config; give it another in Leapp".to_owned());
            continue;
        }
        if !taken.insert(name) {
            notes.push(format!(
                "a second session [{name}] is left out; give it another name in Leapp"
            ));
            continue;
        }
        match session.settings(&names, &document.integrations) {
            Ok(settings) => {
                config.push_str(&format!("[profile {name}]\n"));
                for (key, value) in settings {
                    config.push_str(&format!("{key} = {value}\n"));
                }
            }
            Err(note) => notes.push(format!("[{name}]: {note}")),
        }
    }
    Ok(Workspace { config, notes })
}

impl Session {
    /// What stands in its section.
    ///
    /// # Errors
    /// Why it gets none, and what to do.
    fn settings(
        &self,
        names: &BTreeMap<&str, &str>,
        integrations: &[Integration],
    ) -> Result<Vec<(&'static str, String)>, String> {
        let mut settings = match self.r#type.as_str() {
            "awsIamRoleChained" => self.chained(names)?,
            "awsSsoRole" => self.identity_center(integrations)?,
            "awsIamUser" => return Err(self.where_the_key_is()),
            "awsIamRoleFederated" => {
                return Err(
                    "left out, since signing in by SAML is not known here; a role by a web identity or of Identity Center is"
                        .to_owned(),
                );
            }
            "localstack" => {
                return Err(
                    "left out; for LocalStack add an account with a custom endpoint in the window"
                        .to_owned(),
                );
            }
            _ => {
                return Err("left out, since it is no session of AWS that is known here".to_owned());
            }
        };
        if let Some(region) = self.region.as_deref().filter(|region| is_value(region)) {
            settings.push(("region", region.to_owned()));
        }
        Ok(settings)
    }

    fn chained(&self, names: &BTreeMap<&str, &str>) -> Result<Vec<(&'static str, String)>, String> {
        let arn = self.role_arn.as_deref().filter(|arn| is_value(arn));
        let arn = arn.ok_or("left out, since it names no role")?;
        let parent = self.parent_session_id.as_deref();
        let parent = parent
            .and_then(|id| names.get(id))
            .filter(|name| is_header(name));
        let parent = parent.ok_or("left out, since the session that assumes it is gone")?;
        let mut settings = vec![
            ("role_arn", arn.to_owned()),
            ("source_profile", (*parent).to_owned()),
        ];
        let session_name = self.role_session_name.as_deref();
        let named = session_name.filter(|name| *name != USUAL_SESSION_NAME && is_value(name));
        settings.extend(named.map(|name| ("role_session_name", name.to_owned())));
        Ok(settings)
    }

    fn identity_center(
        &self,
        integrations: &[Integration],
    ) -> Result<Vec<(&'static str, String)>, String> {
        let id = self.aws_sso_configuration_id.as_deref();
        let integration = integrations
            .iter()
            .find(|integration| Some(integration.id.as_str()) == id)
            .filter(|integration| {
                is_value(&integration.portal_url) && is_value(&integration.region)
            });
        let integration = integration.ok_or("left out, since its Identity Center is gone")?;
        // Leapp writes `arn:aws:iam::ACCOUNT/ROLE` here.
        let arn = self.role_arn.as_deref().unwrap_or_default();
        let tail = arn.splitn(5, ':').nth(4).unwrap_or_default();
        let (account, role) = tail.split_once([':', '/']).unwrap_or_default();
        let role = role.rsplit('/').next().unwrap_or_default();
        if !is_value(account) || !is_value(role) {
            return Err("left out, since it names no role".to_owned());
        }
        Ok(vec![
            ("sso_start_url", integration.portal_url.clone()),
            ("sso_region", integration.region.clone()),
            ("sso_account_id", account.to_owned()),
            ("sso_role_name", role.to_owned()),
        ])
    }

    fn where_the_key_is(&self) -> String {
        let id = &self.session_id;
        let is_plain = (1..=64).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let place = if is_plain {
            format!(
                "service Leapp, accounts {id}-iam-user-aws-session-access-key-id and {id}-iam-user-aws-session-secret-access-key"
            )
        } else {
            "service Leapp".to_owned()
        };
        format!(
            "an IAM user, whose access key Leapp keeps in the system's keyring ({place}). Add the key and a session profile \
             of this name in the window, then import this file again for the roles that it assumes"
        )
    }
}

/// Whether a text can stand between the brackets of a section's header, as it is.
fn is_header(name: &str) -> bool {
    is_value(name) && !name.contains(['[', ']', '#', ';', '"', '\'', '\\'])
}

/// Whether a text can stand behind a setting's `=`, as it is.
fn is_value(value: &str) -> bool {
    let is_short = (1..=512).contains(&value.len());
    is_short && value.trim() == value && !value.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A workspace that CryptoJS 4.2 encrypted under the SHA-256 of this id.
    const ENCRYPTED: &str =
        include_str!("../../../../../tests/vectors/aws_files/leapp/Leapp-lock.json");
    const MACHINE_ID: &str = "0123456789abcdef0123456789abcdef\n";

    #[test]
    fn a_workspace_opens_on_its_machine_only() {
        let others = ["ffffffffffffffffffffffffffffffff".to_owned(), String::new()];
        assert_eq!(
            open(ENCRYPTED, &others).expect_err("another machine"),
            LeappError::NotOpened
        );
        let mut ids = others.to_vec();
        ids.push(MACHINE_ID.to_owned());
        let text = open(ENCRYPTED, &ids).expect("this machine's");
        assert!(parse(text.expose()).is_ok());
    }

    #[test]
    fn roles_keep_their_names_and_sources() {
        let text = open(ENCRYPTED, &[MACHINE_ID.to_owned()]).expect("this machine's");
        let workspace = parse(text.expose()).expect("a workspace");
        assert_eq!(
            workspace.config,
            "[profile shop-admin]\n\
             role_arn = arn:aws:iam::123456789012:role/admin\n\
             source_profile = jane\n\
             region = eu-central-1\n\
             [profile shop-audit]\n\
             role_arn = arn:aws:iam::210987654321:role/audit\n\
             source_profile = shop-admin\n\
             role_session_name = jane\n\
             region = eu-central-1\n\
             [profile team-reader]\n\
             sso_start_url = https://example.awsapps.com/start\n\
             sso_region = eu-west-1\n\
             sso_account_id = 123456789012\n\
             sso_role_name = ReadOnly\n\
             region = eu-west-1\n"
        );
        let told = workspace.notes.join("\n");
        for part in [
            "[jane]: an IAM user",
            "[old-saml]: left out",
            "[cloud]: left out",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
        assert_eq!(workspace.notes.len(), 3);
    }

    #[test]
    fn what_would_break_out_of_its_line_is_left_out() {
        let json = r#"{"_sessions":[
            {"sessionId":"1","sessionName":"a]\n[profile b","type":"awsIamRoleChained","roleArn":"x","parentSessionId":"1"},
            {"sessionId":"2","sessionName":"c","type":"awsIamRoleChained","roleArn":"x\naws_access_key_id = y","parentSessionId":"2"},
            {"sessionId":"3","sessionName":"d","type":"awsIamUser"},
            {"sessionId":"4","sessionName":"d","type":"awsIamUser"}]}"#;
        let workspace = parse(json).expect("a workspace");
        assert_eq!(workspace.config, "");
        assert_eq!(workspace.notes.len(), 4);
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "{}", "[]", "{\"_sessions\":1}"] {
            assert_eq!(
                parse(text).expect_err("no workspace"),
                LeappError::Unrecognised
            );
        }
        for text in [
            "",
            "U2FsdGVkX1",
            "U2FsdGVkX18=",
            "not base64 at all",
            "AAAA",
        ] {
            let ids = [MACHINE_ID.to_owned()];
            assert_eq!(
                open(text, &ids).expect_err("not opened"),
                LeappError::NotOpened,
                "{text}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn no_input_panics(encrypted: String, bytes: Vec<u8>, json in "\\PC{0,200}") {
            let ids = [MACHINE_ID.to_owned()];
            let _ = open(&encrypted, &ids);
            let mut salted = SALTED.to_vec();
            salted.extend(bytes);
            let _ = open(&BASE64.encode(&salted), &ids);
            let _ = parse(&json);
        }
    }
}
