//! Desktop entries (freedesktop Desktop Entry Specification 1.5): what a menu starts. An entry tells an
//! app by its own name and by the program that it starts; the program has to be there.

use tidegate_device_api::{InstallSource, Looked};

use crate::Os;

use super::{Known, Pass, app_image, sighting::Says};

const CLIENT: &str = "desktop-entries";
/// Those of snaps and flatpaks are not here: they tell themselves.
const PLACES: &[(Os, &str)] = &[
    (Os::Linux, "/usr/share/applications"),
    (Os::Linux, "/usr/local/share/applications"),
    (Os::Linux, "~/.local/share/applications"),
];
/// Where a program without a path is looked for.
const PATH: &[(Os, &str)] = &[
    (Os::Linux, "/usr/local/bin"),
    (Os::Linux, "/usr/bin"),
    (Os::Linux, "~/.local/bin"),
    (Os::Linux, "~/bin"),
];
const LARGEST: u64 = 256 << 10;

pub(super) fn look(pass: &mut Pass<'_>) {
    for folder in pass.places(PLACES) {
        for name in pass.look.list(CLIENT, &folder).unwrap_or_default() {
            if let Some(id) = name.strip_suffix(".desktop") {
                one(pass, &format!("{folder}/{name}"), id);
            }
        }
    }
}

fn one(pass: &mut Pass<'_>, path: &str, id: &str) {
    let Some(bytes) = pass.look.file(CLIENT, path, LARGEST) else {
        return;
    };
    let text = String::from_utf8_lossy(&bytes);
    let entry = Entry::of(&text);
    if entry.hidden {
        return;
    }
    let Some(program) = entry.program().and_then(|program| found(pass, &program)) else {
        return;
    };
    let name = program.rsplit('/').next().unwrap_or(&program);
    if app_image::stem(name).is_some() {
        app_image::one(pass, &program, entry.version.map(str::to_owned));
        return;
    }
    // A home's entry may start what belongs to the machine: there it is found.
    if pass.look.is_home() && !pass.look.in_home(&program) {
        return;
    }
    let marks = |known: Known| &*known.1.desktop;
    let Some(known) = pass.with(marks, id) else {
        return;
    };
    let lower = name.to_ascii_lowercase();
    if lower != id && !known.0.executables().contains(&lower) {
        pass.look.saw(
            CLIENT,
            path,
            Looked::Broken,
            Some("starts something else than its name says"),
        );
        return;
    }
    let chain = pass.look.chain(&program);
    let says = Says::new(InstallSource::File, program);
    pass.saw(known, says, chain.into_iter().chain([path.to_owned()]));
}

/// A program's path, if it is there.
fn found(pass: &mut Pass<'_>, program: &str) -> Option<String> {
    if program.starts_with('/') {
        return pass.look.is_there(program).then(|| program.to_owned());
    }
    let folders = pass.places(PATH).into_iter();
    let mut paths = folders.map(|folder| format!("{folder}/{program}"));
    paths.find(|path| pass.look.is_there(path))
}

#[derive(Default)]
struct Entry<'a> {
    exec: &'a str,
    try_exec: &'a str,
    version: Option<&'a str>,
    hidden: bool,
}

impl<'a> Entry<'a> {
    fn of(text: &'a str) -> Self {
        let mut entry = Self::default();
        let mut inside = false;
        for line in text.lines().map(str::trim) {
            if line.starts_with('[') {
                inside = line == "[Desktop Entry]";
            } else if let Some((key, value)) = line.split_once('=').filter(|_| inside) {
                match key.trim_end() {
                    "Exec" => entry.exec = value.trim(),
                    "TryExec" => entry.try_exec = value.trim(),
                    "X-AppImage-Version" => entry.version = Some(value.trim()),
                    "Hidden" => entry.hidden = value.trim() == "true",
                    _ => {}
                }
            }
        }
        entry
    }

    /// The program, `env` and assignments left out.
    fn program(&self) -> Option<String> {
        let words = words(self.exec);
        let is_wrapper = |word: &&String| {
            let assigns = word
                .split_once('=')
                .is_some_and(|(name, _)| !name.contains('/'));
            assigns || matches!(word.as_str(), "env" | "/usr/bin/env")
        };
        let program = words.iter().find(|word| !is_wrapper(word)).cloned();
        program.or_else(|| (!self.try_exec.is_empty()).then(|| self.try_exec.to_owned()))
    }
}

/// The words of a command line: quotes hold together, a backslash in them takes the next as it is.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word) = (Vec::new(), String::new());
    let (mut quoted, mut begun) = (false, false);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => (quoted, begun) = (!quoted, true),
            '\\' => word.extend(chars.next()),
            ' ' | '\t' if !quoted => {
                if begun || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            c => word.push(c),
        }
    }
    if begun || !word.is_empty() {
        words.push(word);
    }
    words
}
