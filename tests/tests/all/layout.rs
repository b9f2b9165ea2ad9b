//! The page of every crate (its `lib.rs`) names its modules, by their names or by what they give out.

use std::collections::BTreeSet;
use std::fs;

use crate::arrows::{manifests, root};

/// The identifiers in a text.
fn identifiers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .filter(|word| !word.is_empty())
}

/// The identifiers that a page marks as such: in back quotes, or as where a link leads; examples do
/// not count.
fn named(source: &str) -> BTreeSet<&str> {
    let mut within_example = false;
    let mut found = BTreeSet::new();
    for line in source.lines().filter_map(|line| line.strip_prefix("//!")) {
        let fence = line.trim_start().starts_with("```");
        within_example ^= fence;
        if fence || within_example {
            continue;
        }
        found.extend(line.split('`').skip(1).step_by(2).flat_map(identifiers));
        let links = line.split("](").skip(1);
        let targets = links.filter_map(|link| link.split(')').next());
        found.extend(targets.flat_map(identifiers));
    }
    found
}

/// The modules of a crate, each with what the crate gives out of it.
fn modules(source: &str) -> Vec<(&str, Vec<&str>)> {
    let declared = source.lines().filter_map(|line| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        line.strip_prefix("mod ")?.strip_suffix(';')
    });
    let given_out = |module: &str| {
        source
            .split(&format!("\npub use {module}::"))
            .skip(1)
            .flat_map(|rest| identifiers(rest.split(';').next().unwrap_or_default()))
            .collect()
    };
    declared.map(|module| (module, given_out(module))).collect()
}

#[test]
fn the_page_of_a_crate_names_its_modules() {
    let mut pages = 0;
    for (folder, _) in manifests() {
        let Ok(source) = fs::read_to_string(root().join(&folder).join("src/lib.rs")) else {
            continue;
        };
        let named = named(&source);
        for (module, items) in modules(&source) {
            let by_items = items.iter().any(|item| named.contains(item));
            assert!(
                named.contains(module) || by_items,
                "the page of {folder} does not tell of the module {module}"
            );
        }
        pages += 1;
    }
    assert!(pages > 10, "only {pages} pages were found");
}
