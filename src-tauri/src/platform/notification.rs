//! Notifications of the desktop: what was done while no window is there to say it.

/// Something to say. It never holds a value that was copied.
#[derive(Clone, Debug)]
pub(crate) struct Notification {
    /// In a few words.
    pub(crate) summary: String,
    /// The whole.
    pub(crate) body: String,
}

/// Shows a notification, in the place of the one before. A desktop that can't is no failure of what was done.
pub(crate) fn show(notification: Notification) {
    tauri::async_runtime::spawn(async move {
        if let Err(error) = system::show(notification).await {
            tracing::debug!(%error, "no notification");
        }
    });
}

#[cfg(target_os = "linux")]
mod system {
    use std::collections::HashMap;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use zbus::Connection;
    use zbus::zvariant::Value;

    use super::Notification;

    const NAME: &str = "org.freedesktop.Notifications";
    const PATH: &str = "/org/freedesktop/Notifications";
    const PATIENCE: Duration = Duration::from_secs(5);

    /// The notification that is shown; 0 when none is.
    static LAST: AtomicU32 = AtomicU32::new(0);

    /// Shows it, by the Desktop Notifications Specification.
    pub(super) async fn show(notification: Notification) -> zbus::Result<()> {
        let shown = tokio::time::timeout(PATIENCE, notify(notification));
        shown
            .await
            .unwrap_or_else(|_| Err(zbus::Error::Failure("it does not answer".to_owned())))
    }

    async fn notify(Notification { summary, body }: Notification) -> zbus::Result<()> {
        let bus = Connection::session().await?;
        let call = |member: &'static str| (Some(NAME), PATH, Some(NAME), member);
        let (name, path, interface, member) = call("GetCapabilities");
        let answer = bus.call_method(name, path, interface, member, &()).await?;
        let capabilities: Vec<String> = answer.body().deserialize()?;
        let body = if capabilities.iter().any(|can| can == "body-markup") {
            escaped(&body)
        } else {
            body
        };
        // Kept in no history: it tells which accounts somebody has.
        let hints = HashMap::from([
            ("transient", Value::from(true)),
            ("urgency", Value::from(1u8)),
            ("desktop-entry", Value::from("dev.undercroft.Undercroft")),
        ]);
        let message = (
            "Undercroft",
            LAST.load(Ordering::Relaxed),
            "dev.undercroft.Undercroft",
            summary,
            body,
            Vec::<String>::new(),
            hints,
            -1i32,
        );
        let (name, path, interface, member) = call("Notify");
        let answer = bus
            .call_method(name, path, interface, member, &message)
            .await?;
        LAST.store(answer.body().deserialize()?, Ordering::Relaxed);
        Ok(())
    }

    fn escaped(text: &str) -> String {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    }

    #[cfg(test)]
    mod tests {
        #[test]
        fn markup_in_names_is_text() {
            assert_eq!(super::escaped("<b>R&D</b>"), "&lt;b&gt;R&amp;D&lt;/b&gt;");
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::Notification;

    /// Shows it.
    pub(super) async fn show(
        Notification { summary, body }: Notification,
    ) -> notify_rust::error::Result<()> {
        notify_rust::Notification::new()
            .appname("Undercroft")
            .summary(&summary)
            .body(&body)
            .show()
            .map(|_| ())
    }
}
