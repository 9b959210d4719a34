//! What vendors' own installers leave, by the paths in the catalogue.

use tidegate_device_api::{InstallSource, Looked};
use tidegate_policy::{VendorPath, VersionFrom};

use crate::Os;

use super::{
    Known, Pass,
    look::Stands,
    sighting::Says,
    version::{newest, without_platform},
};

const LARGEST: u64 = 1 << 20;

pub(super) fn look(pass: &mut Pass<'_>) {
    // Their paths on Windows are folders of programs.
    if pass.look.os() == Os::Windows {
        return;
    }
    for known in pass.known() {
        for vendor in &known.1.vendor {
            if let Some(path) = pass.look.here(&vendor.path) {
                // Where it may come to be.
                let folder = path.rsplit_once('/').map_or("/", |(folder, _)| folder);
                if folder.ends_with("/bin") && pass.look.is_home() && pass.look.is_folder(folder) {
                    pass.look.watch(folder);
                }
                one(pass, known, vendor, path);
            }
        }
    }
}

fn one(pass: &mut Pass<'_>, known: Known, vendor: &VendorPath, path: String) {
    let client = known.0.name.as_str();
    if !pass.look.is_there(&path) {
        pass.look.saw(client, &path, Looked::Absent, None);
        return;
    }
    pass.look.saw(client, &path, Looked::Found, None);
    if let Some(needs) = vendor
        .needs
        .as_ref()
        .and_then(|needs| pass.look.here(needs))
        && !pass.look.is_there(&needs)
    {
        pass.look.saw(
            client,
            &needs,
            Looked::Absent,
            Some("without it the other is not taken for the app"),
        );
        return;
    }
    let mut chain = pass.look.chain(&path);
    let version = match &vendor.version {
        None => None,
        Some(VersionFrom::Link) => match pass.look.stands(&path) {
            Stands::Link(target) => after_versions(&target),
            _ => None,
        },
        Some(VersionFrom::Newest) => {
            let names = pass.look.names(&path);
            // An empty folder is what an uninstalled app leaves.
            let Some(name) = newest(&names) else {
                return;
            };
            chain.push(format!("{path}/{name}"));
            Some(without_platform(name))
        }
        Some(VersionFrom::Json(file)) => {
            let tree = pass.look.json(client, &format!("{path}/{file}"), LARGEST);
            tree.and_then(|tree| tree.text_at("version").map(str::to_owned))
        }
        Some(VersionFrom::Text(file)) => {
            let bytes = pass.look.file(client, &format!("{path}/{file}"), LARGEST);
            bytes.map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned())
        }
    };
    pass.saw(
        known,
        Says::new(InstallSource::Vendor, path).version(version),
        chain,
    );
}

/// `…/claude/versions/2.1.3` is 2.1.3.
fn after_versions(target: &str) -> Option<String> {
    let mut parts = target.split('/');
    parts.find(|part| matches!(*part, "versions" | "releases"))?;
    parts.next().map(without_platform)
}
