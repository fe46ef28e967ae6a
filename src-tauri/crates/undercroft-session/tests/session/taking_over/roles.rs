//! Roles of `~/.aws/config`: what each is assumed with.

use super::*;

#[tokio::test]
async fn roles_are_assumed_with_the_key_itself_or_with_another_role() {
    let stage = Stage::unlocked().await;
    let config = write(
        &stage,
        "config",
        "[profile last]\nrole_arn = arn:aws:iam::333333333333:role/last\nsource_profile = first\n\
         duration_seconds = 43200\n\
         [profile first]\nrole_arn = arn:aws:iam::222222222222:role/team/first\nsource_profile = base\n\
         mfa_serial = arn:aws:iam::123456789012:mfa/phone\nexternal_id = Unique.42\nduration_seconds = 43200\n\
         role_session_name = jane@work\nsource_identity = jane\nsession_tags = Team=Blue,Stage=Dev\n\
         transitive_session_tags = team\n\
         [profile own]\nrole_arn = arn:aws:iam::222222222222:role/own\n\
         [profile machine]\nrole_arn = arn:aws:iam::222222222222:role/m\ncredential_source = Environment\n\
         [profile pod]\nrole_arn = arn:aws:iam::222222222222:role/pod\nweb_identity_token_file = /run/token\n\
         [profile here]\ncredential_process = undercroft credential-process here\n\
         [profile lost]\nrole_arn = arn:aws:iam::222222222222:role/l\nsource_profile = nowhere\n\
         [profile a]\nrole_arn = arn:aws:iam::222222222222:role/a\nsource_profile = b\n\
         [profile b]\nrole_arn = arn:aws:iam::222222222222:role/b\nsource_profile = a\n",
    );
    let text = keys("base", KEY, KEY_SECRET) + &keys("own", OTHER_KEY, OTHER_SECRET);
    let credentials = write(&stage, "credentials", text);
    let list = write(&stage, "codes.txt", otpauth("phone%40123456789012", SEED));
    let found = import(&stage, &[config, credentials, list]).await;

    // A device that is named otherwise than its user is found by the serial in the role.
    let jane = user(&stage, ID, "jane.doe").await;
    assert_eq!(jane.devices[0].name, "phone");
    let first = profile(&stage, "first").await;
    let recipe = role_of(&first);
    assert!(
        matches!(&recipe.source, RoleSource::Identity { identity, .. } if *identity == jane.id)
    );
    assert_eq!(recipe.mfa, Mfa::IfThere);
    assert_eq!(recipe.external_id.as_ref().unwrap().as_str(), "Unique.42");
    assert_eq!(recipe.session_name.as_ref().unwrap().as_str(), "jane@work");
    assert_eq!(recipe.source_identity.as_ref().unwrap().as_str(), "jane");
    let transitive: Vec<_> = recipe.tags.iter().map(|tag| tag.transitive).collect();
    assert_eq!(transitive, [true, false]);
    assert_eq!(first.duration, DurationSecs::parse("43200").ok());
    let last = profile(&stage, "last").await;
    let source = stage
        .session
        .profile_named("first".to_owned())
        .await
        .unwrap();
    assert_eq!(
        role_of(&last).source,
        RoleSource::Profile { profile: source }
    );
    assert_eq!(last.duration, None);
    let own = profile(&stage, "own").await;
    assert!(matches!(
        &role_of(&own).source,
        RoleSource::Identity { key: Some(key), .. } if key.as_str() == OTHER_KEY
    ));
    let pod = profile(&stage, "pod").await;
    assert!(matches!(
        &pod.recipe,
        Recipe::WebIdentity(recipe)
            if recipe.token == TokenSource::File { path: "/run/token".to_owned() }
    ));
    account_of(&stage, "333333333333").await;

    let names: BTreeSet<String> = stage
        .session
        .profiles()
        .await
        .unwrap()
        .iter()
        .map(|row| row.name.to_string())
        .collect();
    let wanted = ["base", "first", "last", "own", "pod"].map(str::to_owned);
    assert_eq!(names, BTreeSet::from(wanted));
    let problems: Vec<_> = found.iter().flat_map(|file| &file.problems).collect();
    for words in [
        "[machine]: not imported",
        "[lost]: not imported",
        "[a]: not imported",
        "[b]: not imported",
        "[last]: duration_seconds is left out",
    ] {
        assert!(
            problems.iter().any(|problem| problem.contains(words)),
            "{words}: {problems:?}"
        );
    }
    assert!(
        !problems.iter().any(|problem| problem.contains("[here]")),
        "{problems:?}"
    );
}

#[tokio::test]
async fn a_role_builds_on_a_profile_that_the_vault_has() {
    let stage = Stage::unlocked().await;
    let credentials = write(&stage, "credentials", keys("base", KEY, KEY_SECRET));
    import(&stage, &[credentials]).await;
    let config = write(
        &stage,
        "later/config",
        "[profile base]\ncredential_process = undercroft credential-process base\n\
         [profile admin]\nrole_arn = arn:aws:iam::123456789012:role/admin\nsource_profile = base\n\
         [profile other]\nrole_arn = arn:aws:iam::123456789012:role/other\nsource_profile = admin\n",
    );
    let found = import(&stage, &[config]).await;
    assert!(found[0].problems.is_empty(), "{found:?}");
    let jane = user(&stage, ID, "jane.doe").await;
    let admin = profile(&stage, "admin").await;
    assert!(matches!(
        &role_of(&admin).source,
        RoleSource::Identity { identity, .. } if *identity == jane.id
    ));
    assert!(matches!(
        &role_of(&profile(&stage, "other").await).source,
        RoleSource::Profile { .. }
    ));
}

#[tokio::test]
async fn eleven_roles_build_on_each_other_and_no_twelfth() {
    let stage = Stage::unlocked().await;
    let roles = (1..=12).map(|at| {
        let source = if at == 1 {
            "base".to_owned()
        } else {
            format!("r{}", at - 1)
        };
        format!(
            "[profile r{at}]\nrole_arn = arn:aws:iam::{ID}:role/r{at}\nsource_profile = {source}\n"
        )
    });
    let config = write(&stage, "config", roles.collect::<String>());
    let credentials = write(&stage, "credentials", keys("base", KEY, KEY_SECRET));
    let found = import(&stage, &[config, credentials]).await;

    let rows = stage.session.profiles().await.unwrap();
    assert_eq!(
        rows.len(),
        12,
        "the key's profile and eleven roles: {rows:?}"
    );
    assert!(rows.iter().any(|row| row.name.as_str() == "r11"));
    let problems: Vec<_> = found.iter().flat_map(|file| &file.problems).collect();
    let [problem] = problems[..] else {
        panic!("not one problem: {problems:?}");
    };
    assert!(problem.contains("[r12]: "), "{problem}");
    assert!(
        problem.contains("more than 10 roles one after another"),
        "{problem}"
    );
}
