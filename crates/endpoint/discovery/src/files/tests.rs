//! Programs and their packages on a made-up machine.

use std::{fs, path::Path};

use tempfile::TempDir;
use tidegate_policy::Lookup;

use super::Files;
use crate::{Home, Os, Places};

struct Machine {
    _folder: TempDir,
    places: Places,
    home: Home,
}

impl Machine {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().to_path_buf();
        let places = Places {
            root,
            os: Os::Linux,
        };
        for (path, text) in files {
            let path = places.real(Path::new(path));
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, text).expect("a file");
        }
        let home = Home {
            user: "ada".into(),
            uid: 1000,
            gid: 1000,
            path: "/home/ada".into(),
        };
        Self {
            _folder: folder,
            places,
            home,
        }
    }

    fn package(&self, path: &str) -> Option<(String, Option<String>)> {
        let files = Files::new(&self.places, Some(&self.home));
        let project = self.places.real(Path::new("/home/ada/p"));
        let package = files.at(Some(&project)).package_of(path)?;
        Some((package.name, package.version))
    }
}

#[test]
fn the_nearest_named_manifest_says_the_package() {
    let machine = Machine::new(&[
        (
            "/home/ada/p/package.json",
            r#"{"name": "@x/server", "version": "1.2.3"}"#,
        ),
        ("/home/ada/p/dist/package.json", r#"{"type": "module"}"#),
        ("/home/ada/p/dist/index.js", ""),
        ("/home/ada/p/node_modules/dep/i.js", ""),
        ("/opt/lone.js", ""),
        ("/opt/evil/package.json", r#"{"name": "a b\n"}"#),
        ("/opt/evil/i.js", ""),
    ]);
    let server = Some(("@x/server".to_owned(), Some("1.2.3".to_owned())));
    assert_eq!(machine.package("/home/ada/p/dist/index.js"), server);
    assert_eq!(machine.package("dist/../dist/index.js"), server);
    assert_eq!(machine.package("~/p/dist/index.js"), server);
    for none in [
        "/home/ada/p/node_modules/dep/i.js",
        "/opt/lone.js",
        "/opt/evil/i.js",
        "/gone",
    ] {
        assert_eq!(machine.package(none), None, "{none}");
    }
}

#[test]
fn a_command_of_an_environment_belongs_to_a_distribution() {
    let site = "/home/ada/.venv/lib/python3.12/site-packages";
    let machine = Machine::new(&[
        ("/home/ada/.venv/bin/serve", ""),
        ("/home/ada/.venv/bin/other", ""),
        (
            &format!("{site}/mcp_thing-0.4.dist-info/entry_points.txt"),
            "[console_scripts]\nserve = mcp_thing:main\n[x]\nother = no\n",
        ),
        (&format!("{site}/mcp_thing/__main__.py"), ""),
    ]);
    let thing = Some(("mcp_thing".to_owned(), Some("0.4".to_owned())));
    assert_eq!(machine.package("/home/ada/.venv/bin/serve"), thing);
    assert_eq!(
        machine.package(&format!("{site}/mcp_thing/__main__.py")),
        thing
    );
    assert_eq!(machine.package("/home/ada/.venv/bin/other"), None);
}

#[test]
fn programs_are_found_where_shells_find_them() {
    let machine = Machine::new(&[
        ("/usr/bin/git-mcp", "x"),
        ("/home/ada/.local/bin/own-mcp", "abc"),
        (
            "/var/lib/dpkg/info/git-mcp:amd64.list",
            "/.\n/usr\n/bin/git-mcp\n/etc/git\n",
        ),
    ]);
    let files = Files::new(&machine.places, Some(&machine.home));
    let look = files.at(None);
    assert_eq!(look.owner_of("git-mcp").as_deref(), Some("dpkg:git-mcp"));
    assert_eq!(
        look.owner_of("/usr/bin/git-mcp").as_deref(),
        Some("dpkg:git-mcp")
    );
    assert_eq!(look.owner_of("own-mcp"), None);
    // SHA-256 of "abc" (FIPS 180-4, appendix).
    let digest = look.digest_of("own-mcp").expect("a digest");
    assert_eq!(digest[..4], [0xba, 0x78, 0x16, 0xbf]);
    assert_eq!(look.digest_of("gone"), None);
    assert_eq!(look.digest_of(""), None);
}

#[test]
fn nothing_outside_of_the_root_is_looked_up() {
    let outside = tempfile::tempdir().expect("a folder");
    fs::write(outside.path().join("secret"), "x").expect("a file");
    let machine = Machine::new(&[("/home/ada/x", "")]);
    let link = machine.places.real(Path::new("/home/ada/link"));
    std::os::unix::fs::symlink(outside.path().join("secret"), link).expect("a link");
    let files = Files::new(&machine.places, Some(&machine.home));
    assert_eq!(files.at(None).digest_of("~/link"), None);
    assert_eq!(
        files
            .at(None)
            .digest_of("/home/ada/../../../../../../etc/passwd"),
        None
    );
}
