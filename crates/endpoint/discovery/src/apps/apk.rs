//! Alpine's package database (apk-tools: `lib/apk/db/installed`): one letter, a colon, a value.

use tidegate_device_api::InstallSource;

use super::{Known, Package, Pass, dpkg::paragraphs, without_address};

const CLIENT: &str = "apk";
/// The second is where newer releases keep it.
const DATABASES: [&str; 2] = ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"];
const LARGEST: u64 = 64 << 20;

pub(super) fn look(pass: &mut Pass<'_>) {
    if pass.look.is_home() {
        return;
    }
    for database in DATABASES {
        let Some(bytes) = pass.look.place(CLIENT, database, LARGEST) else {
            continue;
        };
        pass.look.watch(database);
        let text = String::from_utf8_lossy(&bytes);
        for paragraph in paragraphs(&text) {
            let (name, mut package) = entry(paragraph);
            let marks = |known: Known| &*known.1.packages;
            if let Some(known) = pass.with(marks, name) {
                database.clone_into(&mut package.database);
                pass.installed(known, InstallSource::Apk, package);
            }
        }
        return;
    }
}

fn entry(paragraph: &str) -> (&str, Package) {
    let (mut name, mut folder) = ("", "");
    let mut package = Package::default();
    for line in paragraph.lines() {
        let Some((letter, value)) = line.split_once(':') else {
            continue;
        };
        match letter {
            "P" => name = value,
            "V" => package.version = Some(value.to_owned()),
            "m" => package.publisher = without_address(value),
            "F" => folder = value,
            "R" => package.files.push(format!("/{folder}/{value}")),
            _ => {}
        }
    }
    (name, package)
}
