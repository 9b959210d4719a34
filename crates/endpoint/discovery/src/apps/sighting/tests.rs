//! What is one installation, and what are two.

use tidegate_policy::Catalogue;

use crate::{Os, Places};

use super::*;

fn seen(app: &str, source: InstallSource, at: &[&str], version: Option<&str>) -> Sighting {
    let places = Places {
        root: "/nowhere".into(),
        os: Os::Linux,
    };
    let app = Catalogue::builtin()
        .describe(&app.parse().unwrap())
        .unwrap();
    let says = Says::new(source, at[0]).version(version.map(str::to_owned));
    let look = Look::new(&places, None);
    let also = at[1..].iter().map(|path| (*path).to_owned());
    Sighting::new(&look, app, app.install.as_ref().unwrap(), says).also(also)
}

#[test]
fn the_strongest_source_speaks_and_the_others_fill_in() {
    let rows = rows(vec![
        seen(
            "cursor",
            InstallSource::File,
            &["/usr/share/cursor/cursor"],
            None,
        ),
        seen(
            "cursor",
            InstallSource::Vendor,
            &["/usr/share/cursor"],
            Some("2.1"),
        ),
        seen(
            "cursor",
            InstallSource::Dpkg,
            &["/usr/share/cursor/cursor"],
            None,
        ),
    ]);
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].source, rows[0].version.as_deref()),
        (InstallSource::Dpkg, Some("2.1"))
    );
}

#[test]
fn a_link_is_what_it_leads_to() {
    let npm = "/usr/local/lib/node_modules/@openai/codex";
    let script = format!("{npm}/bin/codex.js");
    let rows = rows(vec![
        seen(
            "codex",
            InstallSource::Vendor,
            &["/usr/local/bin/codex", &script],
            None,
        ),
        seen("codex", InstallSource::Npm, &[npm], Some("1")),
    ]);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].source, InstallSource::Npm);
}

#[test]
fn two_places_and_two_apps_are_two() {
    let rows = rows(vec![
        seen("codex", InstallSource::Npm, &["/a/codex"], None),
        seen("codex", InstallSource::Npm, &["/a/codex2"], None),
        seen("cursor", InstallSource::Npm, &["/a/codex"], None),
    ]);
    assert_eq!(rows.len(), 3);
}

#[test]
fn files_of_a_package_are_the_package() {
    let mut package = seen(
        "ollama",
        InstallSource::Dpkg,
        &["/var/lib/dpkg/status"],
        Some("1"),
    );
    package.owned.insert("/usr/bin/ollama".to_owned());
    let file = seen("ollama", InstallSource::Vendor, &["/usr/bin/ollama"], None);
    assert_eq!(rows(vec![file, package]).len(), 1);
}
