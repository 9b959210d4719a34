//! Homes of made-up machines.

use std::{fs, path::Path};

use tempfile::TempDir;

use super::homes;
use crate::{Os, Places};

fn machine(os: Os) -> (TempDir, Places) {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().to_path_buf();
    (folder, Places { root, os })
}

fn folder(places: &Places, path: &str) {
    fs::create_dir_all(places.real(Path::new(path))).expect("a folder");
}

fn users(places: &Places) -> Vec<String> {
    homes(places).into_iter().map(|home| home.user).collect()
}

#[test]
fn people_have_homes_and_services_do_not() {
    let (_folder, places) = machine(Os::Linux);
    for path in [
        "/etc",
        "/root",
        "/home/ada",
        "/home/bob",
        "/srv/www",
        "/data/eve",
        "/var/mail",
    ] {
        folder(&places, path);
    }
    let passwd = "root:x:0:0::/root:/bin/bash\n\
        www:x:33:33::/srv/www:/usr/sbin/nologin\n\
        ada:x:1000:1000:Ada:/home/ada:/bin/bash\n\
        bob:x:1001:1001::/home/bob:/usr/sbin/nologin\n\
        eve:x:70001:70001::/data/eve:/bin/zsh\n\
        gone:x:1002:1002::/home/gone:/bin/bash\n\
        dyn:x:61200:61200::/var/mail:/bin/false\n\
        nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n\
        broken line\n\
        up:x:1003:1003::/home/../etc:/bin/sh\n\
        slash:x:1004:1004::/:/bin/sh\n";
    fs::write(places.real(Path::new("/etc/passwd")), passwd).expect("passwd");
    assert_eq!(users(&places), ["eve", "ada", "bob"]);
    let ada = &homes(&places)[1];
    assert_eq!(
        (ada.uid, ada.gid, ada.path.as_path()),
        (1000, 1000, Path::new("/home/ada"))
    );

    // root uses an AI client.
    folder(&places, "/root/.codex");
    fs::write(places.real(Path::new("/root/.codex/config.toml")), "").expect("a file");
    assert_eq!(users(&places), ["eve", "ada", "bob", "root"]);
}

#[test]
fn folders_are_homes_elsewhere() {
    let (_folder, places) = machine(Os::Macos);
    for path in [
        "/Users/ada",
        "/Users/Shared",
        "/Users/.localized",
        "/Users/Guest",
    ] {
        folder(&places, path);
    }
    fs::write(places.real(Path::new("/Users/file")), "").expect("a file");
    assert_eq!(users(&places), ["ada"]);

    let (_folder, places) = machine(Os::Windows);
    for path in ["C:\\Users\\ada", "C:/Users/Public", "C:/Users/Default"] {
        folder(&places, path);
    }
    let homes = homes(&places);
    assert_eq!(homes.len(), 1);
    assert_eq!(homes[0].path, Path::new("C:/Users/ada"));
    assert_eq!(homes[0].shown(Path::new("C:/Users/ada/x")), "~/x");
    assert_eq!(homes[0].shown(Path::new("C:/Users/adam")), "C:/Users/adam");
    let real = places.real(Path::new("C:\\Users\\ada\\x"));
    assert_eq!(
        (places.real(&real), places.named(&real)),
        (real.clone(), "C:/Users/ada/x".into())
    );
}

#[test]
fn a_machine_without_a_passwd_has_no_homes() {
    let (_folder, places) = machine(Os::Linux);
    assert!(homes(&places).is_empty());
}
