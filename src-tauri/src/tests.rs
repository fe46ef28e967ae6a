//! The commands as Tauri dispatches them: generated bindings, access control, and what a locked vault answers.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{INVOKE_KEY, get_ipc_response, mock_builder};
use tauri::webview::InvokeRequest;
use tauri::{Manager, WebviewUrl, WebviewWindowBuilder};
use undercroft_aws::{AwsConsole, AwsIam, AwsSts, HttpClient, HttpSettings};
use undercroft_session::{Parts, Places, Session, SystemClock};
use undercroft_vault::OsDisk;

use crate::commands::{builder, list};
use crate::platform::Desktop;
use crate::quick::window::QUICK;
use crate::view::{ConfirmAction, PasswordMode};
use crate::windows::{MAIN, PASSWORD, Windows};
use crate::{Rt, Window};

const BINDINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/src/lib/api/bindings.ts");

fn generated_bindings() -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bindings.ts");
    builder()
        .export(specta_typescript::Typescript::default(), &file)
        .unwrap();
    std::fs::read_to_string(file).unwrap()
}

#[test]
fn bindings_are_up_to_date() {
    let generated = generated_bindings();
    if std::env::var_os("UPDATE_BINDINGS").is_some() {
        std::fs::write(BINDINGS, &generated).unwrap();
    }
    let kept = std::fs::read_to_string(BINDINGS).unwrap();
    assert!(
        kept == generated,
        "the bindings are out of date: UPDATE_BINDINGS=1 cargo test -p undercroft-app bindings"
    );
}

/// Every command that is registered, read from the generated calls.
fn registered() -> BTreeSet<String> {
    generated_bindings()
        .split("__TAURI_INVOKE(\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

/// What each window may call.
fn by_window() -> [(&'static str, Vec<&'static str>); 3] {
    [
        (MAIN, [list::BOTH, list::MAIN].concat()),
        (PASSWORD, [list::BOTH, list::PASSWORD].concat()),
        (QUICK, list::QUICK.to_vec()),
    ]
}

fn listed() -> BTreeSet<&'static str> {
    by_window()
        .into_iter()
        .flat_map(|(_, commands)| commands)
        .collect()
}

#[test]
fn every_command_is_listed_for_its_windows() {
    let registered = registered();
    let registered: BTreeSet<_> = registered.iter().map(String::as_str).collect();
    assert_eq!(registered, listed());
    for (window, commands) in by_window() {
        let once: BTreeSet<_> = commands.iter().collect();
        assert_eq!(once.len(), commands.len(), "{window}: listed once");
    }
}

#[test]
fn the_capabilities_grant_what_is_listed_and_no_more() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/capabilities"));
    let files: BTreeSet<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(
        files,
        BTreeSet::from(["main.json", "password.json", "quick.json"].map(str::to_owned))
    );
    for (window, own) in by_window() {
        let text = std::fs::read_to_string(folder.join(format!("{window}.json"))).unwrap();
        let capability: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(capability["windows"], json!([window]));
        assert!(capability.get("remote").is_none() && capability.get("webviews").is_none());
        let granted: BTreeSet<_> = capability["permissions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect();
        let expected: BTreeSet<_> = own
            .into_iter()
            .map(|command| format!("allow-{}", command.replace('_', "-")))
            .chain([
                "core:event:allow-listen".to_owned(),
                "core:event:allow-unlisten".to_owned(),
            ])
            .collect();
        assert_eq!(granted, expected, "{window}");
    }
}

#[test]
fn the_security_policy_has_no_holes() {
    let text = include_str!("../tauri.conf.json");
    let app = &serde_json::from_str::<Value>(text).unwrap()["app"];
    assert_eq!(app["withGlobalTauri"], json!(false));
    assert_eq!(app["security"]["freezePrototype"], json!(true));
    assert!(
        app["security"]
            .get("dangerousDisableAssetCspModification")
            .is_none()
    );
    assert!(app["security"].get("assetProtocol").is_none());
    let policy = app["security"]["csp"].as_object().unwrap();
    assert_eq!(policy["default-src"], json!("'none'"));
    for (directive, sources) in policy {
        for source in sources.as_str().unwrap().split_whitespace() {
            assert!(
                ["'none'", "'self'", "data:", "ipc:", "http://ipc.localhost"].contains(&source),
                "{directive} lets in {source}"
            );
            assert!(
                source != "data:" || directive == "img-src",
                "{directive} lets in data"
            );
        }
    }
}

/// The app with its three windows, over a vault that is not there yet.
struct Running {
    app: tauri::App<Rt>,
    main: Window,
    password: Window,
    quick: Window,
    folder: tempfile::TempDir,
}

/// A session over a vault in `folder`, to be started within a runtime.
pub(crate) fn session(folder: &Path) -> Session {
    let http = HttpClient::new(&HttpSettings::default()).unwrap();
    Session::start(Parts {
        places: Places {
            vault: folder.join("vault.undercroft"),
            state_dir: folder.join("state"),
        },
        platform: Arc::new(Desktop::default()),
        clock: Arc::new(SystemClock::new()),
        sts: Arc::new(AwsSts::new(
            http.clone(),
            Arc::new(undercroft_aws::SystemClock),
        )),
        console: Arc::new(AwsConsole::new(
            http.clone(),
            Arc::new(undercroft_aws::SystemClock),
        )),
        iam: Arc::new(AwsIam::new(
            http.clone(),
            Arc::new(undercroft_aws::SystemClock),
        )),
        http,
        disk: Arc::new(OsDisk),
        kdf: Some(undercroft_vault::KdfParams::FLOOR),
    })
}

fn running() -> Running {
    let folder = tempfile::tempdir().unwrap();
    let app = crate::configure(mock_builder())
        .build(tauri::generate_context!())
        .unwrap();
    let session = tauri::async_runtime::block_on(async { session(folder.path()) });
    app.manage(session);
    app.manage(crate::options::Options::default());
    builder().mount_events(&app);
    let open = |label: &str| {
        WebviewWindowBuilder::new(&app, label, WebviewUrl::App("index.html".into()))
            .build()
            .unwrap()
    };
    let (main, password, quick) = (open(MAIN), open(PASSWORD), open(QUICK));
    Running {
        app,
        main,
        password,
        quick,
        folder,
    }
}

fn ask(window: &Window, command: &str, arguments: &Value) -> Result<Value, Value> {
    let request = InvokeRequest {
        cmd: command.to_owned(),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: "tauri://localhost".parse().unwrap(),
        body: InvokeBody::Json(arguments.clone()),
        headers: Default::default(),
        invoke_key: INVOKE_KEY.to_owned(),
    };
    get_ipc_response(window, request).map(|body| body.deserialize().unwrap())
}

fn refused_by_access_control(answer: &Result<Value, Value>) -> bool {
    answer
        .as_ref()
        .err()
        .and_then(Value::as_str)
        .is_some_and(|text| text.contains("not allowed"))
}

/// Plausible arguments of each command that has some; a missing one would be refused before the command runs.
fn arguments(command: &str) -> Value {
    let id = "00112233445566778899aabbccddeeff";
    let sealed = json!({ "key": "", "iv": "", "data": "" });
    match command {
        "assess_password" | "unlock" => json!({ "password": sealed }),
        "open_vault" | "move_vault_to" => json!({ "path": "/nonexistent/vault.undercroft" }),
        "create_vault" => {
            json!({ "path": "/nonexistent/vault.undercroft", "password": sealed, "reader": "" })
        }
        "unlock_with_recovery_key" => json!({ "recoveryKey": sealed }),
        "change_password" => json!({ "current": null, "replacement": sealed }),
        "confirm_password" => json!({ "password": sealed, "reader": "" }),
        "restore_and_unlock" => json!({ "backup": "none", "password": sealed }),
        "restore_newest_and_unlock" => json!({ "password": sealed }),
        "restore_newest_with_recovery_key" => json!({ "recoveryKey": sealed }),
        "account" | "identity" => json!({ "id": id }),
        "search" => json!({ "query": "a", "limit": 5 }),
        "save_account" => json!({ "draft": {
            "id": null, "account_id": "123456789012", "alias": "", "partition": "aws", "name": "", "colour": "slate",
            "production": false, "tags": [], "notes": "", "region": "", "endpoints": { "sts": null, "iam": null, "sign_in": null },
        } }),
        "save_identity" => {
            json!({ "draft": { "id": null, "account": id, "kind": "iam-user", "name": "amy", "notes": "" } })
        }
        "set_favourite" => json!({ "item": id, "favourite": true }),
        "save_custom_secret" => {
            json!({ "draft": { "item": id, "id": null, "label": "x", "value": null } })
        }
        "remove_custom_secret" => json!({ "item": id, "field": id }),
        "remove_password" | "generate_password" | "codes" | "open_sign_in" => {
            json!({ "identity": id })
        }
        "scan_screen" | "scan_region" | "scan_clipboard" | "scan_file" | "scan_dropped"
        | "scan_camera" => json!({ "identity": null }),
        "end_scan" => json!({ "scan": id }),
        "save_scanned_device" => json!({ "scan": id, "number": 0, "draft": {
            "identity": id, "id": null, "name": "x", "serial": "", "algorithm": "SHA1", "digits": 6, "period_secs": 30, "secret": null,
        } }),
        "copy_enrolment_code" => json!({ "identity": id, "device": id, "turn": "first" }),
        "remove_device" => json!({ "identity": id, "device": id }),
        "save_device" => json!({ "draft": {
            "identity": id, "id": null, "name": "x", "serial": "", "algorithm": "SHA1", "digits": 6, "period_secs": 30, "secret": null,
        } }),
        "save_access_key" => json!({ "draft": {
            "identity": id, "existing": null, "id": "AKIAIOSFODNN7EXAMPLE", "secret": null, "state": "unknown", "created_on": "",
        } }),
        "begin_enrolment" => {
            json!({ "identity": id, "key": "AKIAIOSFODNN7EXAMPLE", "name": "x" })
        }
        "finish_without_proof" | "forget_unfinished" => json!({ "identity": id }),
        "resync_device" => {
            json!({ "identity": id, "key": "AKIAIOSFODNN7EXAMPLE", "device": id })
        }
        "remove_device_at_aws" | "remove_left_over_device" => json!({
            "identity": id, "key": "AKIAIOSFODNN7EXAMPLE", "serial": "arn:aws:iam::123456789012:mfa/x",
        }),
        "continue_enrolment" | "remove_unfinished" | "devices_at_aws" | "remove_access_key"
        | "check_access_key" => {
            json!({ "identity": id, "key": "AKIAIOSFODNN7EXAMPLE" })
        }
        "copy" => json!({ "target": { "kind": "account-id", "account": id } }),
        "reveal" => json!({ "secret": { "kind": "password", "identity": id }, "reader": "" }),
        "get_session" => json!({ "wish": {
            "identity": id, "key": "AKIAIOSFODNN7EXAMPLE", "device": null, "duration_secs": 3600, "fresh": false,
        } }),
        "renew_session" | "forget_session" => json!({ "live": id }),
        "profile" => json!({ "profile": id }),
        "save_profile" | "profile_way" => json!({ "draft": {
            "id": null, "name": "deploy", "kind": "session", "identity": id, "key": null, "mfa": { "kind": "if-there" },
            "source": null, "role": "", "external_id": "", "session_name": "", "source_identity": "", "tags": [],
            "policy": "", "policy_arns": [], "token": null, "sso": null, "region": "", "output": "", "duration": "",
            "notes": "", "approval": null,
        } }),
        "open_console" | "copy_console_address" => {
            json!({ "wish": { "profile": id, "service": "", "region": "" } })
        }
        "set_browser" => json!({ "command": null }),
        "get_profile_session" => json!({ "wish": {
            "profile": id, "fresh": false, "duration_secs": null, "read_only": false,
        } }),
        "answer_approval" => json!({ "request": "1", "decision": "deny" }),
        "set_approval" => json!({ "approval": "always" }),
        "remove_approval_rule" => json!({ "index": 0 }),
        "bin_item" | "restore_item" | "delete_item" | "history" => json!({ "item": id }),
        "restore_history" => json!({ "item": id, "index": 0 }),
        "save_settings" => json!({ "settings": {
            "clipboard_clears_in_secs": 600, "locks_after_idle_secs": 86400, "locks_with_screen": true,
            "locks_on_sleep": true, "keeps_window_on_close": false, "theme": "dark",
        } }),
        "begin_sign_in" => json!({ "identity": id }),
        "quick_copy_profile" => json!({ "profile": id }),
        "quick_copy" => json!({ "identity": id, "what": "code" }),
        "show_item" => json!({ "item": id }),
        "take_sign_in_step" => json!({ "step": 0 }),
        "set_shortcut" => json!({ "keys": "Ctrl+Alt+K" }),
        "set_starts_at_login" => json!({ "on": true }),
        "order_pinned" => json!({ "identities": [id] }),
        "dismiss_notice" => json!({ "index": 0 }),
        "set_proxy" => json!({ "address": "" }),
        "ask_password" => json!({ "mode": { "kind": "change-password" } }),
        "open_import" => json!({ "password": sealed }),
        "apply_import" => json!({ "id": 1, "choices": [] }),
        "preview_files" => json!({ "from": "chosen" }),
        "take_over_files" | "take_out_plain_secrets" => json!({ "id": 1 }),
        "show_qr" => json!({ "device": { "identity": id, "device": id }, "reader": "" }),
        "export_devices" => json!({ "devices": [], "format": "otpauth-lines", "password": null }),
        "export_all" => json!({ "format": "json", "password": null }),
        "open_archive" => json!({ "password": sealed }),
        "apply_archive" => {
            json!({ "id": 1, "how": { "settings": true, "prefers_archive": false } })
        }
        "set_password" => json!({ "identity": id, "password": sealed }),
        "preview_seed" => json!({ "identity": null, "secret": sealed }),
        _ => json!({}),
    }
}

#[test]
fn a_window_can_call_only_its_own_commands() {
    let running = running();
    let windows = [&running.main, &running.password, &running.quick];
    let mut refused = 0;
    for state in ["locked", "unlocked"] {
        if state == "unlocked" {
            unlock(&running);
        }
        for (window, (label, own)) in windows.into_iter().zip(by_window()) {
            assert_eq!(window.label(), label);
            for command in listed().difference(&own.into_iter().collect()) {
                let answer = ask(window, command, &arguments(command));
                assert!(
                    refused_by_access_control(&answer),
                    "{command} in {label}, {state}: {answer:?}"
                );
                refused += 1;
            }
        }
    }
    let (commands, of_windows) = (listed().len(), windows.len());
    println!(
        "figure: {commands} commands x {of_windows} windows x 2 states = {}: {refused} calls that are not a window's own, \
         each refused",
        commands * of_windows * 2
    );
    for plugin in [
        "plugin:dialog|open",
        "plugin:dialog|save",
        "plugin:window|create",
        "plugin:webview|create_webview_window",
        "plugin:app|version",
        "plugin:path|resolve_directory",
    ] {
        for window in windows {
            assert!(ask(window, plugin, &json!({})).is_err(), "{plugin}");
        }
    }
}

#[test]
fn nothing_of_quick_search_works_while_locked() {
    let running = running();
    for command in list::QUICK {
        let answer = ask(&running.quick, command, &arguments(command));
        match *command {
            "touch" | "end_sign_in" | "hide_quick" => assert!(answer.is_ok(), "{command}"),
            // No sign-in outlives locking.
            "take_sign_in_step" => {
                assert_eq!(answer.unwrap_err()["code"], json!("no-such-item"));
            }
            _ => assert_eq!(answer.unwrap_err()["code"], json!("locked"), "{command}"),
        }
    }
}

#[test]
fn quick_search_answers_while_unlocked() {
    let running = running();
    unlock(&running);
    for command in list::QUICK {
        if let Err(error) = ask(&running.quick, command, &arguments(command)) {
            assert_eq!(error["code"], json!("no-such-item"), "{command}");
        }
    }
    let listed = ask(&running.quick, "quick_list", &json!({})).unwrap();
    assert_eq!(listed, json!([]));
}

#[test]
fn nothing_of_the_main_window_works_while_locked() {
    let running = running();
    // These open fields that no window sealed before they reach the session, or need no vault.
    let other = [
        ("set_password", "bad-message"),
        ("preview_seed", "bad-message"),
        ("open_import", "bad-message"),
        ("open_archive", "bad-message"),
        ("take_shown_item", ""),
        ("lock", ""),
    ];
    for command in list::MAIN {
        // The system's dialog would open in front of nobody.
        if *command == "move_vault" {
            continue;
        }
        let answer = ask(&running.main, command, &arguments(command));
        let expected = other
            .iter()
            .find(|(name, _)| name == command)
            .map_or("locked", |(_, code)| code);
        match answer {
            Ok(_) => assert_eq!(expected, "", "{command} answered while locked"),
            Err(error) => assert_eq!(error["code"], json!(expected), "{command}: {error}"),
        }
    }
    drop(running.app);
}

/// A secret sealed as the page of a window does it.
fn sealed_in(window: &Window, text: &str) -> Value {
    let key = ask(window, "sealing_key", &json!({})).unwrap();
    let secret = undercroft_secret::SecretString::from(text.to_owned());
    json!(crate::sealing::seal_for(key.as_str().unwrap(), &secret).unwrap())
}

/// Makes a vault and unlocks it.
fn unlock(running: &Running) {
    let session = running.app.state::<Session>();
    let path = running.folder.path().join("vault.undercroft");
    let password = undercroft_secret::SecretString::from("mortar-quince-saddle-71".to_owned());
    tauri::async_runtime::block_on(session.create(path, password)).unwrap();
}

#[test]
fn an_unlocked_vault_answers_the_main_window() {
    let running = running();
    unlock(&running);
    for command in list::MAIN {
        // Locking ends the test's vault; dialogs, the screen and cameras have nobody in front of them.
        let needs_a_person = [
            "lock",
            "move_vault",
            "choose_ca_bundle",
            "scan_screen",
            "scan_region",
            "scan_file",
            "scan_clipboard",
            "scan_camera",
            "choose_import_files",
            "choose_archive",
            "preview_files",
            "export_activity",
            "set_starts_at_login",
        ];
        if needs_a_person.contains(command) {
            continue;
        }
        if let Err(error) = ask(&running.main, command, &arguments(command)) {
            assert_ne!(error["code"], json!("locked"), "{command}");
            assert!(error["code"].is_string(), "{command}: {error}");
        }
    }
}

#[test]
fn the_password_window_gets_nothing_of_an_unlocked_vault_without_its_password() {
    let running = running();
    unlock(&running);
    let window = &running.password;
    // The system's dialogs would open in front of nobody.
    let dialogs = [
        "choose_vault_file",
        "choose_new_vault_file",
        "save_recovery_kit",
    ];
    // Sealed one by one: a window has only so many open keys.
    let sealed = |text: &'static str| move || sealed_in(window, text);
    let (wrong, new) = (
        sealed("not the password at all 4"),
        sealed("violet harbour quarry 94"),
    );
    let nothing = || json!({});
    let only_password = || json!({ "password": wrong() });
    let elsewhere = || arguments("open_vault");
    let new_vault =
        || json!({ "path": "/nonexistent/vault.undercroft", "password": new(), "reader": "" });
    let recovery_key = || json!({ "recoveryKey": wrong() });
    let change = || json!({ "current": wrong(), "replacement": new() });
    let change_unasked = || json!({ "current": null, "replacement": new() });
    let confirm = || json!({ "password": wrong(), "reader": "" });
    let restore = || json!({ "backup": "none", "password": wrong() });
    let with: [(&str, &dyn Fn() -> Value, &str); 17] = [
        ("password_window", &nothing, ""),
        ("assess_password", &only_password, ""),
        ("open_vault", &elsewhere, "folder-missing"),
        ("create_vault", &new_vault, "bad-message"),
        ("unlock", &only_password, "wrong-password"),
        ("unlock_quickly", &nothing, "password-needed"),
        (
            "unlock_with_recovery_key",
            &recovery_key,
            "mistyped-recovery-key",
        ),
        ("take_over", &nothing, ""),
        ("change_password", &change, "wrong-password"),
        ("change_password", &change_unasked, "wrong-password"),
        ("confirm_password", &confirm, "bad-message"),
        ("locked_backups", &nothing, ""),
        ("restore_and_unlock", &restore, "wrong-password"),
        (
            "restore_newest_and_unlock",
            &only_password,
            "wrong-password",
        ),
        (
            "restore_newest_with_recovery_key",
            &recovery_key,
            "mistyped-recovery-key",
        ),
        // Commands that end the window come last.
        ("finish_password", &nothing, ""),
        ("cancel_password", &nothing, ""),
    ];
    let asked: BTreeSet<&str> = with.iter().map(|(command, ..)| *command).collect();
    let all: BTreeSet<&str> = list::PASSWORD.iter().copied().collect();
    assert_eq!(
        &all - &asked,
        BTreeSet::from(dialogs),
        "every command is here"
    );
    for (command, arguments, code) in with {
        match ask(window, command, &arguments()) {
            Ok(answer) => {
                assert_eq!(code, "", "{command} answered {answer}");
                let text = answer.to_string();
                assert!(!text.contains("mortar"), "{command} tells the password");
            }
            Err(error) => assert_eq!(error["code"], json!(code), "{command}: {error}"),
        }
    }
}

#[test]
fn quick_unlock_is_switched_on_by_the_password_and_nothing_else() {
    let running = running();
    unlock(&running);
    let window = &running.password;
    let present = || ask(&running.main, "overview", &json!({})).unwrap()["quick_unlock"].clone();
    let mut smuggled = arguments("save_settings");
    smuggled["settings"]["quick_unlock"] = json!("until-logout");
    ask(&running.main, "save_settings", &smuggled).unwrap();
    assert_eq!(present(), json!("off"));

    let action = ConfirmAction::SwitchOnQuickUnlock;
    let windows = running.app.state::<Windows>();
    windows.set_mode(PasswordMode::Confirm { action });
    let reader = ask(window, "sealing_key", &json!({})).unwrap();
    let confirm = |password: &str| {
        let arguments = json!({ "password": sealed_in(window, password), "reader": reader });
        ask(window, "confirm_password", &arguments)
    };
    let refused = confirm("not the password at all 4").unwrap_err();
    assert_eq!(refused["code"], json!("wrong-password"));
    assert_eq!(present(), json!("off"));
    // Whether there is a keyring depends on where the test runs.
    match confirm("mortar-quince-saddle-71") {
        Ok(answer) => {
            assert_eq!(answer, json!({ "kit": null }));
            assert_eq!(present(), json!("until-logout"));
        }
        Err(error) => assert_eq!(error["code"], json!("no-keychain")),
    }
    ask(&running.main, "switch_off_quick_unlock", &json!({})).unwrap();
    assert_eq!(present(), json!("off"));
}

#[test]
fn sealed_fields_of_another_window_are_refused() {
    let running = running();
    let key = ask(&running.main, "sealing_key", &json!({})).unwrap();
    let sealed = crate::sealing::seal_for(
        key.as_str().unwrap(),
        &undercroft_secret::SecretString::from("correct horse battery staple".to_owned()),
    )
    .unwrap();
    let arguments = json!({ "password": sealed });
    let answer = ask(&running.password, "assess_password", &arguments);
    assert_eq!(answer.unwrap_err()["code"], json!("bad-message"));
    let key = ask(&running.password, "sealing_key", &json!({})).unwrap();
    let sealed = crate::sealing::seal_for(
        key.as_str().unwrap(),
        &undercroft_secret::SecretString::from("correct horse battery staple".to_owned()),
    )
    .unwrap();
    let strength = ask(
        &running.password,
        "assess_password",
        &json!({ "password": sealed }),
    )
    .unwrap();
    assert!(strength["score"].as_u64().unwrap() >= 3, "{strength}");
}
