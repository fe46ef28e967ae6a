//! What the tray menu lists: a plain tree, drawn by each platform in its own way.
//!
//! Any program on the session bus can read the labels, so none holds a secret or a code.

use undercroft_model::{IdentityKind, ItemId};
use undercroft_session::{
    AccountRow, LiveSession, QuickAccount, QuickCopy, QuickIdentity, QuickList, SessionId,
};

/// A line of the menu.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Entry {
    /// Something to click.
    Item {
        /// What it says.
        label: String,
        /// What a click does.
        action: Action,
    },
    /// A menu of its own.
    Menu {
        /// What it says.
        label: String,
        /// What is in it.
        entries: Vec<Entry>,
    },
    /// Something to read.
    Note(String),
    /// A line between groups.
    Separator,
}

/// What a click does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Asks for the password.
    Unlock,
    /// Opens quick search.
    Search,
    /// Opens the window.
    Open,
    /// Locks the vault.
    Lock,
    /// Ends the program.
    Quit,
    /// Copies something of an identity.
    Copy(ItemId, QuickCopy),
    /// Copies a live session as lines for the terminal.
    CopySession(SessionId),
    /// Opens the sign-in page for an identity.
    OpenSignIn(ItemId),
    /// Walks through a sign-in to the console.
    SignIn(ItemId),
}

/// The menu for what is unlocked; for a locked vault when there is nothing.
pub(crate) fn entries(list: Option<&QuickList>) -> Vec<Entry> {
    let Some(list) = list else {
        return vec![
            item("Unlock…", Action::Unlock),
            item("Open Undercroft", Action::Open),
            Entry::Separator,
            item("Quit", Action::Quit),
        ];
    };
    let mut menu = vec![item("Search…", Action::Search)];
    let first = list.first.iter().map(|quick| Entry::Menu {
        label: in_account(&quick.row.kind, &quick.account),
        entries: of_identity(quick),
    });
    group(&mut menu, first.collect());
    let mut accounts: Vec<_> = list.accounts.iter().map(of_account).collect();
    if list.left_out > 0 {
        accounts.push(Entry::Note(format!("{} more in Search", list.left_out)));
    }
    group(&mut menu, accounts);
    if !list.live.is_empty() {
        let sessions = Entry::Menu {
            label: "Sessions".to_owned(),
            entries: list.live.iter().map(of_session).collect(),
        };
        group(&mut menu, vec![sessions]);
    }
    let rest = vec![
        item("Lock", Action::Lock),
        item("Open Undercroft", Action::Open),
        Entry::Separator,
        item("Quit", Action::Quit),
    ];
    group(&mut menu, rest);
    menu
}

/// Names who and where, as notifications do, too.
pub(crate) fn in_account(kind: &IdentityKind, account: &AccountRow) -> String {
    format!("{} · {}", who(kind), account_name(account))
}

/// Names an account, and says so where it is marked production.
pub(crate) fn account_name(account: &AccountRow) -> String {
    if account.production {
        format!("{} (production)", account.name)
    } else {
        account.name.clone()
    }
}

fn who(kind: &IdentityKind) -> &str {
    match kind {
        IdentityKind::Root { .. } => "root user",
        IdentityKind::IamUser { .. } => kind.sign_in_name(),
    }
}

fn group(menu: &mut Vec<Entry>, entries: Vec<Entry>) {
    if !entries.is_empty() {
        menu.push(Entry::Separator);
        menu.extend(entries);
    }
}

fn of_account(account: &QuickAccount) -> Entry {
    let identities = account.identities.iter().map(|quick| Entry::Menu {
        label: who(&quick.row.kind).to_owned(),
        entries: of_identity(quick),
    });
    Entry::Menu {
        label: account_name(&account.row),
        entries: identities.collect(),
    }
}

fn of_identity(quick: &QuickIdentity) -> Vec<Entry> {
    let id = quick.row.id;
    let has_key = quick.key.is_some();
    let name = match quick.row.kind {
        IdentityKind::Root { .. } => "Copy email",
        IdentityKind::IamUser { .. } => "Copy user name",
    };
    let copies = [
        (quick.device.is_some(), "Copy MFA code", QuickCopy::Code),
        (quick.row.has_password, "Copy password", QuickCopy::Password),
        (true, name, QuickCopy::Name),
        (has_key, "Copy access key id", QuickCopy::AccessKeyId),
        (has_key, "Copy secret access key", QuickCopy::SecretKey),
        (
            has_key || quick.session.is_some(),
            "Copy session as environment",
            QuickCopy::Session,
        ),
    ];
    let mut entries: Vec<_> = copies
        .into_iter()
        .filter(|(is_there, ..)| *is_there)
        .map(|(_, label, what)| item(label, Action::Copy(id, what)))
        .collect();
    entries.push(item("Open console sign-in page", Action::OpenSignIn(id)));
    entries.push(item("Sign in step by step", Action::SignIn(id)));
    entries
}

fn of_session(live: &LiveSession) -> Entry {
    let label = format!(
        "{}, {} left",
        session_name(live),
        time_left(live.expires_in_secs)
    );
    item(&label, Action::CopySession(live.id))
}

/// Names a session by its profile, or by whose it is, and where it acts.
pub(crate) fn session_name(live: &LiveSession) -> String {
    match (&live.profile, &live.identity_kind) {
        (Some((_, name)), _) => format!("{name} · {}", account_name(&live.account)),
        (None, Some(kind)) => in_account(kind, &live.account),
        (None, None) => account_name(&live.account),
    }
}

/// Says how long, in whole minutes or hours.
fn time_left(secs: u32) -> String {
    match secs / 60 {
        0 => "less than 1 min".to_owned(),
        minutes @ 1..120 => format!("{minutes} min"),
        minutes => format!("{} h", minutes / 60),
    }
}

fn item(label: &str, action: Action) -> Entry {
    Entry::Item {
        label: label.to_owned(),
        action,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_menu_tells_nothing() {
        let labels: Vec<_> = entries(None)
            .into_iter()
            .filter_map(|entry| match entry {
                Entry::Item { label, .. } => Some(label),
                Entry::Menu { .. } | Entry::Note(_) | Entry::Separator => None,
            })
            .collect();
        assert_eq!(labels, ["Unlock…", "Open Undercroft", "Quit"]);
    }

    #[test]
    fn an_empty_vault_has_no_empty_groups() {
        let menu = entries(Some(&QuickList::default()));
        let separators = menu
            .iter()
            .filter(|entry| **entry == Entry::Separator)
            .count();
        assert_eq!((menu.len(), separators), (6, 2));
    }

    #[test]
    fn time_is_said_in_one_unit() {
        for (secs, said) in [
            (0, "less than 1 min"),
            (59, "less than 1 min"),
            (60, "1 min"),
            (3599, "59 min"),
            (7199, "119 min"),
            (7200, "2 h"),
            (129_600, "36 h"),
        ] {
            assert_eq!(time_left(secs), said);
        }
    }
}
