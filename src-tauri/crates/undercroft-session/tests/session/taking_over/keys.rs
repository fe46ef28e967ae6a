//! Access keys and passwords: whose they are, and what stays out.

use super::*;
use undercroft_model::Partition;
use undercroft_session::AccountDraft;

const ELSEWHERE: &str = "210987654321";

/// A row of the console's table.
fn row(user: &str, password: &str, key: &str, secret: &str, link: &str) -> String {
    let link = match link {
        "" => String::new(),
        account => format!("https://{account}.signin.aws.amazon.com/console"),
    };
    format!("{user},{password},{key},{secret},{link}\n")
}

fn table(stage: &Stage, rows: &[String]) -> PathBuf {
    let head = "User name,Password,Access key ID,Secret access key,Console login link\n";
    write(stage, "credentials.csv", format!("{head}{}", rows.concat()))
}

fn key_ids(user: &IdentityDetails) -> Vec<&str> {
    user.keys.iter().map(|key| key.id.as_str()).collect()
}

#[tokio::test]
async fn users_of_one_name_are_kept_apart_by_their_accounts_and_of_one_account_by_their_names() {
    let stage = Stage::unlocked().await;
    // One account is there, the other comes with its first key.
    stage.account(ELSEWHERE).await;
    let jane = "arn:aws:iam::123456789012:user/jane";
    let other_jane = "arn:aws:iam::210987654321:user/jane";
    let joe = "arn:aws:iam::123456789012:user/joe";
    stage.sts.key_is_of(KEY, Ok((ID, jane)));
    stage.sts.key_is_of(OTHER_KEY, Ok((ELSEWHERE, other_jane)));
    stage.sts.key_is_of(NEWER_KEY, Ok((ID, joe)));
    let text = [
        keys("jane", KEY, KEY_SECRET),
        keys("other", OTHER_KEY, OTHER_SECRET),
        keys("joe", NEWER_KEY, OTHER_SECRET),
    ];
    let credentials = write(&stage, "credentials", text.concat());
    import(&stage, &[credentials]).await;
    for (account, name, key) in [
        (ID, "jane", KEY),
        (ELSEWHERE, "jane", OTHER_KEY),
        (ID, "joe", NEWER_KEY),
    ] {
        let user = user(&stage, account, name).await;
        assert_eq!(key_ids(&user), [key], "{name} of {account}");
    }
    // The only key of a user is not named, so that a newer one can take its place.
    let Recipe::Session(recipe) = profile(&stage, "jane").await.recipe else {
        panic!("no session");
    };
    assert_eq!(recipe.key, None);
}

#[tokio::test]
async fn accounts_of_one_number_in_two_partitions_are_two() {
    let stage = Stage::unlocked().await;
    stage.sts.key_is_of(KEY, Ok((ID, JANE)));
    let there = "arn:aws-cn:iam::123456789012:user/jane.doe";
    stage.sts.key_is_of(OTHER_KEY, Ok((ID, there)));
    let text = keys("here", KEY, KEY_SECRET) + &keys("there", OTHER_KEY, OTHER_SECRET);
    let credentials = write(&stage, "credentials", text);
    import(&stage, &[credentials]).await;
    let mut held = Vec::new();
    for row in stage.session.accounts().await.unwrap() {
        let account = stage.session.account(row.id).await.unwrap();
        let user = &account.identities[0];
        let user = stage.session.identity(user.id).await.unwrap();
        held.push((row.partition, user.keys[0].id.to_string()));
    }
    held.sort();
    assert_eq!(
        held,
        [
            (Partition::Aws, KEY.to_owned()),
            (Partition::AwsCn, OTHER_KEY.to_owned())
        ]
    );
}

#[tokio::test]
async fn a_key_is_asked_about_in_its_own_partition_and_region() {
    let stage = Stage::unlocked().await;
    stage.sts.caller_is(Err(AwsErrorKind::InactiveOrUnknownKey));
    let config = write(
        &stage,
        "config",
        "[profile north]\nregion = cn-northwest-1\n\
         [profile west]\nregion = eu-west-1\nmfa_serial = arn:aws-cn:iam::123456789012:mfa/jane\n\
         [profile here]\nregion = eu-central-1\n",
    );
    let text = [
        keys("north", KEY, KEY_SECRET),
        keys("west", OTHER_KEY, OTHER_SECRET),
        keys("here", NEWER_KEY, OTHER_SECRET),
    ];
    let credentials = write(&stage, "credentials", text.concat());
    let asked = ImportPaths {
        dry_run: true,
        ..wish(&[config, credentials])
    };
    stage.session.import_paths(asked).await.unwrap();
    let urls: BTreeSet<String> = stage.sts.calls().into_iter().map(|call| call.url).collect();
    let wanted = [
        "https://sts.cn-north-1.amazonaws.com.cn",
        "https://sts.cn-northwest-1.amazonaws.com.cn",
        "https://sts.eu-central-1.amazonaws.com",
    ];
    assert_eq!(urls, wanted.map(str::to_owned).into());
}

#[tokio::test]
async fn a_row_is_filed_for_what_can_be_used_of_it() {
    let stage = Stage::unlocked().await;
    let table = table(
        &stage,
        &[
            row("alone", "", "", "", ID),
            row("broken", "", "no-key", KEY_SECRET, ID),
            row("signs-in", "pass", "no-key", KEY_SECRET, ID),
            row("", "", "", "", ID),
        ],
    );
    let found = import(&stage, &[table]).await;
    assert_eq!(
        rows(&found[0]),
        [
            (Account, ID, New),
            (Identity, "alone", New),
            (Identity, "signs-in", New),
        ]
    );
    let problems = &found[0].problems;
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].starts_with("row 2: the access key is left out"));
    assert!(problems[1].starts_with("row 3: the access key is left out"));
    assert!(user(&stage, ID, "alone").await.sign_on.is_none());
    assert!(user(&stage, ID, "signs-in").await.sign_on.is_some());

    // Rows are counted where there are several.
    let single = write(
        &stage,
        "jane_accessKeys.csv",
        format!("Access key ID,Secret access key\nno-key,{KEY_SECRET}\n"),
    );
    let found = import(&stage, &[single]).await;
    let problem = &found[0].problems[0];
    assert!(problem.starts_with("this file: "), "{problem}");
}

#[tokio::test]
async fn what_aws_says_of_a_key_wins_over_its_row_and_is_told() {
    let stage = Stage::unlocked().await;
    let there = "arn:aws:iam::210987654321:user/jane";
    stage.sts.key_is_of(KEY, Ok((ELSEWHERE, there)));
    let joe = "arn:aws:iam::123456789012:user/joe";
    stage.sts.key_is_of(OTHER_KEY, Ok((ID, joe)));
    let ann = "arn:aws:iam::123456789012:user/ann";
    stage.sts.key_is_of(NEWER_KEY, Ok((ID, ann)));
    let table = table(
        &stage,
        &[
            row("jane", "", KEY, KEY_SECRET, ID),
            row("jim", "", OTHER_KEY, OTHER_SECRET, ID),
            row("ann", "", NEWER_KEY, OTHER_SECRET, ID),
        ],
    );
    let found = import(&stage, &[table]).await;
    assert_eq!(key_ids(&user(&stage, ELSEWHERE, "jane").await), [KEY]);
    assert_eq!(key_ids(&user(&stage, ID, "joe").await), [OTHER_KEY]);
    assert_eq!(key_ids(&user(&stage, ID, "ann").await), [NEWER_KEY]);
    let [account, name] = &found[0].problems[..] else {
        panic!("not two problems: {:?}", found[0].problems);
    };
    for words in ["row 1: ", ELSEWHERE, "the sign-in link names another"] {
        assert!(account.contains(words), "{account}");
    }
    for words in ["row 2: ", "the user joe's", "the file names jim"] {
        assert!(name.contains(words), "{name}");
    }
}

#[tokio::test]
async fn an_account_does_not_get_the_alias_of_another() {
    let stage = Stage::unlocked().await;
    let acme = AccountDraft {
        alias: "acme".to_owned(),
        ..stage::account(ID)
    };
    stage.session.save_account(acme).await.unwrap();
    let there = "arn:aws:iam::210987654321:user/jane";
    stage.sts.key_is_of(KEY, Ok((ELSEWHERE, there)));
    let new = "arn:aws:iam::609629065308:user/joe";
    stage.sts.key_is_of(NEWER_KEY, Ok(("609629065308", new)));
    let table = table(
        &stage,
        &[
            row("jane", "", KEY, KEY_SECRET, "acme"),
            row("joe", "", NEWER_KEY, OTHER_SECRET, "new-shop"),
        ],
    );
    let found = import(&stage, &[table]).await;
    let problems = &found[0].problems;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].contains("the sign-in link names another"));
    let alias = async |digits| account_of(&stage, digits).await.row.alias;
    assert_eq!(alias(ELSEWHERE).await, None);
    let of_new = alias("609629065308").await;
    assert_eq!(of_new.unwrap().as_str(), "new-shop");
}

#[tokio::test]
async fn passwords_are_taken_up_to_128_characters_and_the_first_is_kept() {
    let stage = Stage::unlocked().await;
    let (longest, too_long) = ("ü".repeat(128), "ü".repeat(129));
    let table = table(
        &stage,
        &[
            row("joe", &longest, "", "", ID),
            row("ann", &too_long, "", "", ID),
            row("joe", "another", "", "", ID),
            row("joe", &longest, "", "", ID),
        ],
    );
    let found = import(&stage, &[table]).await;
    assert_eq!(
        rows(&found[0]),
        [
            (Account, ID, New),
            (Identity, "joe", New),
            (Identity, "ann", New),
            (Identity, "joe", Conflict),
        ]
    );
    let problems = &found[0].problems;
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].contains("row 2: the password is left out"));
    assert!(problems[1].contains("row 3: the vault has another console password"));
    let joe = user(&stage, ID, "joe").await;
    let password = SecretRef::Password { identity: joe.id };
    let password = stage.session.reveal(password).await.unwrap();
    assert_eq!(password.expose(), longest);
    assert!(user(&stage, ID, "ann").await.sign_on.is_none());
}

#[tokio::test]
async fn what_is_in_the_bin_comes_back_from_there_and_not_out_of_a_file() {
    let stage = Stage::unlocked().await;
    let filed = stage.filed().await;
    stage.session.bin_item(filed.identity).await.unwrap();
    let account = stage.account(ELSEWHERE).await;
    stage.session.bin_item(account).await.unwrap();
    let there = "arn:aws:iam::210987654321:user/joe";
    stage.sts.key_is_of(NEWER_KEY, Ok((ELSEWHERE, there)));
    let text = [
        keys("jane", OTHER_KEY, OTHER_SECRET),
        keys("joe", NEWER_KEY, OTHER_SECRET),
        keys("ann", KEY, "a-cut-off-one"),
    ];
    let credentials = write(&stage, "credentials", text.concat());
    let before = state(&stage).await;
    let found = import(&stage, &[credentials]).await;
    assert_eq!(state(&stage).await, before);
    assert!(rows(&found[0]).is_empty(), "{found:?}");
    let wanted = [
        "[jane]: its user is in the bin; restore it from there and import again",
        "[joe]: its account is in the bin; restore it from there and import again",
        "[ann]: the key is left out: a secret access key has 40 characters",
    ];
    assert_eq!(found[0].problems.len(), 3, "{found:?}");
    for (problem, wanted) in found[0].problems.iter().zip(wanted) {
        assert!(problem.starts_with(wanted), "{problem}");
    }
}

#[tokio::test]
async fn a_refusal_is_one_keys_own_and_no_key_is_asked_about_twice() {
    let stage = Stage::unlocked().await;
    stage.sts.caller_is(Err(AwsErrorKind::InactiveOrUnknownKey));
    let ids: Vec<String> = (0..20)
        .map(|n| format!("AKIAIOSFODNN7EXAM{n:03}"))
        .collect();
    let sections = ids.iter().map(|id| keys(id, id, KEY_SECRET));
    let text: String = sections.collect();
    let paths = [
        write(&stage, "credentials", &text),
        write(&stage, "copy/credentials", &text),
    ];
    let asked = ImportPaths {
        dry_run: true,
        ..wish(&paths)
    };
    stage.session.import_paths(asked).await.unwrap();
    assert_eq!(stage.sts.asked_keys(), ids);
}

#[tokio::test]
async fn the_clock_that_answers_is_remembered_whatever_it_answers() {
    for caller in [Ok((ID, JANE)), Err(AwsErrorKind::InactiveOrUnknownKey)] {
        let stage = Stage::unlocked().await;
        stage.sts.caller_is(caller);
        stage.sts.clock_is_ahead(45);
        let credentials = write(&stage, "credentials", keys("work", KEY, KEY_SECRET));
        let asked = ImportPaths {
            dry_run: true,
            ..wish(&[credentials])
        };
        for offset in [0, 45] {
            stage.session.import_paths(asked.clone()).await.unwrap();
            let calls = stage.sts.calls();
            assert_eq!(calls.last().unwrap().clock_offset_secs, offset);
        }
    }
}

#[tokio::test]
async fn a_key_printed_by_another_program_is_its_users() {
    let stage = Stage::unlocked().await;
    stage.sts.caller_is(Err(AwsErrorKind::Unreachable));
    let printed = write(
        &stage,
        "key.json",
        format!(
            r#"{{"AccessKey":{{"UserName":"bob","AccessKeyId":"{NEWER_KEY}","SecretAccessKey":"{OTHER_SECRET}"}}}}"#
        ),
    );
    let session = write(
        &stage,
        "session.json",
        format!(
            r#"{{"Version":1,"AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"{OTHER_SECRET}","SessionToken":"t"}}"#
        ),
    );
    let found = import(&stage, &[printed, session]).await;
    assert_eq!(
        rows(&found[0]),
        [
            (Account, "609629065308", New),
            (Identity, "bob", New),
            (AccessKey, NEWER_KEY, New),
        ]
    );
    assert!(rows(&found[1]).is_empty());
    assert!(found[1].problems[0].contains("temporary session"));
}

#[tokio::test]
async fn a_sign_in_page_of_its_own_goes_to_new_accounts() {
    let stage = Stage::unlocked().await;
    let url = |text| EndpointUrl::parse(text).unwrap();
    let credentials = write(&stage, "credentials", keys("work", KEY, KEY_SECRET));
    let wish = ImportPaths {
        endpoint: Some(url("http://127.0.0.1:4566")),
        sign_in_endpoint: Some(url("http://127.0.0.1:4577")),
        ..wish(&[credentials])
    };
    import_as(&stage, wish).await;
    let endpoints = account_of(&stage, ID).await.endpoints;
    assert_eq!(endpoints.sts, Some(url("http://127.0.0.1:4566")));
    assert_eq!(endpoints.sign_in, Some(url("http://127.0.0.1:4577")));
}
