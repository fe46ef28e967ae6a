//! The way to AWS: what of it the settings take, and that it goes with the vault.

use std::{sync::Arc, time::Duration};

use crate::stage::{self, Filed, Stage};
use tokio::{io::AsyncReadExt, net::TcpListener, time::timeout};
use undercroft_aws::{AwsSts, SystemClock};
use undercroft_session::{LockReason, Network, Parts, Places, Session, SessionError};

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
    let mut longest = AUTHORITY.as_bytes().to_vec();
    longest.resize(256 * 1024, b'\n');
    stage.session.set_ca_bundle(Some(longest)).await.unwrap();
    let two = [AUTHORITY, AUTHORITY].concat().into_bytes();
    stage.session.set_ca_bundle(Some(two)).await.unwrap();
    assert_eq!(stage.session.network().await.unwrap().ca_certificates, 2);
    stage.session.set_ca_bundle(None).await.unwrap();
    assert_eq!(stage.session.network().await, Ok(Network::default()));
    stage.session.lock(LockReason::User).await;
    assert_eq!(stage.session.network().await, Err(SessionError::Locked));
}

/// A session on the same vault whose calls go out into the world, the way that it sets up.
fn going_out(stage: &Stage) -> Session {
    let http = stage::http();
    Session::start(Parts {
        places: Places {
            vault: stage.vault(),
            state_dir: stage.state_dir(),
        },
        platform: stage.platform.clone(),
        clock: stage.clock.clone(),
        sts: Arc::new(AwsSts::new(http.clone(), Arc::new(SystemClock))),
        iam: stage.iam.clone(),
        console: stage::console(),
        http,
        disk: stage.disk.clone(),
        kdf: Some(stage::KDF),
    })
}

/// Asks AWS something, and waits until a proxy is asked to connect to it.
async fn reaches(session: &Session, filed: &Filed, proxy: &TcpListener) {
    let (session, identity, key) = (session.clone(), filed.identity, filed.key.clone());
    let asking = tokio::spawn(async move { session.check_access_key(identity, key).await });
    let (mut asked, _) = timeout(Duration::from_secs(20), proxy.accept())
        .await
        .expect("a call by the proxy")
        .unwrap();
    let mut start = [0; 12];
    asked.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"CONNECT sts.");
    asking.abort();
}

#[tokio::test]
async fn calls_take_the_proxy_of_the_vault_also_after_it_was_changed() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let one = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = |proxy: &TcpListener| format!("http://{}", proxy.local_addr().unwrap());
    stage.session.set_proxy(address(&one)).await.unwrap();
    stage.session.lock(LockReason::Quit).await;
    let session = going_out(&stage);
    session.unlock(stage::password()).await.unwrap();
    reaches(&session, &filed, &one).await;
    session.set_proxy(address(&other)).await.unwrap();
    reaches(&session, &filed, &other).await;
}
