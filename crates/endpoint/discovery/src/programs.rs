//! The files by which installed apps start, so that starting a denied one can be refused.
//!
//! An app that comes as a package is often a small script that starts a large binary beside it: both are
//! told, since either can be started by hand.

use std::{
    collections::BTreeSet,
    fs,
    io::Read,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tidegate_device_api::InstalledApp;

use crate::{Home, Places, Program, reading::read};

/// The most entries that are looked at in one app's folders, and how deep.
const MOST: usize = 4_000;
const DEEPEST: usize = 8;
/// The most files of one app.
const MOST_FILES: usize = 16;
/// A `package.json`'s largest size, in bytes.
const LARGEST: u64 = 1 << 20;

/// The files by which these apps start, as far as they can be told.
#[must_use]
pub fn programs(places: &Places, home: Option<&Home>, apps: &[InstalledApp]) -> Vec<Program> {
    let mut found = BTreeSet::new();
    for app in apps {
        let Some(path) = real(places, home, &app.path) else {
            continue;
        };
        let mut files = BTreeSet::new();
        match fs::metadata(&path) {
            Ok(meta) if meta.is_file() => {
                files.extend(kind(&path).map(|script| (path.clone(), script)));
            }
            Ok(meta) if meta.is_dir() => folder(&path, &mut files),
            _ => continue,
        }
        found.extend(
            files
                .into_iter()
                .take(MOST_FILES)
                .map(|(path, script)| Program {
                    app: app.app.clone(),
                    path,
                    script,
                }),
        );
    }
    found.into_iter().collect()
}

/// Where a path of an inventory is on this machine, links resolved.
fn real(places: &Places, home: Option<&Home>, path: &str) -> Option<PathBuf> {
    let path = match (path.strip_prefix('~'), home) {
        (Some(rest), Some(home)) => home.path.join(rest.trim_start_matches('/')),
        (Some(_), None) => return None,
        (None, _) => PathBuf::from(path),
    };
    fs::canonicalize(places.real(&path)).ok()
}

/// Whether a program is a script; none: it is no program.
fn kind(path: &Path) -> Option<bool> {
    let mut head = [0; 4];
    // A pipe would be waited for.
    let is_file = fs::metadata(path).is_ok_and(|meta| meta.is_file());
    let file = is_file.then(|| fs::File::open(path).ok()).flatten()?;
    let length = file.take(4).read(&mut head).ok()?;
    let script = || {
        let ending = path.extension().and_then(|ending| ending.to_str());
        matches!(ending, Some("js" | "mjs" | "cjs" | "py"))
    };
    match head.get(..length)? {
        b"\x7fELF" => Some(false),
        [b'#', b'!', ..] => Some(true),
        _ if script() => Some(true),
        _ => None,
    }
}

/// What a package's folder starts: its commands, and the binaries in it and in its platform's packages.
fn folder(folder: &Path, files: &mut BTreeSet<(PathBuf, bool)>) {
    for path in commands(folder) {
        let inside = fs::canonicalize(&path)
            .ok()
            .filter(|path| path.starts_with(folder));
        if let Some(path) = inside
            && let Some(script) = kind(&path)
        {
            files.insert((path, script));
        }
    }
    let mut left = MOST;
    binaries(folder, DEEPEST, &mut left, files);
    // `@vendor/app` starts what is in `@vendor/app-linux-x64`.
    let (Some(beside), Some(name)) = (folder.parent(), folder.file_name().and_then(|n| n.to_str()))
    else {
        return;
    };
    let platform = format!("{name}-linux-");
    for entry in fs::read_dir(beside)
        .into_iter()
        .flatten()
        .flatten()
        .take(MOST)
    {
        if entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.starts_with(&platform))
        {
            binaries(&entry.path(), DEEPEST, &mut left, files);
        }
    }
}

/// The commands of an npm package (`bin` of its `package.json`).
fn commands(folder: &Path) -> Vec<PathBuf> {
    let text = read(&folder.join("package.json"), None, LARGEST);
    let Some(package) = text
        .ok()
        .and_then(|text| serde_json::from_slice::<Value>(&text).ok())
    else {
        return Vec::new();
    };
    let paths: Vec<&str> = match package.get("bin") {
        Some(Value::String(path)) => vec![path],
        Some(Value::Object(commands)) => commands.values().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    paths.into_iter().map(|path| folder.join(path)).collect()
}

/// Executable binaries below a folder; links are not followed.
fn binaries(folder: &Path, deep: usize, left: &mut usize, files: &mut BTreeSet<(PathBuf, bool)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if *left == 0 || files.len() >= MOST_FILES {
            return;
        }
        *left -= 1;
        let Ok(meta) = entry.metadata() else { continue };
        let path = entry.path();
        if meta.is_dir() && deep > 0 {
            binaries(&path, deep - 1, left, files);
        } else if meta.is_file()
            && meta.permissions().mode() & 0o111 != 0
            && kind(&path) == Some(false)
            && !is_tool(&path)
        {
            files.insert((path, false));
        }
    }
}

/// What apps bring along and others use as well.
fn is_tool(path: &Path) -> bool {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    matches!(name, "rg" | "node" | "bun" | "deno" | "python3") || name.ends_with(".node")
}

#[cfg(test)]
mod tests {
    use tidegate_device_api::{InstallSource, InstalledKind};

    use super::*;
    use crate::Os;

    fn app(path: &str) -> InstalledApp {
        InstalledApp {
            app: "codex".parse().unwrap(),
            name: "Codex".into(),
            kind: InstalledKind::Cli,
            version: None,
            publisher: None,
            path: path.into(),
            source: InstallSource::Npm,
            user: None,
        }
    }

    #[test]
    fn a_package_is_its_commands_and_the_binaries_beside_it() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        let modules = root.path().join("home/ann/lib/node_modules/@openai");
        let platform = modules.join("codex-linux-x64/vendor/bin");
        fs::create_dir_all(modules.join("codex/bin"))?;
        fs::create_dir_all(&platform)?;
        fs::write(
            modules.join("codex/package.json"),
            r#"{"bin": {"codex": "bin/codex.js", "out": "../../../escape.js", "none": "bin/none.js"}}"#,
        )?;
        fs::write(modules.join("codex/bin/codex.js"), "#!/usr/bin/env node\n")?;
        fs::write(modules.join("../../escape.js"), "#!/usr/bin/env node\n")?;
        for (name, text, mode) in [
            ("codex", &b"\x7fELF..."[..], 0o755),
            ("rg", b"\x7fELF...", 0o755),
            ("library", b"\x7fELF...", 0o644),
            ("notes", b"hello", 0o755),
        ] {
            fs::write(platform.join(name), text)?;
            fs::set_permissions(platform.join(name), fs::Permissions::from_mode(mode))?;
        }
        let places = Places {
            root: root.path().to_owned(),
            os: Os::Linux,
        };
        let home = Home {
            user: "ann".into(),
            uid: 1000,
            gid: 1000,
            path: "/home/ann".into(),
        };
        let apps = [app("~/lib/node_modules/@openai/codex"), app("/nowhere")];
        let found = programs(&places, Some(&home), &apps);
        let found: Vec<_> = found
            .iter()
            .map(|program| (program.path.clone(), program.script))
            .collect();
        let real = fs::canonicalize(&modules)?;
        assert_eq!(
            found,
            [
                (real.join("codex/bin/codex.js"), true),
                (real.join("codex-linux-x64/vendor/bin/codex"), false),
            ]
        );
        let file = app("~/lib/node_modules/@openai/codex-linux-x64/vendor/bin/codex");
        assert_eq!(programs(&places, Some(&home), &[file]).len(), 1);
        Ok(())
    }
}
