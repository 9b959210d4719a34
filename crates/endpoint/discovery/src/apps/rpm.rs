//! RPM's package database. Since version 4.16 it is SQLite: table `Packages` has a header for each
//! package, table `Name` says which. Older ones (Berkeley DB, NDB) are not read; coverage says so.

mod header;

use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension};
use tidegate_device_api::{InstallSource, Looked};

use super::{Package, Pass};

const CLIENT: &str = "rpm";
const FOLDERS: [&str; 2] = ["/usr/lib/sysimage/rpm", "/var/lib/rpm"];
const OLDER: [&str; 2] = ["Packages.db", "Packages"];
/// The largest header that is read; that of a kernel's sources is some ten megabytes.
const LARGEST_HEADER: i64 = 32 << 20;

pub(super) fn look(pass: &mut Pass<'_>) {
    if pass.look.is_home() {
        return;
    }
    for folder in FOLDERS {
        let database = format!("{folder}/rpmdb.sqlite");
        if pass.look.is_there(&database) {
            read(pass, &database);
            // Where both folders are, one is a link to the other.
            return;
        }
        pass.look.saw(CLIENT, &database, Looked::Absent, None);
        for older in OLDER {
            let older = format!("{folder}/{older}");
            if pass.look.is_there(&older) {
                let why = Some("a database of an older RPM, which is not read");
                pass.look.saw(CLIENT, &older, Looked::Unreadable, why);
            }
        }
    }
}

fn read(pass: &mut Pass<'_>, database: &str) {
    let Some(real) = pass.look.real(database) else {
        return;
    };
    let packages = match packages(pass, &real) {
        Ok(packages) => {
            pass.look.saw(CLIENT, database, Looked::Found, None);
            pass.look.watch(database);
            packages
        }
        Err(_) => {
            let why = Some("the database cannot be read");
            pass.look.saw(CLIENT, database, Looked::Unreadable, why);
            return;
        }
    };
    for (name, blob) in packages {
        let Some(header) = header::read(&blob) else {
            pass.look
                .saw(CLIENT, database, Looked::Broken, Some("a package's header"));
            continue;
        };
        if let Some(known) = pass.with(|known| &known.1.packages, &name) {
            let package = Package {
                database: database.to_owned(),
                version: header.version,
                publisher: header.vendor,
                files: header.files,
            };
            pass.installed(known, InstallSource::Rpm, package);
        }
    }
}

/// The headers of the packages that are known.
fn packages(pass: &Pass<'_>, real: &Path) -> rusqlite::Result<Vec<(String, Vec<u8>)>> {
    let connection = open(real)?;
    let mut statement = connection.prepare(
        "SELECT p.blob FROM Name n JOIN Packages p ON p.hnum = n.hnum \
         WHERE n.key = ?1 AND length(p.blob) <= ?2 ORDER BY p.hnum DESC LIMIT 1",
    )?;
    let mut packages = Vec::new();
    for (_, install) in pass.known() {
        for name in &install.packages {
            let blob = statement.query_row((name, LARGEST_HEADER), |row| row.get(0));
            if let Some(blob) = blob.optional()? {
                packages.push((name.clone(), blob));
            }
        }
    }
    Ok(packages)
}

/// Without writing anything. A journal that was not merged yet can only be read with its index, for which
/// SQLite may make a file; without a journal the file is taken as it is.
fn open(real: &Path) -> rusqlite::Result<Connection> {
    let mut journal = real.as_os_str().to_owned();
    journal.push("-wal");
    let pending = std::fs::symlink_metadata(journal).is_ok_and(|data| data.len() > 0);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | OpenFlags::SQLITE_OPEN_URI;
    let open = |mode: &str| Connection::open_with_flags(uri(real, mode), flags);
    if pending && let Ok(connection) = open("mode=ro") {
        return Ok(connection);
    }
    open("immutable=1")
}

/// A path as SQLite's URI: what has a meaning in one is written as a number.
fn uri(path: &Path, query: &str) -> String {
    use std::fmt::Write as _;
    use std::os::unix::ffi::OsStrExt as _;
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_') {
            uri.push(char::from(*byte));
        } else {
            // Writing to a string cannot fail.
            let _written = write!(uri, "%{byte:02X}");
        }
    }
    format!("{uri}?{query}")
}

#[cfg(test)]
mod tests;
