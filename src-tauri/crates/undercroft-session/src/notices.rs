//! What the user should know, kept until dismissed or mended.

use crate::{Event, Notice, Session, SessionError, rollback::is_rollback, unlocked::Unlocked};

/// AWS's clock is shown when it is further off than this.
pub(crate) const CLOCK_OFF_SECS: i64 = 30;

/// The notices of an unlocked vault, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Notices(Vec<Notice>);

impl Notices {
    pub(crate) fn all(&self) -> &[Notice] {
        &self.0
    }

    /// Adds a notice; it takes the place of an earlier one about the same thing.
    pub(crate) fn raise(&mut self, notice: Notice) {
        match self
            .0
            .iter_mut()
            .find(|other| is_about_the_same(other, &notice))
        {
            Some(other) => *other = notice,
            None => self.0.push(notice),
        }
    }

    /// Takes out what is mended.
    pub(crate) fn settle(&mut self, is_mended: impl Fn(&Notice) -> bool) -> bool {
        let before = self.0.len();
        self.0.retain(|notice| !is_mended(notice));
        self.0.len() < before
    }

    fn dismiss(&mut self, index: usize) -> Option<Notice> {
        (index < self.0.len()).then(|| self.0.remove(index))
    }
}

fn is_about_the_same(one: &Notice, other: &Notice) -> bool {
    match (one, other) {
        (Notice::ClockOff { host: one, .. }, Notice::ClockOff { host: other, .. }) => one == other,
        (
            Notice::HalfMadeDevice { identity: one, .. },
            Notice::HalfMadeDevice {
                identity: other, ..
            },
        ) => one == other,
        _ => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

impl Session {
    /// Takes a notice away. That of an unsaved change stays until the change is saved.
    ///
    /// # Errors
    /// When the vault is locked or there is no such notice.
    pub async fn dismiss_notice(&self, index: usize) -> Result<(), SessionError> {
        self.act(move |open| open.dismiss_notice(index)).await
    }
}

impl Unlocked {
    fn dismiss_notice(&mut self, index: usize) -> Result<(), SessionError> {
        if let Some(Notice::Unsaved { .. }) = self.notices.all().get(index) {
            return Ok(());
        }
        let notice = self
            .notices
            .dismiss(index)
            .ok_or(SessionError::NoSuchItem)?;
        if is_rollback(&notice) {
            // Told once, and the user has read it: from now on this is the version that was seen last.
            self.go_on();
        }
        self.notify(Event::Changed { item: None });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use undercroft_model::ItemId;

    use super::*;

    fn clock_off(host: &str, offset_secs: i64) -> Notice {
        Notice::ClockOff {
            offset_secs,
            host: host.to_owned(),
        }
    }

    #[test]
    fn a_notice_replaces_one_about_the_same() {
        let mut notices = Notices::default();
        notices.raise(clock_off("a", 31));
        notices.raise(Notice::Strengthened);
        notices.raise(clock_off("b", 40));
        notices.raise(clock_off("a", 50));
        assert_eq!(
            notices.all(),
            [clock_off("a", 50), Notice::Strengthened, clock_off("b", 40)]
        );
        assert!(notices.settle(|notice| matches!(notice, Notice::ClockOff { .. })));
        assert_eq!(notices.all(), [Notice::Strengthened]);
        assert!(!notices.settle(|notice| matches!(notice, Notice::Forked)));
        assert_eq!(notices.dismiss(1), None);
        assert_eq!(notices.dismiss(0), Some(Notice::Strengthened));
    }

    #[test]
    fn each_identity_has_a_notice_of_its_half_made_device() {
        let half_made = |identity, name: &str| Notice::HalfMadeDevice {
            identity,
            name: name.to_owned(),
        };
        let (one, other) = (ItemId::new_random(), ItemId::new_random());
        let mut notices = Notices::default();
        notices.raise(half_made(one, "phone"));
        notices.raise(half_made(other, "phone"));
        notices.raise(half_made(one, "tablet"));
        assert_eq!(
            notices.all(),
            [half_made(one, "tablet"), half_made(other, "phone")]
        );
    }
}
