//! Apps that run from where nobody would look: an AppImage in a folder of its own, a package in a
//! project. A process says what it likes, so it only leads to a file, and the file has to tell the app.

use crate::processes::processes;

use super::{Pass, app_image, npm, paths::is_within};

/// What is here was found as the machine's.
const MACHINES: [&str; 5] = ["/usr", "/opt", "/snap", "/var/lib", "/home/linuxbrew"];
/// How many paths are followed.
const MOST: usize = 64;

pub(super) fn look(pass: &mut Pass<'_>) {
    let Some(uid) = pass.look.uid() else {
        return;
    };
    let mut images = Vec::new();
    let mut programs = Vec::new();
    for process in processes(pass.look.machine(), uid) {
        // The runtime of an AppImage tells its program where the file is.
        process.environment(|name, value| {
            if name == "APPIMAGE" && is_path(value) {
                images.push(value.to_owned());
            }
        });
        let facts = process.facts();
        programs.extend(facts.script.into_iter().chain(facts.executable));
    }
    for list in [&mut images, &mut programs] {
        list.retain(|path| is_path(path) && !is_machines(path));
        list.sort();
        list.dedup();
    }
    for image in images.into_iter().take(MOST) {
        app_image::one(pass, &image, None);
    }
    let modules = programs.iter().filter_map(|path| {
        let (folder, _) = path.rsplit_once("/node_modules/")?;
        Some(format!("{folder}/node_modules"))
    });
    let mut modules: Vec<String> = modules.collect();
    modules.dedup();
    for folder in modules.into_iter().take(MOST) {
        npm::modules(pass, &folder);
    }
}

fn is_path(path: &str) -> bool {
    path.starts_with('/') && path.len() < 4_096 && !path.contains("/../")
}

fn is_machines(path: &str) -> bool {
    MACHINES.iter().any(|folder| is_within(path, folder))
}
