//! Which projects a person works in, as the clients remember them: no disk is searched.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::{
    clients::CLIENTS,
    scan::{MOST_PROJECTS, Scan},
};
use crate::tree::Tree;

/// Every project that is there, sorted; with the folders that running clients work in.
pub(super) fn all(scan: &mut Scan<'_>) -> Vec<PathBuf> {
    let mut named: Vec<String> = Vec::new();
    for client in CLIENTS {
        scan.client = client.id;
        if let Some(projects) = client.projects {
            named.extend(projects(scan));
        }
    }
    let running = scan.environment.clients.iter();
    let running = running.filter_map(|(_, process)| process.cwd.as_deref());
    let running: Vec<_> = running
        .map(|cwd| cwd.to_string_lossy().into_owned())
        .collect();
    // What is worked on right now comes first, should there be too many.
    let all = running.into_iter().chain(named);
    let mut projects = BTreeSet::new();
    for name in all {
        if projects.len() >= MOST_PROJECTS {
            let home = scan.own_folder();
            scan.too_large(&home, format!("more than {MOST_PROJECTS} projects"));
            break;
        }
        let sane = !name.is_empty() && name.len() < 4096 && !name.contains("/../");
        let real = scan.places.real(Path::new(&name));
        // A client that was started in `/` did not make all of the machine a project.
        if sane && real != scan.places.root && real.is_dir() {
            projects.insert(real);
        }
    }
    projects.into_iter().collect()
}

/// The keys of a map that are paths.
pub(super) fn keys(tree: Option<&Tree>) -> Vec<String> {
    let map = tree.and_then(Tree::map).into_iter().flatten();
    map.map(|(key, _)| key.clone()).collect()
}

/// The path of a `file:` URI (RFC 8089); none for another machine's.
pub(super) fn from_uri(uri: &str) -> Option<String> {
    let rest = uri.strip_prefix("file://")?;
    if !rest.starts_with('/') {
        return None;
    }
    let mut bytes = Vec::with_capacity(rest.len());
    let mut left = rest.as_bytes();
    while let Some((byte, after)) = left.split_first() {
        let digits = after.get(..2).and_then(|two| str::from_utf8(two).ok());
        match digits.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(decoded) if *byte == b'%' => {
                bytes.push(decoded);
                left = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*byte);
                left = after;
            }
        }
    }
    let path = String::from_utf8(bytes).ok()?;
    // `/c:/Users` on Windows.
    let drive = path.as_bytes().get(2) == Some(&b':');
    Some(if drive { path[1..].to_owned() } else { path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_uris_are_paths() {
        for (uri, path) in [
            ("file:///home/ada/a%20b", Some("/home/ada/a b")),
            ("file:///c%3A/Users/ada", Some("c:/Users/ada")),
            ("file:///100%", Some("/100%")),
            ("file://host/share", None),
            ("vscode-remote://ssh-remote%2Bx/home", None),
        ] {
            assert_eq!(from_uri(uri).as_deref(), path, "{uri}");
        }
    }
}
