//! Scanning: what is found, where it belongs, how long it waits, and that no seed is told.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use std::time::Duration;

use crate::stage::{self, OTHER_SEED, SEED, Stage, secret};
use undercroft_model::ItemId;
use undercroft_otp::qr::{Picture, draw};
use undercroft_otp::{OtpAuth, migration_uris};
use undercroft_secret::SecretString;
use undercroft_session::{
    DeviceDraft, EnrolmentAnswer, EnrolmentTurn, Found, LockReason, OtherCode, PictureSource,
    ScanAnswer, ScanError, ScannedDevice, SeedPreview, SessionError,
};

/// Pictures that are there already.
struct Pictures(Vec<Picture>);

impl PictureSource for Pictures {
    fn take(&mut self) -> Result<Vec<Picture>, ScanError> {
        Ok(std::mem::take(&mut self.0))
    }
}

/// A camera that shows the same picture again and again.
struct Camera {
    picture: Picture,
    frames: Arc<AtomicUsize>,
}

impl PictureSource for Camera {
    fn take(&mut self) -> Result<Vec<Picture>, ScanError> {
        self.frames.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(5));
        Ok(vec![self.picture.clone()])
    }

    fn is_live(&self) -> bool {
        true
    }
}

/// A source that fails.
struct Failing(ScanError);

impl PictureSource for Failing {
    fn take(&mut self) -> Result<Vec<Picture>, ScanError> {
        Err(self.0.clone())
    }
}

fn picture(text: &str) -> Picture {
    draw(&secret(text)).unwrap().to_picture(4)
}

fn blank() -> Picture {
    Picture::from_rgba(200, 200, vec![255; 200 * 200 * 4]).unwrap()
}

fn link(label: &str, seed: &str) -> String {
    format!(
        "otpauth://totp/Amazon%20Web%20Services:{label}?secret={seed}&issuer=Amazon%20Web%20Services"
    )
}

fn devices(answer: &ScanAnswer) -> Vec<(ScannedDevice, SeedPreview)> {
    let found = answer.found.iter().zip(0..);
    found
        .filter_map(|(found, number)| match found {
            Found::Device { preview, .. } => {
                let scan = answer.id;
                Some((ScannedDevice { scan, number }, (**preview).clone()))
            }
            Found::Other(_) => None,
        })
        .collect()
}

fn draft(identity: ItemId, name: &str) -> DeviceDraft {
    DeviceDraft {
        serial: String::new(),
        secret: None,
        ..stage::device(identity, name, SEED)
    }
}

#[tokio::test]
async fn a_code_is_found_matched_and_saved_without_its_seed_being_told() {
    let stage = Stage::unlocked().await;
    let account = stage.account("123456789012").await;
    let jane = stage.user(account, "jane.doe").await;
    let screens = vec![blank(), picture(&link("jane.doe@123456789012", SEED))];
    let answer = stage.session.scan(None, Pictures(screens)).await.unwrap();
    assert!(answer.has_device());
    let [(scanned, preview)] = devices(&answer).try_into().unwrap();
    assert_eq!(preview.account.as_ref().map(|row| row.id), Some(account));
    assert_eq!(preview.identity, Some(jane));
    assert_eq!(preview.duplicate_of, None);
    assert!(!format!("{answer:?}").contains(SEED));

    let device = stage
        .session
        .save_scanned_device(draft(jane, ""), scanned)
        .await
        .unwrap();
    let filed = stage.session.identity(jane).await.unwrap();
    assert_eq!(filed.devices[0].id, device);
    assert_eq!(filed.devices[0].name, "jane.doe");
    // The same seed as typed gives the same codes.
    let other = stage.user(account, "twin").await;
    stage.device(other, "twin", SEED).await;
    let codes = |list: Vec<undercroft_session::DeviceCodes>| list[0].code.as_str().to_owned();
    assert_eq!(
        codes(stage.session.codes(jane).await.unwrap()),
        codes(stage.session.codes(other).await.unwrap())
    );
}

#[tokio::test]
async fn a_seed_that_is_held_already_is_said() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let shown = picture(&link("jane.doe@123456789012", SEED));
    let answer = stage
        .session
        .scan(Some(filed.identity), Pictures(vec![shown]))
        .await
        .unwrap();
    let (scanned, preview) = devices(&answer).remove(0);
    assert_eq!(preview.duplicate_of.as_deref(), Some("jane.doe / phone"));
    let saved = stage
        .session
        .save_scanned_device(draft(filed.identity, "again"), scanned)
        .await;
    assert!(matches!(saved, Err(SessionError::Invalid { .. })));
}

#[tokio::test]
async fn several_codes_are_listed_once_each_and_others_get_their_word() {
    let stage = Stage::unlocked().await;
    let texts = [
        link("one@123456789012", SEED),
        link("two@123456789012", OTHER_SEED),
        "https://example.com/token-of-somebody".to_owned(),
        format!("otpauth://hotp/x?secret={SEED}&counter=1"),
        "WIFI:T:WPA;S:home;P:secret;;".to_owned(),
        "FIDO:/071234567890".to_owned(),
        "https://acme.awsapps.com/start".to_owned(),
        "https://view.awsapps.com/start".to_owned(),
        format!("otpauth://motp/x?secret={SEED}"),
        "hello".to_owned(),
    ];
    let mut pictures: Vec<Picture> = texts.iter().map(|text| picture(text)).collect();
    // A mirrored monitor shows the same.
    pictures.push(picture(&texts[0]));
    let answer = stage.session.scan(None, Pictures(pictures)).await.unwrap();
    assert_eq!(devices(&answer).len(), 2);
    let text = vec![picture("hello")];
    let without = stage.session.scan(None, Pictures(text)).await.unwrap();
    assert!(!without.has_device());
    let others: Vec<&OtherCode> = answer
        .found
        .iter()
        .filter_map(|found| match found {
            Found::Other(other) => Some(other),
            Found::Device { .. } => None,
        })
        .collect();
    let host = "example.com".to_owned();
    let unusable = OtherCode::Unusable {
        label: None,
        why: "a device of an unknown type: AWS takes time-based (TOTP) ones only".to_owned(),
    };
    assert_eq!(
        others,
        [
            &OtherCode::WebAddress { host },
            &OtherCode::Hotp { label: None },
            &OtherCode::Wifi,
            &OtherCode::Passkey,
            &OtherCode::SignInPage,
            &OtherCode::SignInPage,
            &unusable,
            &OtherCode::Text
        ]
    );
    assert!(!format!("{answer:?}").contains("token-of-somebody"));
}

#[tokio::test]
async fn each_device_of_an_export_is_offered() {
    let stage = Stage::unlocked().await;
    let account = stage.account("123456789012").await;
    let jane = stage.user(account, "jane.doe").await;
    let uris = [
        link("jane.doe@123456789012", SEED),
        link("other@210987654321", OTHER_SEED),
    ];
    let parsed = uris.map(|uri| OtpAuth::parse(&secret(&uri)).unwrap());
    let export = migration_uris(&parsed);
    let text = &export.uris[0];
    let answer = stage
        .session
        .scan(None, Pictures(vec![draw(text).unwrap().to_picture(4)]))
        .await
        .unwrap();
    let found = devices(&answer);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].1.identity, Some(jane));
    assert!(
        answer
            .found
            .iter()
            .all(|found| matches!(found, Found::Device { exported: true, .. }))
    );
    stage
        .session
        .save_scanned_device(draft(jane, "a"), found[0].0)
        .await
        .unwrap();
    // The others stay until they are saved too.
    let saved = stage
        .session
        .save_scanned_device(draft(jane, "b"), found[1].0);
    saved.await.unwrap();
    // Pasted, it is the same.
    let pasted = stage.session.scan_text(None, text.clone()).await.unwrap();
    assert_eq!(devices(&pasted).len(), 2);
}

#[tokio::test]
async fn codes_that_are_missing_of_an_export_are_said() {
    let stage = Stage::unlocked().await;
    let devices_of_export = (0..11).map(|number| {
        let uri = link(&format!("user{number}@123456789012"), SEED);
        OtpAuth::parse(&secret(&uri)).unwrap()
    });
    let export = migration_uris(&devices_of_export.collect::<Vec<_>>());
    let [first, second] = &export.uris[..] else {
        panic!("{} codes", export.uris.len());
    };
    let drawn = |text| draw(text).unwrap().to_picture(4);
    let scan = async |pictures| {
        let answer = stage.session.scan(None, Pictures(pictures)).await.unwrap();
        let missing = matches!(
            answer.found.last(),
            Some(Found::Other(OtherCode::MissingParts { missing: 1 }))
        );
        (devices(&answer).len(), answer.found.len(), missing)
    };
    let whole = scan(vec![drawn(second), drawn(first)]).await;
    assert_eq!(whole, (11, 11, false));
    let (found, listed, missing) = scan(vec![drawn(first)]).await;
    assert!(missing && found < 11 && listed == found + 1);
}

#[tokio::test]
async fn a_pasted_seed_is_a_device_and_a_pasted_word_is_refused() {
    let stage = Stage::unlocked().await;
    let answer = stage.session.scan_text(None, secret(SEED)).await.unwrap();
    assert_eq!(devices(&answer).len(), 1);
    let refused = stage
        .session
        .scan_text(None, SecretString::copy_of("not a seed!"))
        .await;
    assert!(matches!(refused, Err(SessionError::Invalid { .. })));
}

#[tokio::test]
async fn nothing_found_is_an_answer_and_a_failing_source_an_error() {
    let stage = Stage::unlocked().await;
    let answer = stage.session.scan(None, Pictures(vec![blank()])).await;
    assert!(answer.unwrap().found.is_empty());
    let failed = stage.session.scan(None, Failing(ScanError::Svg)).await;
    assert_eq!(failed.unwrap_err(), SessionError::Scan(ScanError::Svg));
}

#[tokio::test]
async fn what_was_found_is_dropped_in_time_by_the_end_by_the_next_scan_and_by_locking() {
    let stage = Stage::unlocked().await;
    let account = stage.account("123456789012").await;
    let jane = stage.user(account, "jane.doe").await;
    let scan = async || {
        let answer = stage.session.scan_text(None, secret(SEED)).await.unwrap();
        devices(&answer).remove(0).0
    };
    let save = async |scanned| {
        let saved = stage
            .session
            .save_scanned_device(draft(jane, "phone"), scanned);
        saved.await.unwrap_err()
    };
    let gone = SessionError::Scan(ScanError::Gone);

    let ended = scan().await;
    stage.session.end_scan(ended.scan).await.unwrap();
    assert_eq!(save(ended).await, gone);

    let replaced = scan().await;
    let newer = scan().await;
    assert_eq!(save(replaced).await, gone);
    let wrong = ScannedDevice { number: 7, ..newer };
    assert_eq!(save(wrong).await, gone);

    let late = scan().await;
    stage.clock.advance(300.0);
    assert_eq!(save(late).await, gone);

    let locked = scan().await;
    stage.session.lock(LockReason::User).await;
    assert_eq!(save(locked).await, SessionError::Locked);
    stage.unlock().await;
    assert_eq!(save(locked).await, gone);
}

#[tokio::test]
async fn a_camera_is_looked_through_until_it_shows_a_code_or_the_vault_is_locked() {
    let stage = Stage::unlocked().await;
    let frames = Arc::new(AtomicUsize::new(0));
    let camera = |picture| Camera {
        picture,
        frames: frames.clone(),
    };
    let shown = camera(picture(&link("jane@123456789012", SEED)));
    assert!(stage.session.scan(None, shown).await.unwrap().has_device());
    assert_eq!(frames.load(Ordering::SeqCst), 1);

    let session = stage.session.clone();
    let empty = camera(blank());
    let looking = tokio::spawn(async move { session.scan(None, empty).await });
    while frames.load(Ordering::SeqCst) < 4 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stage.session.lock(LockReason::User).await;
    assert_eq!(looking.await.unwrap().unwrap_err(), SessionError::Locked);

    let before = frames.load(Ordering::SeqCst);
    let refused = stage.session.scan(None, camera(blank())).await;
    assert_eq!(refused.unwrap_err(), SessionError::Locked);
    assert_eq!(
        frames.load(Ordering::SeqCst),
        before,
        "no picture was taken"
    );
}

#[tokio::test]
async fn the_two_codes_are_consecutive_and_count_as_used() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    let ask = async |turn| {
        let asked = stage
            .session
            .copy_enrolment_code(filed.identity, filed.device, turn);
        asked.await.unwrap()
    };
    let shown = async || stage.session.codes(filed.identity).await.unwrap().remove(0);

    assert!(matches!(
        ask(EnrolmentTurn::Second).await,
        EnrolmentAnswer::TooLate
    ));
    let before = shown().await;
    let EnrolmentAnswer::Copied(first) = ask(EnrolmentTurn::First).await else {
        panic!("no first code");
    };
    assert_eq!(first.code.as_str(), before.code.as_str());
    assert_eq!(first.clears_in_secs, 30);
    assert_eq!(
        stage.platform.pasted().as_deref(),
        Some(first.code.as_str())
    );
    assert!(shown().await.used);
    let EnrolmentAnswer::NotYet { in_ms } = ask(EnrolmentTurn::Second).await else {
        panic!("the second code came too early");
    };
    stage.clock.advance(f64::from(in_ms) / 1000.0);
    let EnrolmentAnswer::Copied(second) = ask(EnrolmentTurn::Second).await else {
        panic!("no second code");
    };
    assert_eq!(second.code.as_str(), before.next.as_str());
    assert_eq!(
        stage.platform.pasted().as_deref(),
        Some(second.code.as_str())
    );
    assert!(shown().await.used);

    assert!(matches!(
        ask(EnrolmentTurn::First).await,
        EnrolmentAnswer::Copied(again) if again.used_before
    ));
    stage.clock.advance(60.0);
    assert!(matches!(
        ask(EnrolmentTurn::Second).await,
        EnrolmentAnswer::TooLate
    ));
}
