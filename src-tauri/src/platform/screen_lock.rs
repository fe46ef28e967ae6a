//! What logind and the screen saver say: the screen was locked, another user came, the machine goes to sleep.
//!
//! Sleep is held up until the vault is locked, for as long as logind allows (a few seconds), by a delay inhibitor.

use std::time::Duration;

use futures_util::StreamExt;
use tauri::Manager;
use undercroft_session::{DesktopEvent, Session};
use zbus::message::Message;
use zbus::zvariant::{OwnedFd, OwnedObjectPath, OwnedValue};
use zbus::{Connection, MatchRule, MessageStream};

use crate::App;

const LOGIND: &str = "org.freedesktop.login1";
const MANAGER: &str = "/org/freedesktop/login1";
const MANAGER_INTERFACE: &str = "org.freedesktop.login1.Manager";
const SESSION_INTERFACE: &str = "org.freedesktop.login1.Session";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// How long to wait before a bus is tried again.
const RETRY: Duration = Duration::from_secs(60);

/// Follows the system's bus and the session's for as long as the program runs.
pub(crate) fn watch(app: &App) {
    let (system, session) = (app.clone(), app.clone());
    tauri::async_runtime::spawn(async move {
        loop {
            if let Err(error) = follow_logind(&system).await {
                tracing::debug!(%error, "logind can't be followed");
            }
            tokio::time::sleep(RETRY).await;
        }
    });
    tauri::async_runtime::spawn(async move {
        loop {
            if let Err(error) = follow_screen_saver(&session).await {
                tracing::debug!(%error, "the screen saver can't be followed");
            }
            tokio::time::sleep(RETRY).await;
        }
    });
}

async fn follow_logind(app: &App) -> zbus::Result<()> {
    let bus = Connection::system().await?;
    let session = session_path(&bus).await?;
    let rule = MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .sender(LOGIND)?
        .path_namespace(MANAGER)?
        .build();
    let mut signals = MessageStream::for_match_rule(rule, &bus, Some(64)).await?;
    let mut inhibitor = inhibit(&bus).await;
    while let Some(signal) = signals.next().await {
        match heard(&signal?, &session) {
            Some(Heard::Event(DesktopEvent::Sleep)) => {
                heed(app, DesktopEvent::Sleep).await;
                // The machine may sleep now.
                drop(inhibitor.take());
            }
            Some(Heard::Event(event)) => heed(app, event).await,
            Some(Heard::Awake) => inhibitor = inhibit(&bus).await,
            None => {}
        }
    }
    Ok(())
}

/// What a signal of logind means.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Event(DesktopEvent),
    Awake,
}

fn heard(signal: &Message, session: &OwnedObjectPath) -> Option<Heard> {
    let header = signal.header();
    let (path, interface, member) = (header.path()?, header.interface()?, header.member()?);
    let is_ours = path.as_str() == session.as_str();
    match (interface.as_str(), member.as_str()) {
        (MANAGER_INTERFACE, "PrepareForSleep") => {
            let begins: bool = signal.body().deserialize().ok()?;
            Some(if begins {
                Heard::Event(DesktopEvent::Sleep)
            } else {
                Heard::Awake
            })
        }
        (SESSION_INTERFACE, "Lock") if is_ours => Some(Heard::Event(DesktopEvent::ScreenLocked)),
        (PROPERTIES, "PropertiesChanged") if is_ours => {
            let body = signal.body();
            let (_, changed, _): (
                String,
                std::collections::HashMap<String, OwnedValue>,
                Vec<String>,
            ) = body.deserialize().ok()?;
            let is = |name: &str, value: bool| {
                changed
                    .get(name)
                    .and_then(|changed| bool::try_from(changed).ok())
                    == Some(value)
            };
            if is("LockedHint", true) {
                Some(Heard::Event(DesktopEvent::ScreenLocked))
            } else if is("Active", false) {
                Some(Heard::Event(DesktopEvent::UserSwitched))
            } else {
                None
            }
        }
        _ => None,
    }
}

/// The session that this process belongs to, else the user's one.
async fn session_path(bus: &Connection) -> zbus::Result<OwnedObjectPath> {
    let manager = |member: &'static str| (Some(LOGIND), MANAGER, Some(MANAGER_INTERFACE), member);
    let (name, path, interface, member) = manager("GetSessionByPID");
    let asked = bus
        .call_method(name, path, interface, member, &std::process::id())
        .await;
    let answer = match asked {
        Ok(answer) => answer,
        // A program of the user's own service manager belongs to no session; `auto` is the one on the display.
        Err(_) => {
            let (name, path, interface, member) = manager("GetSession");
            bus.call_method(name, path, interface, member, &"auto")
                .await?
        }
    };
    answer.body().deserialize()
}

/// Asks logind to wait a moment before sleeping.
async fn inhibit(bus: &Connection) -> Option<OwnedFd> {
    let wish = (
        "sleep",
        "Undercroft",
        "Locks the vault before the machine sleeps",
        "delay",
    );
    let answer = bus
        .call_method(
            Some(LOGIND),
            MANAGER,
            Some(MANAGER_INTERFACE),
            "Inhibit",
            &wish,
        )
        .await
        .inspect_err(|error| tracing::debug!(%error, "sleep can't be held up"))
        .ok()?;
    answer.body().deserialize().ok()
}

/// The screen savers of most desktops tell on the session bus when they begin.
async fn follow_screen_saver(app: &App) -> zbus::Result<()> {
    let bus = Connection::session().await?;
    let rule = |interface: &'static str| -> zbus::Result<MatchRule<'static>> {
        Ok(MatchRule::builder()
            .msg_type(zbus::message::Type::Signal)
            .interface(interface)?
            .member("ActiveChanged")?
            .build())
    };
    let freedesktop =
        MessageStream::for_match_rule(rule("org.freedesktop.ScreenSaver")?, &bus, Some(16)).await?;
    let gnome =
        MessageStream::for_match_rule(rule("org.gnome.ScreenSaver")?, &bus, Some(16)).await?;
    let mut signals = futures_util::stream::select(freedesktop, gnome);
    while let Some(signal) = signals.next().await {
        if signal?.body().deserialize::<bool>().unwrap_or(false) {
            heed(app, DesktopEvent::ScreenLocked).await;
        }
    }
    Ok(())
}

async fn heed(app: &App, event: DesktopEvent) {
    app.state::<Session>().heed(event).await;
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;
    use zbus::zvariant::Value;

    use super::*;

    const SESSION: &str = "/org/freedesktop/login1/session/_31";

    fn meant<B: serde::Serialize + zbus::zvariant::DynamicType>(
        path: &str,
        interface: &str,
        member: &str,
        body: &B,
    ) -> Option<Heard> {
        let signal = Message::signal(path, interface, member)
            .unwrap()
            .build(body)
            .unwrap();
        heard(&signal, &OwnedObjectPath::try_from(SESSION).unwrap())
    }

    #[test]
    fn each_signal_of_logind_means_what_it_says() {
        let lock = |path| meant(path, SESSION_INTERFACE, "Lock", &());
        assert_eq!(
            lock(SESSION),
            Some(Heard::Event(DesktopEvent::ScreenLocked))
        );
        assert_eq!(lock("/org/freedesktop/login1/session/_32"), None);
        let sleep = |begins: bool| meant(MANAGER, MANAGER_INTERFACE, "PrepareForSleep", &begins);
        assert_eq!(sleep(true), Some(Heard::Event(DesktopEvent::Sleep)));
        assert_eq!(sleep(false), Some(Heard::Awake));
        let changed = |name: &str, value: bool| {
            let body = (
                SESSION_INTERFACE,
                HashMap::from([(name, Value::from(value))]),
                Vec::<String>::new(),
            );
            meant(SESSION, PROPERTIES, "PropertiesChanged", &body)
        };
        assert_eq!(
            changed("LockedHint", true),
            Some(Heard::Event(DesktopEvent::ScreenLocked))
        );
        assert_eq!(changed("LockedHint", false), None);
        assert_eq!(
            changed("Active", false),
            Some(Heard::Event(DesktopEvent::UserSwitched))
        );
        assert_eq!(changed("Active", true), None);
        assert_eq!(changed("IdleHint", true), None);
    }

    fn any_value() -> impl Strategy<Value = Value<'static>> {
        prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
            prop::collection::vec(any::<u8>(), 0..12).prop_map(Value::from),
        ]
    }

    proptest! {
        #[test]
        fn only_the_listed_signals_mean_something(
            interface in prop::sample::select(&[MANAGER_INTERFACE, SESSION_INTERFACE, PROPERTIES][..]),
            member in "Lock|Unlock|PrepareForSleep|PropertiesChanged|[A-Z][a-z]{1,9}",
            is_ours: bool,
            body in any_value(),
        ) {
            let path = if is_ours { SESSION } else { MANAGER };
            // A body of one variant is none of the others'.
            let expected = (interface == SESSION_INTERFACE && member == "Lock" && is_ours)
                .then_some(Heard::Event(DesktopEvent::ScreenLocked));
            prop_assert_eq!(meant(path, interface, &member, &body), expected);
        }

        #[test]
        fn no_changed_properties_panic(
            changed in prop::collection::hash_map(
                "LockedHint|Active|IdleHint|[A-Z][a-z]{0,9}",
                any_value(),
                0..4,
            ),
            rest in prop::collection::vec("\\PC{0,12}", 0..3),
        ) {
            let is = |name: &str, value: bool| changed.get(name) == Some(&Value::from(value));
            let expected = if is("LockedHint", true) {
                Some(Heard::Event(DesktopEvent::ScreenLocked))
            } else if is("Active", false) {
                Some(Heard::Event(DesktopEvent::UserSwitched))
            } else {
                None
            };
            let body = (SESSION_INTERFACE, changed, rest);
            prop_assert_eq!(meant(SESSION, PROPERTIES, "PropertiesChanged", &body), expected);
        }
    }

    #[test]
    fn a_signal_with_another_body_is_nothing() {
        assert_eq!(
            meant(MANAGER, MANAGER_INTERFACE, "PrepareForSleep", &"soon"),
            None
        );
    }
}
