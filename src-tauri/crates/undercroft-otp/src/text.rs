//! Making a stranger's text safe to show.

/// A text without what cannot be seen.
pub(crate) struct Cleaned {
    /// The text, trimmed.
    pub(crate) text: String,
    /// Whether characters were taken out that hide or reorder others.
    pub(crate) had_hidden: bool,
}

/// Removes control characters and those that hide, reorder or annotate others, and trims the rest.
///
/// A label comes out of a QR code that anybody may have drawn: a right-to-left override in it could make
/// one account look like another.
pub(crate) fn clean(text: &str) -> Cleaned {
    let seen: String = text
        .chars()
        .filter(|character| !is_hidden(*character))
        .collect();
    Cleaned {
        had_hidden: seen.len() != text.len(),
        text: seen.trim().to_owned(),
    }
}

/// The zero-width joiners stay: Persian, Indic scripts and emoji need them.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{00ad}'
                | '\u{034f}'
                | '\u{061c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn overrides_and_controls_go() {
        let cleaned = clean(" a\u{202e}b\u{0}c\n\u{2066}d\u{feff} ");
        assert_eq!(cleaned.text, "abcd");
        assert!(cleaned.had_hidden);
        assert!(!clean(" plain ").had_hidden);
    }

    #[test]
    fn scripts_and_emoji_stay_whole() {
        for text in ["می\u{200c}خواهم", "👩\u{200d}💻", "köln"] {
            assert_eq!(clean(text).text, text);
        }
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(text in any::<String>()) {
            let once = clean(&text).text;
            prop_assert_eq!(&clean(&once).text, &once);
            prop_assert!(!clean(&once).had_hidden);
        }
    }
}
