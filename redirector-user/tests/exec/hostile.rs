//! Paths that would have us deny what must not be denied, and paths that lead nowhere. One bad one never
//! hides the others.

use std::{
    fs,
    os::unix::fs::{chown, lchown, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::place::{NOBODY, Place, native, script, starts, with_guard};

/// What is said about a path.
fn said(place: &mut Place, path: &Path) -> Result<String> {
    let mut results = place.guard.set(&[native(path)]);
    let (named, outcome) = results.pop().context("a result")?;
    ensure!(named == path && results.is_empty());
    Ok(outcome
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default())
}

/// A folder of a user's, who may put anything there.
fn home(place: &Place) -> Result<PathBuf> {
    let home = place.path("home");
    fs::create_dir(&home)?;
    chown(&home, Some(NOBODY), Some(NOBODY))?;
    Ok(home)
}

#[test]
fn a_users_link_denies_nobody_elses_file() {
    with_guard(|mut place| {
        let home = home(&place)?;
        let (target, theirs) = (place.program("target")?, place.program("home/theirs")?);
        chown(&theirs, Some(NOBODY), Some(NOBODY))?;
        for (name, to) in [
            ("direct", &target),
            ("own", &theirs),
            ("folder", &place.folder.path().to_owned()),
        ] {
            symlink(to, home.join(name))?;
            lchown(home.join(name), Some(NOBODY), Some(NOBODY))?;
        }
        for name in ["direct", "folder/target"] {
            let why = said(&mut place, &home.join(name))?;
            ensure!(why.contains("not that user's"), "{name}: {why}");
            ensure!(starts(&mut Command::new(&target))?);
        }
        let hard = home.join("hard");
        fs::hard_link(&target, &hard)?;
        ensure!(said(&mut place, &hard)?.contains("not that user's"));
        // Their own files may be denied, also by their links.
        ensure!(said(&mut place, &home.join("own"))?.is_empty());
        ensure!(!starts(&mut Command::new(&theirs))?);
        Ok(())
    });
}

#[test]
fn what_root_installed_in_a_home_may_be_denied() {
    with_guard(|mut place| {
        home(&place)?;
        let app = place.program("home/app")?;
        ensure!(said(&mut place, &app)?.is_empty());
        ensure!(!starts(&mut Command::new(&app))?);
        Ok(())
    });
}

#[test]
fn what_others_need_is_not_denied() {
    with_guard(|mut place| {
        let own = std::env::current_exe()?;
        ensure!(said(&mut place, &own)?.contains("own program"));
        let shell = place.copy("sh", "bash")?;
        ensure!(said(&mut place, &shell)?.contains("interpreter"));
        ensure!(starts(Command::new(&shell).args(["-c", "true"]))?);
        Ok(())
    });
}

#[test]
fn what_is_no_file_hides_no_other() {
    with_guard(|mut place| {
        let app = place.program("app")?;
        let (fifo, circle, relative) = (
            place.path("fifo"),
            place.path("circle"),
            PathBuf::from("app"),
        );
        nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU)?;
        symlink("circle", &circle)?;
        let folder = place.folder.path().to_owned();
        let deep = (0..600).fold(folder.clone(), |path, _| path.join("."));
        let missing = place.path("missing");
        let paths = [&fifo, &circle, &relative, &folder, &missing, &app, &deep];
        let files: Vec<_> = paths.iter().map(|path| native(path)).collect();
        let results = place.guard.set(&files);
        let wrong: Vec<bool> = results
            .iter()
            .map(|(_, outcome)| outcome.is_err())
            .collect();
        ensure!(
            wrong == [true, true, true, true, true, false, true],
            "{results:?}"
        );
        ensure!(!starts(&mut Command::new(&app))?);
        Ok(())
    });
}

#[test]
fn a_file_named_twice_is_denied_once() {
    with_guard(|mut place| {
        let tool = place.script("tool.py", "")?;
        place.deny(&[native(&tool), script(&tool)])?;
        place.deny(&[])?;
        ensure!(Command::new("python3").arg(&tool).status()?.success());
        Ok(())
    });
}
