//! The global shortcut under Wayland: the desktop keeps the keys and tells through its portal when they are pressed.
//!
//! As with the screen, the portal looks into `/proc` to learn who asks and refuses a process that is not dumpable. So
//! a second process of this program listens, which holds nothing secret, and says `pressed` on its output each time.
//! It ends when this process does: then its input ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{ChildStdin, Command, ExitCode, Stdio};

use ashpd::desktop::global_shortcuts::{GlobalShortcuts, NewShortcut};
use futures_util::StreamExt;

use crate::platform::capture::portal::PASSED_ON;

/// The argument that makes this program the helper.
const OPTION: &str = "--shortcuts-portal";
/// What the shortcut is called between us and the desktop.
const ID: &str = "quick-search";
/// What the helper says first, before what the desktop calls the keys.
const BOUND: &str = "bound ";
/// What the helper says each time.
const PRESSED: &str = "pressed";
/// A longer line of the helper is none.
const MOST_LINE: u64 = 1024;

/// What the helper tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// The desktop gave keys, which it calls this.
    Bound(String),
    /// They were pressed.
    Pressed,
    /// The desktop has no such portal, the user refused, or the helper ended.
    Over,
}

/// Asks the desktop for the keys and passes on what it tells. The helper ends when what is returned is dropped.
pub(super) fn listen(
    keys: &str,
    tell: impl Fn(Told) + Send + 'static,
) -> std::io::Result<ChildStdin> {
    let kept = PASSED_ON
        .iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?)));
    // Also there when the file was replaced by an update.
    let mut helper = Command::new("/proc/self/exe")
        .arg(OPTION)
        .arg(trigger(keys))
        .env_clear()
        .envs(kept)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let (Some(input), Some(output)) = (helper.stdin.take(), helper.stdout.take()) else {
        return Err(std::io::ErrorKind::BrokenPipe.into());
    };
    std::thread::spawn(move || {
        let mut lines = BufReader::new(output);
        while let Some(told) = next(&mut lines) {
            tell(told);
        }
        // It has ended or is about to.
        let _ = helper.wait();
        tell(Told::Over);
    });
    Ok(input)
}

fn next(lines: &mut impl BufRead) -> Option<Told> {
    let mut line = String::new();
    lines.take(MOST_LINE).read_line(&mut line).ok()?;
    match line.trim_end() {
        PRESSED => Some(Told::Pressed),
        line => line
            .strip_prefix(BOUND)
            .map(|keys| Told::Bound(keys.to_owned())),
    }
}

/// Writes keys as the XDG shortcuts specification has them.
fn trigger(keys: &str) -> String {
    let parts = keys.split('+').map(|part| match part {
        "Ctrl" => "CTRL".to_owned(),
        "Alt" => "ALT".to_owned(),
        "Shift" => "SHIFT".to_owned(),
        "Super" => "LOGO".to_owned(),
        "Space" => "space".to_owned(),
        "Enter" => "Return".to_owned(),
        "Backspace" => "BackSpace".to_owned(),
        "PageUp" => "Page_Up".to_owned(),
        "PageDown" => "Page_Down".to_owned(),
        letter if letter.len() == 1 => letter.to_lowercase(),
        other => other.to_owned(),
    });
    parts.collect::<Vec<_>>().join("+")
}

/// Is the helper, where this program was started as it. Must come before anything secret.
pub(crate) fn helper(mut arguments: impl Iterator<Item = String>) -> Option<ExitCode> {
    if arguments.next().as_deref() != Some(OPTION) {
        return None;
    }
    let trigger = arguments.next().unwrap_or_default();
    std::thread::spawn(|| {
        let mut nothing = [0; 1];
        // Nothing comes: this returns when the program that listens is gone.
        let _ = std::io::stdin().read(&mut nothing);
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let followed = runtime.map(|runtime| runtime.block_on(follow(&trigger)));
    Some(match followed {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(_)) | Err(_) => ExitCode::FAILURE,
    })
}

async fn follow(trigger: &str) -> ashpd::Result<()> {
    // Desktops that ask for a name of the program take this one; others know none.
    if let Ok(name) = "dev.undercroft.Undercroft".try_into() {
        let _ = ashpd::register_host_app(name).await;
    }
    let portal = GlobalShortcuts::new().await?;
    let session = portal.create_session(Default::default()).await?;
    let mut pressed = portal.receive_activated().await?;
    let wish = NewShortcut::new(ID, "Open quick search").preferred_trigger(trigger);
    let request = portal
        .bind_shortcuts(&session, &[wish], None, Default::default())
        .await?;
    let bound = request.response()?;
    let Some(keys) = bound
        .shortcuts()
        .iter()
        .find(|shortcut| shortcut.id() == ID)
    else {
        return Ok(());
    };
    say(&format!("{BOUND}{}", keys.trigger_description()));
    while let Some(shortcut) = pressed.next().await {
        if shortcut.shortcut_id() == ID {
            say(PRESSED);
        }
    }
    Ok(())
}

fn say(line: &str) {
    let mut output = std::io::stdout();
    // When nobody listens any more the input has ended, too.
    let _ = writeln!(output, "{line}").and_then(|()| output.flush());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_that_a_helper_says_panics_or_goes_on_for_ever(
            said in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..300),
                "(pressed\n|bound \\PC{0,9}\n|\\PC{0,9}\n){0,9}".prop_map(String::into_bytes),
            ],
        ) {
            let mut lines = said.as_slice();
            let told = std::iter::from_fn(|| next(&mut lines)).count();
            prop_assert!(told <= said.len());
        }

        #[test]
        fn no_keys_panic(keys: String) {
            let _ = trigger(&keys);
        }
    }

    #[test]
    fn what_the_helper_says_is_understood_line_by_line() {
        let said = "bound Ctrl+Alt+U\npressed\npressed\n";
        let mut lines = said.as_bytes();
        let told: Vec<_> = std::iter::from_fn(|| next(&mut lines)).collect();
        assert_eq!(
            told,
            [
                Told::Bound("Ctrl+Alt+U".to_owned()),
                Told::Pressed,
                Told::Pressed
            ]
        );
        assert_eq!(next(&mut "nonsense\npressed\n".as_bytes()), None);
        assert_eq!(next(&mut [b'x'; 5000].as_slice()), None);
    }

    #[test]
    fn keys_are_written_as_the_specification_has_them() {
        for (keys, written) in [
            ("Ctrl+Alt+U", "CTRL+ALT+u"),
            ("Super+Shift+Space", "LOGO+SHIFT+space"),
            ("Ctrl+F12", "CTRL+F12"),
            ("Alt+PageDown", "ALT+Page_Down"),
        ] {
            assert_eq!(trigger(keys), written);
        }
    }

    #[test]
    fn other_arguments_start_no_helper() {
        let arguments = ["--quick", OPTION].map(str::to_owned);
        assert!(helper(arguments.into_iter()).is_none());
    }
}
