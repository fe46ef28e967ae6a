//! Holds the crates to the direction in which they may depend on each other.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

/// Each crate and the crates of this workspace that it may name.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("undercroft-secret", &[]),
    ("undercroft-crypto", &["undercroft-secret"]),
    ("undercroft-model", &["undercroft-secret"]),
    (
        "undercroft-vault",
        &["undercroft-crypto", "undercroft-secret", "undercroft-model"],
    ),
    ("undercroft-otp", &["undercroft-secret", "undercroft-model"]),
    (
        "undercroft-import",
        &["undercroft-secret", "undercroft-model", "undercroft-otp"],
    ),
    ("undercroft-aws", &["undercroft-secret", "undercroft-model"]),
    (
        "undercroft-agent",
        &["undercroft-secret", "undercroft-model"],
    ),
    (
        "undercroft-session",
        &[
            "undercroft-secret",
            "undercroft-model",
            "undercroft-vault",
            "undercroft-otp",
            "undercroft-import",
            "undercroft-aws",
        ],
    ),
    ("undercroft-loopback", &["undercroft-secret"]),
    (
        "undercroft-host",
        &[
            "undercroft-secret",
            "undercroft-model",
            "undercroft-aws",
            "undercroft-session",
            "undercroft-agent",
        ],
    ),
    (
        "undercroft-app",
        &[
            "undercroft-secret",
            "undercroft-model",
            "undercroft-vault",
            "undercroft-otp",
            "undercroft-aws",
            "undercroft-session",
            "undercroft-agent",
            "undercroft-host",
            "undercroft-loopback",
        ],
    ),
    (
        "undercroft-cli",
        &[
            "undercroft-secret",
            "undercroft-model",
            "undercroft-vault",
            "undercroft-aws",
            "undercroft-session",
            "undercroft-agent",
            "undercroft-host",
            "undercroft-loopback",
        ],
    ),
    // Nothing depends on it.
    (
        "undercroft-fuzz",
        &[
            "undercroft-secret",
            "undercroft-model",
            "undercroft-vault",
            "undercroft-otp",
            "undercroft-import",
            "undercroft-aws",
            "undercroft-session",
            "undercroft-agent",
            "undercroft-loopback",
        ],
    ),
];

/// What only the app may pull in, directly or through others.
const ONLY_THE_APP: &[&str] = &[
    "tauri",
    "specta",
    "tauri-specta",
    "gtk",
    "wry",
    "tao",
    "webkit2gtk",
    "arboard",
];

#[expect(clippy::expect_used, reason = "a test fails by panicking")]
fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .other_options(["--locked".to_owned()])
        .exec()
        .expect("cargo metadata")
}

#[test]
fn crates_depend_in_one_direction() {
    let metadata = metadata();
    let members: BTreeSet<_> = metadata
        .workspace_packages()
        .iter()
        .map(|package| package.name.to_string())
        .collect();
    let known: BTreeSet<_> = MAY_NAME
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    assert_eq!(members, known, "every crate has its place in the list");
    for package in metadata.workspace_packages() {
        let (_, may) = MAY_NAME
            .iter()
            .find(|(name, _)| *name == package.name.as_str())
            .unwrap();
        for dependency in &package.dependencies {
            if dependency.kind == DependencyKind::Normal && members.contains(&dependency.name) {
                assert!(
                    may.contains(&dependency.name.as_str()),
                    "{} may not depend on {}",
                    package.name,
                    dependency.name
                );
            }
        }
    }
}

#[test]
fn no_crate_below_the_app_reaches_a_gui_library() {
    let metadata = metadata();
    let resolve = metadata.resolve.as_ref().expect("a resolved graph");
    let names: BTreeMap<&PackageId, &str> = metadata
        .packages
        .iter()
        .map(|package| (&package.id, package.name.as_str()))
        .collect();
    let edges: BTreeMap<&PackageId, Vec<&PackageId>> = resolve
        .nodes
        .iter()
        .map(|node| {
            let normal = node.deps.iter().filter(|dependency| {
                dependency
                    .dep_kinds
                    .iter()
                    .any(|kind| kind.kind == DependencyKind::Normal)
            });
            (&node.id, normal.map(|dependency| &dependency.pkg).collect())
        })
        .collect();
    let mut app_reaches = false;
    for package in metadata.workspace_packages() {
        let mut seen = BTreeSet::new();
        let mut open = vec![&package.id];
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                open.extend(edges[id].iter().copied());
            }
        }
        let reached: Vec<_> = seen
            .iter()
            .map(|id| names[*id])
            .filter(|name| ONLY_THE_APP.contains(name))
            .collect();
        if package.name.as_str() == "undercroft-app" {
            app_reaches = reached.contains(&"tauri");
        } else {
            assert!(reached.is_empty(), "{} reaches {reached:?}", package.name);
        }
    }
    assert!(app_reaches, "the walk finds Tauri where it is");
}
