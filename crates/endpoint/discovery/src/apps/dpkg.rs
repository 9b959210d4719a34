//! Debian's package database: `status` says what is installed, `info/<package>.list` where
//! (dpkg(1), deb-control(5)).

use tidegate_device_api::InstallSource;

use super::{Known, Package, Pass, without_address};

const CLIENT: &str = "dpkg";
const STATUS: &str = "/var/lib/dpkg/status";
const INFO: &str = "/var/lib/dpkg/info";
/// A desktop's whole status is some ten megabytes.
const LARGEST_STATUS: u64 = 64 << 20;
const LARGEST_LIST: u64 = 8 << 20;

pub(super) fn look(pass: &mut Pass<'_>) {
    if pass.look.is_home() {
        return;
    }
    let Some(bytes) = pass.look.place(CLIENT, STATUS, LARGEST_STATUS) else {
        return;
    };
    pass.look.watch(STATUS);
    let text = String::from_utf8_lossy(&bytes);
    for paragraph in paragraphs(&text) {
        let entry = Entry::of(paragraph);
        if !entry.installed() {
            continue;
        }
        let marks = |known: Known| &*known.1.packages;
        if let Some(known) = pass.with(marks, entry.package) {
            let package = Package {
                files: files(pass, &entry),
                database: STATUS.to_owned(),
                version: Some(entry.version.to_owned()),
                publisher: without_address(entry.maintainer),
            };
            pass.installed(known, InstallSource::Dpkg, package);
        }
    }
}

/// Packages that are there for several architectures have theirs in the list's name.
fn files(pass: &mut Pass<'_>, entry: &Entry<'_>) -> Vec<String> {
    let name = entry.package;
    let plain = format!("{INFO}/{name}.list");
    let list = pass.look.file(CLIENT, &plain, LARGEST_LIST).or_else(|| {
        let other = format!("{INFO}/{name}:{}.list", entry.architecture);
        pass.look.file(CLIENT, &other, LARGEST_LIST)
    });
    let list = list.unwrap_or_default();
    let lines = String::from_utf8_lossy(&list);
    let real = |line: &&str| line.starts_with('/') && *line != "/.";
    lines.lines().filter(real).map(str::to_owned).collect()
}

/// Entries that are separated by an empty line.
pub(super) fn paragraphs(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n\n").filter(|part| !part.trim().is_empty())
}

#[derive(Default)]
struct Entry<'a> {
    package: &'a str,
    status: &'a str,
    version: &'a str,
    architecture: &'a str,
    maintainer: &'a str,
}

impl<'a> Entry<'a> {
    fn of(paragraph: &'a str) -> Self {
        let mut entry = Self::default();
        for line in paragraph.lines() {
            // A line that goes on begins with a blank, and so with no field's name.
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            let field = match name {
                "Package" => &mut entry.package,
                "Status" => &mut entry.status,
                "Version" => &mut entry.version,
                "Architecture" => &mut entry.architecture,
                "Maintainer" => &mut entry.maintainer,
                _ => continue,
            };
            *field = value.trim();
        }
        // It becomes part of a path.
        if entry.package.contains('/') || entry.architecture.contains('/') {
            entry.package = "";
        }
        entry
    }

    /// Its files are there: not only what remains of its configuration.
    fn installed(&self) -> bool {
        let state = self.status.split(' ').next_back().unwrap_or_default();
        !matches!(state, "" | "not-installed" | "config-files")
    }
}
