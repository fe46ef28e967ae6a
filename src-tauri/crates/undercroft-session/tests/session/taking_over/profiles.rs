//! Profiles: what they build on, and what of them is taken over.

use super::*;

fn role(name: &str, source: &str) -> String {
    format!(
        "[profile {name}]\nrole_arn = arn:aws:iam::{ID}:role/{name}\nsource_profile = {source}\n"
    )
}

fn problems(found: &[FoundFile]) -> Vec<&str> {
    let problems = found.iter().flat_map(|file| &file.problems);
    problems.map(String::as_str).collect()
}

async fn duration(stage: &Stage, name: &str) -> Option<u32> {
    let duration = profile(stage, name).await.duration;
    duration.map(DurationSecs::as_secs)
}

#[tokio::test]
async fn a_role_builds_on_the_key_of_its_own_files_where_the_vault_has_another_profile_of_that_name()
 {
    let stage = Stage::unlocked().await;
    let joe = "arn:aws:iam::123456789012:user/joe";
    stage.sts.key_is_of(OTHER_KEY, Ok((ID, joe)));
    let first = write(&stage, "credentials", keys("base", KEY, KEY_SECRET));
    import(&stage, &[first]).await;
    let config = write(
        &stage,
        "other/config",
        role("admin", "base") + &role("here", "there") + &role("there", "here"),
    );
    let credentials = keys("base", OTHER_KEY, OTHER_SECRET);
    let credentials = write(&stage, "other/credentials", credentials);
    let found = import(&stage, &[config, credentials]).await;
    assert!(rows(&found[1]).contains(&(ProfileKind, "base", Conflict)));
    let joe = user(&stage, ID, "joe").await;
    let admin = profile(&stage, "admin").await;
    assert!(matches!(
        role_of(&admin).source,
        RoleSource::Identity { identity, .. } if identity == joe.id
    ));
    let problems = problems(&found);
    let lead_back = problems
        .iter()
        .filter(|problem| problem.ends_with("not imported, since its sources lead back to it"));
    assert_eq!(lead_back.count(), 1, "{problems:?}");
}

#[tokio::test]
async fn durations_are_taken_as_far_as_aws_goes() {
    let stage = Stage::unlocked().await;
    let root = "arn:aws:iam::210987654321:root";
    stage.sts.key_is_of(OTHER_KEY, Ok(("210987654321", root)));
    let config = write(
        &stage,
        "config",
        [
            "[profile root-hour]\nduration_seconds = 3600\n".to_owned(),
            "[profile root-more]\nduration_seconds = 3601\n".to_owned(),
            "[profile base]\nduration_seconds = 129600\n".to_owned(),
            role("first", "base") + "duration_seconds = 43200\n",
            role("hour", "first") + "duration_seconds = 3600\n",
            role("more", "first") + "duration_seconds = 3601\n",
        ]
        .concat(),
    );
    let text = [
        keys("root-hour", OTHER_KEY, OTHER_SECRET),
        keys("root-more", OTHER_KEY, OTHER_SECRET),
        keys("base", KEY, KEY_SECRET),
    ];
    let credentials = write(&stage, "credentials", text.concat());
    let found = import(&stage, &[config, credentials]).await;
    for (name, secs) in [
        ("root-hour", Some(3600)),
        ("root-more", None),
        ("base", Some(129_600)),
        ("first", Some(43_200)),
        ("hour", Some(3600)),
        ("more", None),
    ] {
        assert_eq!(duration(&stage, name).await, secs, "{name}");
    }
    let problems = problems(&found);
    let mut left_out: Vec<&str> = problems
        .iter()
        .filter(|problem| problem.contains("duration_seconds is left out"))
        .filter_map(|problem| problem.split(':').next())
        .collect();
    left_out.sort_unstable();
    assert_eq!(left_out, ["[more]", "[root-more]"]);
}

#[tokio::test]
async fn a_role_takes_a_code_where_its_section_or_that_of_its_key_has_a_device() {
    let serial = "mfa_serial = arn:aws:iam::123456789012:mfa/jane.doe\n";
    let mfa = async |stage: &Stage, name: &str| role_of(&profile(stage, name).await).mfa;
    let stage = Stage::unlocked().await;
    let text = [
        keys("with", KEY, KEY_SECRET) + serial,
        keys("without", OTHER_KEY, OTHER_SECRET),
    ];
    let credentials = write(&stage, "credentials", text.concat());
    let own = role("own", "without") + serial;
    let here = write(
        &stage,
        "config",
        role("by-key", "with") + &role("none", "without") + &own,
    );
    import(&stage, &[here, credentials]).await;
    assert_eq!(mfa(&stage, "by-key").await, Mfa::IfThere);
    assert_eq!(mfa(&stage, "own").await, Mfa::IfThere);
    assert_eq!(mfa(&stage, "none").await, Mfa::None);
    // The same where the vault has the profile of the key.
    let later = role("by-key-2", "with") + &role("none-2", "without");
    let later = write(&stage, "later/config", later);
    import(&stage, &[later]).await;
    assert_eq!(mfa(&stage, "by-key-2").await, Mfa::IfThere);
    assert_eq!(mfa(&stage, "none-2").await, Mfa::None);
}

#[tokio::test]
async fn a_profile_that_takes_the_first_usable_key_is_the_one_that_names_it() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage.key(filed.identity, OTHER_KEY).await;
    let inactive = undercroft_session::KeyDraft {
        existing: Some(filed.key.clone()),
        secret: None,
        state: KeyState::Inactive,
        ..stage::key(filed.identity, KEY)
    };
    stage.session.save_access_key(inactive).await.unwrap();
    let draft = stage::session_profile("work", filed.identity);
    stage.session.save_profile(draft).await.unwrap();
    let serial = "mfa_serial = arn:aws:iam::123456789012:mfa/phone\n";
    let text = keys("work", OTHER_KEY, KEY_SECRET) + serial;
    let credentials = write(&stage, "credentials", text);
    let found = import(&stage, &[credentials]).await;
    let shown = rows(&found[0]);
    assert!(
        shown.contains(&(ProfileKind, "work", Duplicate)),
        "{found:?}"
    );
}

#[tokio::test]
async fn the_serial_of_a_role_ten_steps_from_the_key_tells_whose_the_device_is() {
    let stage = Stage::unlocked().await;
    let roles = (1..=10).map(|at| {
        let source = match at {
            1 => "base".to_owned(),
            _ => format!("r{}", at - 1),
        };
        role(&format!("r{at}"), &source)
    });
    let serial = "mfa_serial = arn:aws:iam::123456789012:mfa/tablet\n";
    let config = roles.collect::<String>() + serial;
    let config = write(&stage, "config", config);
    let credentials = write(&stage, "credentials", keys("base", KEY, KEY_SECRET));
    let list = write(&stage, "codes.txt", otpauth("tablet%40123456789012", SEED));
    import(&stage, &[config, credentials, list]).await;
    let jane = user(&stage, ID, "jane.doe").await;
    assert_eq!(jane.devices[0].name, "tablet");
}

#[tokio::test]
async fn a_role_in_an_account_of_the_bin_leaves_it_there() {
    let stage = Stage::unlocked().await;
    let account = stage.account("210987654321").await;
    stage.session.bin_item(account).await.unwrap();
    let config =
        "[profile r]\nrole_arn = arn:aws:iam::210987654321:role/r\nsource_profile = base\n";
    let config = write(&stage, "config", config);
    let credentials = write(&stage, "credentials", keys("base", KEY, KEY_SECRET));
    let found = import(&stage, &[config, credentials]).await;
    assert_eq!(rows(&found[0]), [(ProfileKind, "r", New)]);
    assert_eq!(stage.session.accounts().await.unwrap().len(), 1);
}
