//! The arrows between our crates are those that docs/architecture.md draws.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

type Arrows = BTreeMap<String, BTreeSet<String>>;

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace")
        .to_owned()
}

/// The folder (`crates/chat-proto`) and parsed manifest of every package of the house.
pub(crate) fn manifests() -> Vec<(String, toml::Table)> {
    let mut found = Vec::new();
    for room in ["crates", "bins"] {
        for entry in fs::read_dir(root().join(room)).expect("the folder") {
            let folder = entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a name");
            let path = root().join(room).join(&folder).join("Cargo.toml");
            let text = fs::read_to_string(&path).expect("a manifest in each folder");
            found.push((
                format!("{room}/{folder}"),
                text.parse().expect("a manifest"),
            ));
        }
    }
    found
}

fn real_arrows() -> Arrows {
    let manifests = manifests();
    let ours: BTreeMap<String, String> = manifests
        .iter()
        .map(|(folder, manifest)| (package_name(manifest), shown(folder)))
        .collect();
    manifests
        .iter()
        .map(|(folder, manifest)| {
            let names = manifest
                .get("dependencies")
                .and_then(toml::Value::as_table)
                .into_iter()
                .flatten()
                .filter_map(|(name, _)| ours.get(name).cloned())
                .collect();
            (shown(folder), names)
        })
        .collect()
}

fn package_name(manifest: &toml::Table) -> String {
    manifest["package"]["name"]
        .as_str()
        .expect("a name")
        .to_owned()
}

/// `chat-proto` for a crate, `bins/server` for a program.
fn shown(folder: &str) -> String {
    folder.strip_prefix("crates/").unwrap_or(folder).to_owned()
}

/// The block of the document that starts with ```` ```arrows ````: `from -> to, to` a line.
fn drawn_arrows() -> Arrows {
    let text = fs::read_to_string(root().join("docs/architecture.md")).expect("the document");
    let block = text
        .split("```arrows\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("a block of arrows");
    block
        .lines()
        .map(|line| {
            let (from, to) = line.split_once("->").unwrap_or((line, ""));
            let to = to.split(',').map(|name| name.trim().to_owned());
            (
                from.trim().to_owned(),
                to.filter(|name| !name.is_empty()).collect(),
            )
        })
        .collect()
}

#[test]
fn the_document_draws_the_arrows_of_the_manifests() {
    let (real, drawn) = (real_arrows(), drawn_arrows());
    for (from, to) in &real {
        assert_eq!(drawn.get(from), Some(to), "docs/architecture.md on {from}");
    }
    assert_eq!(
        drawn.len(),
        real.len(),
        "a crate that is drawn is not there"
    );
}

#[test]
fn special_things_stay_in_their_rooms() {
    let only = [
        ("rusqlite", vec!["chat-store"]),
        ("iced", vec!["chat-gui"]),
        ("shared_memory", vec!["chat-stats"]),
        ("raw_sync", vec!["chat-stats"]),
    ];
    for (folder, manifest) in manifests() {
        let names = manifest.get("dependencies").and_then(toml::Value::as_table);
        for (name, _) in names.into_iter().flatten() {
            if let Some((_, rooms)) = only.iter().find(|(special, _)| special == name) {
                let here = shown(&folder);
                assert!(rooms.contains(&here.as_str()), "{here} depends on {name}");
            }
        }
    }
}
