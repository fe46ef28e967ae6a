//! Placing access keys and console passwords.

use undercroft_aws::files::Keys;
use undercroft_model::{
    AccessKey, AccessKeyId, AccountAlias, Extra, Field, KeyState, SignOn, rules::MAX_KEYS,
};
use undercroft_secret::SecretString;

use super::{
    FoundKind, FoundStatus,
    hints::{Hint, hints_by_key},
    plan::{Holder, Plan, said},
    reading::{Gathered, Row, Section},
    whose_key::{Answers, Known, Owner, Who, decide},
};
use crate::{identities::LONGEST_PASSWORD, keys::check_secret};

impl Plan<'_> {
    /// Places the keys and passwords of all files.
    pub(super) fn place_keys(&mut self, gathered: &Gathered, answers: &Answers) {
        let hints = hints_by_key(gathered);
        let of = |key: &AccessKeyId| hints.get(key).cloned().unwrap_or_default();
        for section in gathered.groups.iter().flatten() {
            if let Some(keys) = section.keys() {
                self.place_key_of(section, keys, &of(&keys.id), answers);
            }
        }
        for row in &gathered.rows {
            let key = row.keys.key.as_ref();
            let hints = key.map_or_else(|| row.hints(), |(id, _)| of(id));
            self.place_row(row, hints, answers);
        }
        for section in gathered.groups.iter().flatten() {
            let keys = section.keys();
            if let Some(serial) = keys.and_then(|keys| keys.mfa_serial.clone())
                && let Some(holder) = keys.and_then(|keys| self.holder_of_key(&keys.id))
            {
                self.serials_of_keys.insert(serial, holder);
            }
        }
    }

    fn place_key_of(&mut self, section: &Section, keys: &Keys, hints: &[Hint], answers: &Answers) {
        let place = section.place();
        let filed = self.holder_of_key(&keys.id).and_then(|id| self.take(id));
        let holder = match filed {
            Some(holder) => Ok(holder),
            None => decide(&place, answers.of(&keys.id), hints)
                .and_then(|decided| self.take_decided(&place, section.file, decided)),
        };
        match holder {
            Ok(holder) => {
                let is_active = answers.of(&keys.id).is_ok();
                let key = Some((&keys.id, &keys.secret, is_active));
                self.fill(section.file, &place, holder, key, None);
            }
            Err(problem) => self.report(section.file, problem),
        }
    }

    fn place_row(&mut self, row: &Row, hints: Vec<Hint>, answers: &Answers) {
        let place = row.place();
        for problem in &row.keys.problems {
            self.report(row.file, format!("{place}: {problem}"));
        }
        let key = row.keys.key.as_ref();
        let holds_something = key.is_some()
            || row.keys.password.is_some()
            || row.keys.user.is_some() && row.keys.problems.is_empty();
        if !holds_something {
            return;
        }
        let filed = key.and_then(|(id, _)| self.holder_of_key(id));
        let holder = match filed.and_then(|id| self.take(id)) {
            Some(holder) => Ok(holder),
            None => self.take_holder_of(row, &place, hints, answers),
        };
        match holder {
            Ok(holder) => {
                let key = key.map(|(id, secret)| (id, secret, answers.of(id).is_ok()));
                self.fill(row.file, &place, holder, key, row.keys.password.as_ref());
            }
            Err(problem) => self.report(row.file, problem),
        }
    }

    /// The identity of a row whose key the vault does not have, in hand.
    fn take_holder_of(
        &mut self,
        row: &Row,
        place: &str,
        mut hints: Vec<Hint>,
        answers: &Answers,
    ) -> Result<Holder, String> {
        let mut linked = row.keys.account.clone();
        if let Some(alias) = &row.keys.alias
            && let [account] = self.accounts_called(alias.as_str()).as_slice()
            && let Some(account) = self.account(*account)
        {
            linked = Some(account.id.clone());
            hints.insert(0, Hint::of_link(account.partition, account.id));
        }
        let Some((id, _)) = &row.keys.key else {
            return self.take_named(row, place, &hints);
        };
        let said = answers.of(id);
        let said_account = said.as_ref().ok().and_then(|known| known.account.clone());
        let (mut owner, problem) = decide(place, said, &hints)?;
        owner.alias = row.keys.alias.clone();
        if let Some((_, account)) = said_account
            && linked.is_some_and(|id| id != account)
        {
            self.report(
                row.file,
                format!(
                    "{place}: AWS says that the key is of the account {account}, the sign-in link names another; it is filed \
                     as AWS says"
                ),
            );
            owner.alias = None;
        }
        if let (Who::User(said), Some(written)) = (&owner.who, &row.keys.user)
            && said != written
        {
            self.report(
                row.file,
                format!("{place}: AWS says that the key is the user {said}'s, the file names {written}; it is filed as AWS says"),
            );
        }
        self.take_decided(place, row.file, (owner, problem))
    }

    /// The identity of a row without a key, in hand.
    fn take_named(&self, row: &Row, place: &str, hints: &[Hint]) -> Result<Holder, String> {
        let keys = &row.keys;
        if let (Some(alias), false) = (&keys.alias, hints.iter().any(|hint| hint.account.is_some()))
        {
            return Err(no_such_alias(place, alias));
        }
        let decided = decide(place, Ok(Known::default()), hints);
        let (mut owner, _) = decided.map_err(|_| {
            format!("{place} does not tell the account and the user, so nothing of it is imported; add it in the window")
        })?;
        owner.alias = keys.alias.clone();
        self.take_owner(&owner)
            .map_err(|problem| format!("{place}: {problem}"))
    }

    fn take_decided(
        &mut self,
        place: &str,
        file: usize,
        (owner, problem): (Owner, Option<String>),
    ) -> Result<Holder, String> {
        let holder = self.take_owner(&owner);
        let holder = holder.map_err(|problem| format!("{place}: {problem}"))?;
        if let Some(problem) = problem {
            self.report(file, problem);
        }
        Ok(holder)
    }

    /// Adds a key and a password to an identity in hand, places it, and notes all of it.
    fn fill(
        &mut self,
        file: usize,
        place: &str,
        mut holder: Holder,
        key: Option<(&AccessKeyId, &SecretString, bool)>,
        password: Option<&SecretString>,
    ) {
        let mut problems = Vec::new();
        let mut add = |added: Result<FoundStatus, String>| match added {
            Ok(status) => status,
            Err(problem) => {
                problems.push(format!("{place}: {problem}"));
                FoundStatus::Conflict
            }
        };
        if let Some((_, secret, _)) = key
            && let Err(error) = check_secret(secret.expose())
        {
            let problem = format!("{place}: the key is left out: {}", said(&error));
            self.report(file, problem);
            return;
        }
        let key_status = key
            .map(|(id, secret, is_active)| add(self.add_key(&mut holder, id, secret, is_active)));
        let password_status =
            password.map(|password| add(self.add_password(&mut holder, password)));

        let added = [key_status, password_status];
        if holder.is_new || added.contains(&Some(FoundStatus::New)) {
            if let Err(error) = self.place(&holder) {
                self.report(file, format!("{place}: {}", said(&error)));
                return;
            }
            if let Some(problem) = holder.problem_of_root() {
                self.report(file, format!("{place}: {problem}"));
            }
        }
        let status = match password_status {
            _ if holder.is_new => FoundStatus::New,
            Some(status) => status,
            None => FoundStatus::Duplicate,
        };
        self.note_holder(file, &holder, status);
        if let (Some((id, ..)), Some(status)) = (key, key_status) {
            self.note(file, FoundKind::AccessKey, id.to_string(), status);
        }
        for problem in problems {
            self.report(file, problem);
        }
    }

    fn add_key(
        &self,
        holder: &mut Holder,
        id: &AccessKeyId,
        secret: &SecretString,
        is_active: bool,
    ) -> Result<FoundStatus, String> {
        // Exposed to leave out what a file may have around it.
        let secret = SecretString::copy_of(secret.expose().trim());
        let field = Field::AccessKeySecret(id.clone());
        if let Some(filed) = holder.identity.key(id) {
            let filed = self.open.unseal_text(holder.id, &field, &filed.secret);
            return if filed.is_ok_and(|filed| filed.ct_eq(&secret)) {
                Ok(FoundStatus::Duplicate)
            } else {
                Err(format!(
                    "the vault has another secret for the access key {id}, and keeps it; check the key in the window, and \
                     if AWS refuses it there, replace its secret by this one"
                ))
            };
        }
        if holder.identity.keys.len() >= MAX_KEYS {
            return Err(format!(
                "the access key {id} is not imported, since its user has two already, as many as AWS allows; remove the one \
                 that AWS does not have any more, and import again"
            ));
        }
        let now = self.open.now();
        holder.identity.keys.push(AccessKey {
            id: id.clone(),
            secret: self.open.seal_text(holder.id, &field, secret),
            state: if is_active {
                KeyState::Active
            } else {
                KeyState::Unknown
            },
            added_at: now,
            created_at: None,
            rotated_at: None,
            last_used_at: None,
            checked_at: is_active.then_some(now),
            extra: Extra::new(),
        });
        Ok(FoundStatus::New)
    }

    fn add_password(
        &self,
        holder: &mut Holder,
        password: &SecretString,
    ) -> Result<FoundStatus, String> {
        if password.expose().chars().count() > LONGEST_PASSWORD {
            return Err(
                "the password is left out, since a console password has at most 128 characters"
                    .to_owned(),
            );
        }
        let field = Field::Password;
        if let Some(sign_on) = &holder.identity.sign_on {
            let filed = self.open.unseal_text(holder.id, &field, &sign_on.password);
            return if filed.is_ok_and(|filed| filed.ct_eq(password)) {
                Ok(FoundStatus::Duplicate)
            } else {
                Err(
                    "the vault has another console password for this user, and keeps it; if this one is the newer, set it in \
                     the window"
                        .to_owned(),
                )
            };
        }
        let password = SecretString::copy_of(password.expose());
        let sealed = self.open.seal_text(holder.id, &field, password);
        holder.identity.sign_on = Some(SignOn::new(sealed, self.open.now()));
        Ok(FoundStatus::New)
    }
}

fn no_such_alias(place: &str, alias: &AccountAlias) -> String {
    format!(
        "{place}: the sign-in link names the account {alias} by its alias, which no account of the vault has; add that \
         account with its 12 digits and this alias, and import again"
    )
}
