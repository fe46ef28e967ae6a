//! The way to AWS: what of it the settings take, and that it goes with the vault.

use crate::stage::Stage;
use undercroft_session::{LockReason, Network, SessionError};

/// A self-signed certificate of an authority, made for this test.
const AUTHORITY: &str = include_str!("authority.pem");

fn message(refused: Result<(), SessionError>) -> String {
    match refused {
        Err(SessionError::Invalid { problems }) => problems[0].message.clone(),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_proxy_is_kept_in_the_vault_until_it_is_taken_out() {
    let stage = Stage::unlocked().await;
    assert_eq!(stage.session.network().await, Ok(Network::default()));
    let wrong = stage.session.set_proxy("socks5://proxy:1".into()).await;
    assert!(message(wrong).contains("http://"));
    let address = " http://proxy.example:3128/ ".to_owned();
    stage.session.set_proxy(address).await.unwrap();
    let stage = stage.restart().await;
    stage.unlock().await;
    let network = stage.session.network().await.unwrap();
    assert_eq!(network.proxy.as_deref(), Some("http://proxy.example:3128"));
    stage.session.set_proxy(String::new()).await.unwrap();
    assert_eq!(stage.session.network().await, Ok(Network::default()));
}

#[tokio::test]
async fn certificate_authorities_are_checked_and_counted() {
    let stage = Stage::unlocked().await;
    let wrong = stage.session.set_ca_bundle(Some(b"no PEM".to_vec())).await;
    assert!(message(wrong).contains("PEM"));
    let long = vec![b' '; 256 * 1024 + 1];
    assert!(message(stage.session.set_ca_bundle(Some(long)).await).contains("256 KiB"));
    let two = [AUTHORITY, AUTHORITY].concat().into_bytes();
    stage.session.set_ca_bundle(Some(two)).await.unwrap();
    assert_eq!(stage.session.network().await.unwrap().ca_certificates, 2);
    stage.session.set_ca_bundle(None).await.unwrap();
    assert_eq!(stage.session.network().await, Ok(Network::default()));
    stage.session.lock(LockReason::User).await;
    assert_eq!(stage.session.network().await, Err(SessionError::Locked));
}
