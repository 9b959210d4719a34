//! The body of a fuzz target in `tests/fuzz`: it takes any bytes and panics when a promise of this crate is
//! broken. It is here so that an ordinary test can replay the corpus.
#![allow(
    clippy::missing_panics_doc,
    reason = "a fuzz target reports by panicking"
)]

use std::path::PathBuf;

use tidegate_device_api::Scope;

use crate::{
    Format, Home, Os, Places, formats,
    mcp::{
        row::{Shape, URL_FIRST, USUAL},
        scan::{Doc, Scan},
        walk::Origin,
    },
    tree::{DEEPEST, Tree},
};

/// A file of settings; the first byte says the format and how servers stand in it.
pub fn settings(data: &[u8]) {
    let Some((&which, bytes)) = data.split_first() else {
        return;
    };
    let format = match which % 3 {
        0 => Format::Jsonc,
        1 => Format::Toml,
        _ => Format::Yaml,
    };
    let parsed = formats::parse(format, bytes);
    assert!(depth(&parsed.tree) <= DEEPEST + 1, "deeper than is read");
    assert!(
        parsed.cut.is_none() || parsed.fault.is_some(),
        "cut without a fault"
    );
    if format == Format::Jsonc {
        as_others_read_it(bytes, &parsed.tree);
    }
    let (keys, shape): (&[&str], Shape) = match which / 3 % 6 {
        0 => (&["mcpServers"], Shape::Map(USUAL)),
        1 => (&["projects", "*", "mcpServers"], Shape::Map(URL_FIRST)),
        2 => (&["mcp"], Shape::Nested(USUAL)),
        3 => (&["mcpServers"], Shape::Either(USUAL)),
        4 => (&["mcpServers"], Shape::Flat(USUAL)),
        _ => (&[], Shape::Bundle),
    };
    entries(
        &Doc {
            path: PathBuf::from("/nowhere/home/ada/settings"),
            format,
            parsed,
        },
        keys,
        shape,
    );
}

/// What `serde_json` reads, this reads the same; it may read more.
fn as_others_read_it(bytes: &[u8], tree: &Tree) {
    let plain = !bytes.starts_with(&[0xff, 0xfe]) && !bytes.starts_with(&[0xfe, 0xff]);
    if let (true, Ok(value)) = (plain, serde_json::from_slice::<serde_json::Value>(bytes)) {
        let same = formats::same(value);
        assert!(
            depth(&same) > DEEPEST || same == *tree,
            "read otherwise than others read it"
        );
    }
}

fn entries(doc: &Doc, keys: &[&str], shape: Shape) {
    let places = Places {
        root: PathBuf::from("/nowhere"),
        os: Os::Linux,
    };
    let home = Home {
        user: "ada".into(),
        uid: 1000,
        gid: 1000,
        path: PathBuf::from("/home/ada"),
    };
    let mut scan = Scan::new(&places, Some(&home));
    scan.client = "claude-code";
    scan.entries(Scope::User, doc, keys, shape, Origin::default());
    let found = scan.finish();
    for located in &found.servers {
        let server = &located.server;
        let told = [Some(&server.name), server.project.as_ref()];
        for text in told.into_iter().flatten().chain(&server.given) {
            assert!(
                text.len() <= 8192 && !text.contains('\0'),
                "a name that cannot be shown"
            );
        }
        assert!(located.raw.command.is_some() != located.raw.url.is_some());
        if let Some(entry) = &located.entry {
            let there = entry
                .keys
                .iter()
                .try_fold(doc.tree(), |tree, key| match tree {
                    Tree::List(list) => list.get(key.parse::<usize>().ok()?),
                    tree => tree.get(key),
                });
            assert!(there.is_some(), "an entry that cannot be found again");
        }
    }
}

fn depth(tree: &Tree) -> usize {
    let below = match tree {
        Tree::List(list) => list.iter().map(depth).max(),
        Tree::Map(map) => map.values().map(depth).max(),
        _ => return 0,
    };
    below.unwrap_or_default() + 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_some_settings(which in 0..18_u8, bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            super::settings(&[&[which], &bytes[..]].concat());
        }

        #[test]
        fn almost_settings(
            which in 0..6_u8,
            text in r#"\{("(mcpServers|mcp|servers|projects|/p|command|args|url|name|env)": ?([{\["x0-9/:,\]}]|true|null){0,6},? ?){0,8}\}{0,4}"#,
        ) {
            super::settings(&[&[which * 3], text.as_bytes()].concat());
        }
    }
}
