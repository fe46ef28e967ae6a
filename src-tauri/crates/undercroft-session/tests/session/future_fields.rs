//! A vault that a newer version wrote is changed in every way that this one offers, and what that version put in stays.

use std::collections::BTreeMap;

use crate::stage::{self, KEY, OTHER_SEED, Stage, account, secret, session_profile};
use ciborium::Value;
use undercroft_model::{Content, Extra, ItemId, Recipe};
use undercroft_session::{
    AccountDraft, CustomSecretDraft, DeviceDraft, IdentityDraft, KeyDraft, LockReason,
    SettingsDraft, WhoKind,
};

const FUTURE: &str = "of-the-future";

fn mark(extra: &mut Extra, number: &mut i64) {
    *number += 1;
    extra.insert(FUTURE.to_owned(), Value::Integer((*number).into()));
}

/// Puts a field of its own into every record of a content.
fn mark_all(content: &mut Content, number: &mut i64) {
    match content {
        Content::Account(account) => {
            mark(&mut account.extra, number);
            mark(&mut account.endpoints.extra, number);
            for secret in &mut account.secrets {
                mark(&mut secret.extra, number);
            }
        }
        Content::Identity(identity) => {
            mark(&mut identity.extra, number);
            if let Some(sign_on) = &mut identity.sign_on {
                mark(&mut sign_on.extra, number);
                for past in &mut sign_on.past {
                    mark(&mut past.extra, number);
                }
            }
            for device in &mut identity.devices {
                mark(&mut device.extra, number);
            }
            for key in &mut identity.keys {
                mark(&mut key.extra, number);
            }
        }
        Content::Profile(profile) => {
            mark(&mut profile.extra, number);
            if let Recipe::Session(recipe) = &mut profile.recipe {
                mark(&mut recipe.extra, number);
            }
        }
        Content::Settings(settings) => mark(&mut settings.extra, number),
        Content::Unknown { .. } => {}
    }
}

/// The fields of the future within a value.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other values hold none")]
fn collect(value: &Value, found: &mut Vec<i128>) {
    match value {
        Value::Map(pairs) => {
            for (name, value) in pairs {
                if name.as_text() == Some(FUTURE) {
                    found.extend(value.as_integer().map(i128::from));
                }
                collect(value, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
        _ => {}
    }
}

/// What every live item holds of the future.
fn found(stage: &Stage) -> BTreeMap<ItemId, Vec<i128>> {
    stage.in_vault(|vault| {
        let items: Vec<_> = vault.items().map(Result::unwrap).collect();
        let of = |content: &Content| {
            let mut found = Vec::new();
            collect(&Value::serialized(content).unwrap(), &mut found);
            found.sort_unstable();
            found
        };
        items
            .iter()
            .filter_map(|item| Some((item.id, of(item.live()?))))
            .collect()
    })
}

#[tokio::test]
async fn every_change_of_the_session_keeps_what_a_newer_version_put_in() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let session = &stage.session;
    for text in ["first password 1", "second password 2"] {
        session
            .set_password(filed.identity, secret(text))
            .await
            .unwrap();
    }
    let mut custom = CustomSecretDraft {
        item: filed.account,
        id: None,
        label: "PIN".to_owned(),
        value: Some(secret("1234")),
    };
    custom.id = Some(session.save_custom_secret(custom.clone()).await.unwrap());
    let mut profile = session_profile("work", filed.identity);
    profile.id = Some(stage.profile(profile.clone()).await);
    let strict = SettingsDraft {
        clipboard_clears_in_secs: 20,
        locks_after_idle_secs: 600,
        locks_with_screen: true,
        locks_on_sleep: true,
        keeps_window_on_close: false,
        theme: undercroft_model::Theme::System,
    };
    session.save_settings(strict).await.unwrap();
    session.lock(LockReason::User).await;

    let mut marks = 0;
    stage.in_vault(|vault| {
        let items: Vec<_> = vault.items().map(Result::unwrap).collect();
        for item in items {
            let mut content = item.live().unwrap().clone();
            mark_all(&mut content, &mut marks);
            let now = item.modified_at;
            vault.put(Some(item.id), content, now).unwrap();
        }
        vault
            .save(undercroft_model::Timestamp::from_unix_secs(
                stage::START_SECS,
            ))
            .unwrap();
    });
    let before = found(&stage);
    assert_eq!(
        before.values().map(Vec::len).sum::<usize>(),
        usize::try_from(marks).unwrap()
    );
    assert!(marks >= 10, "{marks}");

    stage.unlock().await;
    let changed_account = AccountDraft {
        id: Some(filed.account),
        notes: "changed".to_owned(),
        alias: "changed".to_owned(),
        region: "eu-central-1".to_owned(),
        sts_endpoint: "http://localhost:4566".to_owned(),
        ..account("123456789012")
    };
    session.save_account(changed_account).await.unwrap();
    session.set_favourite(filed.account, true).await.unwrap();
    session.set_favourite(filed.identity, true).await.unwrap();
    let changed_identity = IdentityDraft {
        id: Some(filed.identity),
        account: filed.account,
        kind: WhoKind::IamUser,
        name: "jane.roe".to_owned(),
        notes: "changed".to_owned(),
    };
    session.save_identity(changed_identity).await.unwrap();
    session
        .set_password(filed.identity, secret("third password 3"))
        .await
        .unwrap();
    let changed_device = DeviceDraft {
        id: Some(filed.device),
        ..stage::device(filed.identity, "tablet", OTHER_SEED)
    };
    session.save_device(changed_device).await.unwrap();
    custom.label = "PUK".to_owned();
    session.save_custom_secret(custom).await.unwrap();
    let changed_key = KeyDraft {
        existing: Some(filed.key.clone()),
        ..stage::key(filed.identity, KEY)
    };
    session.save_access_key(changed_key).await.unwrap();
    profile.notes = "changed".to_owned();
    profile.duration = "2h".to_owned();
    session.save_profile(profile.clone()).await.unwrap();
    session
        .set_favourite(profile.id.unwrap(), true)
        .await
        .unwrap();
    let looser = SettingsDraft {
        locks_on_sleep: false,
        ..strict
    };
    session.save_settings(looser).await.unwrap();
    // To the bin and back again.
    session.bin_item(filed.account).await.unwrap();
    session.restore_item(filed.account).await.unwrap();
    session.lock(LockReason::User).await;

    assert_eq!(found(&stage), before);
    println!(
        "{marks} fields of a newer version in {} items, each changed in every way: 0 lost",
        before.len()
    );
}
