//! Programs that are executed themselves.

use std::{fs, process::Command, thread};

use anyhow::{Result, ensure};

use crate::place::{NOBODY, as_nobody, native, starts, with_guard};

#[test]
fn a_denied_program_starts_for_nobody_until_it_is_approved() {
    with_guard(|mut place| {
        let (app, other) = (place.program("app")?, place.program("other")?);
        ensure!(starts(&mut Command::new(&app))?);
        place.deny(&[native(&app)])?;
        ensure!(!starts(&mut Command::new(&app))?, "root");
        let told = place.told()?;
        ensure!(
            (told.uid, &told.path, told.script) == (Some(0), &app, false),
            "{told:?}"
        );
        ensure!(
            told.app.as_str() == "claude-code" && told.pid != std::process::id(),
            "{told:?}"
        );
        ensure!(!starts(&mut as_nobody(&app))?, "another user");
        ensure!(place.told()?.uid == Some(NOBODY));
        ensure!(starts(&mut Command::new(&other))? && starts(&mut as_nobody(&other))?);

        place.deny(&[])?;
        ensure!(starts(&mut Command::new(&app))? && starts(&mut as_nobody(&app))?);
        ensure!(place.nothing_told());
        Ok(())
    });
}

#[test]
fn one_is_approved_and_another_stays_denied() {
    with_guard(|mut place| {
        let (one, two) = (place.program("one")?, place.program("two")?);
        place.deny(&[native(&one), native(&two)])?;
        place.deny(&[native(&two)])?;
        ensure!(starts(&mut Command::new(&one))? && !starts(&mut Command::new(&two))?);
        Ok(())
    });
}

/// The name has no say: links lead to the same file, and so does a new name.
#[test]
fn links_and_new_names_do_not_help() {
    with_guard(|mut place| {
        let app = place.program("app")?;
        let link = place.path("link");
        std::os::unix::fs::symlink(&app, &link)?;
        place.deny(&[native(&link)])?;
        ensure!(!starts(&mut Command::new(&app))? && !starts(&mut Command::new(&link))?);
        let hard = place.path("hard");
        fs::hard_link(&app, &hard)?;
        ensure!(!starts(&mut Command::new(&hard))?);
        let renamed = place.path("renamed");
        fs::rename(&app, &renamed)?;
        ensure!(!starts(&mut Command::new(&renamed))?);
        Ok(())
    });
}

/// Known and said in the documentation: the next scan finds a copy, and an update.
#[test]
fn a_copy_is_another_file_until_it_is_found() {
    with_guard(|mut place| {
        let app = place.program("app")?;
        place.deny(&[native(&app)])?;
        let copy = place.path("copy");
        fs::copy(&app, &copy)?;
        ensure!(starts(&mut Command::new(&copy))?);
        place.deny(&[native(&app), native(&copy)])?;
        ensure!(!starts(&mut Command::new(&copy))?);
        Ok(())
    });
}

/// The dynamic loader runs a program that it only reads; everybody else may read it.
#[test]
fn the_dynamic_loader_is_no_way_around() {
    with_guard(|mut place| {
        let app = place.program("app")?;
        let maps = fs::read_to_string("/proc/self/maps")?;
        let Some(loader) = maps
            .split_ascii_whitespace()
            .find(|word| word.contains("/ld-"))
        else {
            return Ok(());
        };
        ensure!(Command::new(loader).arg(&app).status()?.success());
        place.deny(&[native(&app)])?;
        ensure!(!Command::new(loader).arg(&app).output()?.status.success());
        ensure!(place.told()?.path == app);
        ensure!(Command::new("cat").arg(&app).output()?.status.success());
        ensure!(!fs::read(&app)?.is_empty());
        Ok(())
    });
}

/// An inode is the same wherever it is mounted, in containers too.
#[test]
fn another_mount_namespace_does_not_help() {
    with_guard(|mut place| {
        let app = place.program("app")?;
        let elsewhere = place.path("elsewhere");
        fs::create_dir(&elsewhere)?;
        let mut inside = Command::new("unshare");
        inside.args([
            "-m",
            "sh",
            "-c",
            "mount --bind \"$1\" \"$2\" && \"$2/app\"",
            "-",
        ]);
        inside.arg(place.folder.path()).arg(&elsewhere);
        ensure!(inside.output()?.status.success(), "not denied yet");
        place.deny(&[native(&app)])?;
        let output = inside.output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(
            output.status.code() == Some(126) && said.contains("not permitted"),
            "{said}"
        );
        Ok(())
    });
}

#[test]
fn many_at_once_are_all_refused() {
    with_guard(|mut place| {
        let app = place.program("app")?;
        place.deny(&[native(&app)])?;
        let refused = thread::scope(|scope| {
            let workers: Vec<_> = (0..16)
                .map(|_| {
                    scope.spawn(|| {
                        (0..25)
                            .map(|_| starts(&mut Command::new(&app)))
                            .collect::<Result<Vec<_>>>()
                    })
                })
                .collect();
            let all: Result<Vec<_>> = workers
                .into_iter()
                .map(|worker| worker.join().expect("a worker"))
                .collect();
            all
        })?;
        ensure!(refused.len() == 16 && refused.concat().iter().all(|started| !started));
        Ok(())
    });
}
