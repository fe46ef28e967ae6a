//! How good a new master password is.

use undercroft_secret::SecretString;
use zxcvbn::{Score, zxcvbn};

use crate::{Session, SessionError, Strength};

/// What everybody would try first.
const OUR_WORDS: [&str; 4] = ["undercroft", "vault", "amazon", "aws"];

impl Session {
    /// Tells how good a password is; words of the vault's own count as guessable while it is unlocked.
    ///
    /// # Errors
    /// When the session has ended.
    pub async fn assess_password(&self, password: SecretString) -> Result<Strength, SessionError> {
        self.ask(move |core| {
            let words = core
                .unlocked()
                .map(|open| open.catalogue.words())
                .unwrap_or_default();
            Ok(assess(&password, &words))
        })
        .await
    }
}

/// Tells how good a password is, `words` counting as guessable.
pub(crate) fn assess(password: &SecretString, words: &[String]) -> Strength {
    let words: Vec<&str> = OUR_WORDS
        .into_iter()
        .chain(words.iter().map(String::as_str))
        .collect();
    // Exposed to be taken apart; what zxcvbn leaves in freed memory is the wiping allocator's.
    let found = zxcvbn(password.expose(), &words);
    let score = u8::from(found.score());
    let feedback = found.feedback();
    Strength {
        score,
        guesses_log10: found.guesses_log10(),
        warning: feedback
            .and_then(|feedback| feedback.warning())
            .map(|warning| warning.to_string()),
        suggestions: feedback
            .map(|feedback| {
                feedback
                    .suggestions()
                    .iter()
                    .map(ToString::to_string)
                    .collect()
            })
            .unwrap_or_default(),
        acceptable: found.score() >= Score::Three,
    }
}

/// Refuses a password that is too easy to guess.
pub(crate) fn demand(password: &SecretString, words: &[String]) -> Result<(), SessionError> {
    if assess(password, words).acceptable {
        Ok(())
    } else {
        Err(SessionError::WeakPassword)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guesses(password: &str, words: &[&str]) -> f64 {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        assess(&SecretString::copy_of(password), &words).guesses_log10
    }

    #[test]
    fn easy_ones_are_refused_with_advice_and_long_ones_taken() {
        let weak = assess(&SecretString::copy_of("Password1"), &[]);
        assert!(!weak.acceptable);
        assert!(weak.warning.is_some() || !weak.suggestions.is_empty());
        assert!(assess(&SecretString::copy_of("plinth-otter-vellum-92"), &[]).acceptable);
        assert!(!assess(&SecretString::copy_of(""), &[]).acceptable);
    }

    #[test]
    fn a_score_of_three_is_the_least() {
        for (password, score) in [("kz8rwq2x7", 3), ("kz8rwq2", 2)] {
            let found = assess(&SecretString::copy_of(password), &[]);
            assert_eq!((found.score, found.acceptable), (score, score == 3));
        }
    }

    #[test]
    fn words_of_the_vault_make_a_password_weaker() {
        let with = guesses("larkspur-finch-payer", &["larkspur", "finch", "payer"]);
        assert!(with + 2.0 < guesses("larkspur-finch-payer", &[]));
    }
}
