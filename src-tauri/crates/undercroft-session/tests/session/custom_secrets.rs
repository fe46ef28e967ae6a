//! Custom secrets: how many fit, and what becomes of those that are there.

use crate::stage::{Stage, secret};
use undercroft_session::{CustomSecretDraft, SecretRef, SessionError};

#[tokio::test]
async fn fifty_fit_and_each_can_still_be_changed() {
    let stage = Stage::unlocked().await;
    let item = stage.account("123456789012").await;
    let save = async |id, label: &str, value: Option<&str>| {
        let draft = CustomSecretDraft {
            item,
            id,
            label: label.to_owned(),
            value: value.map(secret),
        };
        stage.session.save_custom_secret(draft).await
    };
    let mut fields = Vec::new();
    for number in 0..50 {
        let label = format!("PIN {number}");
        fields.push(save(None, &label, Some("1234")).await.unwrap());
    }
    let refused = save(None, "one more", Some("1234")).await;
    assert_eq!(refused, Err(SessionError::TooMany { limit: 50 }));
    let field = fields[7];
    assert_eq!(save(Some(field), "PIN 7", Some("5678")).await, Ok(field));
    let changed = stage
        .session
        .reveal(SecretRef::Custom { item, field })
        .await;
    assert_eq!(changed.unwrap().expose(), "5678");
    let details = stage.session.account(item).await.unwrap();
    assert_eq!(details.secrets.len(), 50);
}
