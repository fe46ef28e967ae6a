use undercroft_model::Timestamp;

use super::*;

const PYTHON: &str = "/usr/bin/python3";

fn question(program: &str, script: Option<&str>, profile: ItemId) -> Question {
    Question {
        program: program.into(),
        script: script.map(Into::into),
        about: About::Item(profile),
    }
}

fn rule(question: &Question, profile: Option<ItemId>, verdict: Verdict) -> ApprovalRule {
    ApprovalRule {
        program: question.program.clone(),
        script: question.script.clone(),
        profile,
        verdict,
        added_at: Timestamp::from_unix_secs(0),
        extra: Default::default(),
    }
}

#[test]
fn a_rule_that_denies_wins_wherever_it_stands() {
    let profile = ItemId::new_random();
    let asked = question(PYTHON, None, profile);
    let allow = rule(&asked, Some(profile), Verdict::Allow);
    let deny = rule(&asked, Some(profile), Verdict::Deny);
    let deny_all = rule(&asked, None, Verdict::Deny);
    assert_eq!(rule_for(&[], &asked), None);
    assert_eq!(
        rule_for(std::slice::from_ref(&allow), &asked),
        Some(Verdict::Allow)
    );
    for denies in [deny, deny_all] {
        for rules in [[allow.clone(), denies.clone()], [denies, allow.clone()]] {
            assert_eq!(rule_for(&rules, &asked), Some(Verdict::Deny));
        }
    }
}

#[test]
fn a_rule_is_for_its_program_script_and_profile_alone() {
    let (profile, other) = (ItemId::new_random(), ItemId::new_random());
    let asked = question(PYTHON, Some("/home/ada/deploy.py"), profile);
    let rules = [rule(&asked, Some(profile), Verdict::Allow)];
    assert_eq!(rule_for(&rules, &asked), Some(Verdict::Allow));
    for stranger in [
        question("/tmp/python3", Some("/home/ada/deploy.py"), profile),
        question(PYTHON, Some("/tmp/deploy.py"), profile),
        question(PYTHON, None, profile),
        question(PYTHON, Some("/home/ada/deploy.py"), other),
        Question {
            about: About::File {
                path: "/home/ada/.aws/config".into(),
                sections: Vec::new(),
            },
            ..asked.clone()
        },
    ] {
        assert_eq!(rule_for(&rules, &stranger), None, "{stranger:?}");
    }
    let any = [rule(&asked, None, Verdict::Allow)];
    assert_eq!(
        rule_for(&any, &question(PYTHON, Some("/home/ada/deploy.py"), other)),
        Some(Verdict::Allow)
    );
}
