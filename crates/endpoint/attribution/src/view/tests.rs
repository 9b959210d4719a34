//! A view stays inside its root, whatever lies there.

use std::{fs, os::unix::fs::symlink};

use anyhow::Result;

use super::*;

fn view() -> Result<(tempfile::TempDir, View)> {
    let dir = tempfile::tempdir()?;
    fs::create_dir_all(dir.path().join("root/usr/lib/x"))?;
    fs::write(dir.path().join("root/usr/lib/x/cli.js"), "text")?;
    fs::write(dir.path().join("secret"), "outside")?;
    let view = View::new(dir.path().join("root"));
    Ok((dir, view))
}

#[test]
fn links_are_followed_inside() -> Result<()> {
    let (dir, view) = view()?;
    let root = dir.path().join("root");
    fs::create_dir(root.join("bin"))?;
    symlink("/usr/lib/x/cli.js", root.join("bin/absolute"))?;
    symlink("../usr/lib/./x/cli.js", root.join("bin/relative"))?;
    symlink("/usr/lib", root.join("lib"))?;
    for path in [
        "/bin/absolute",
        "/bin/relative",
        "/lib/x/cli.js",
        "/usr//lib/../lib/x/cli.js",
    ] {
        let resolved = view.resolve(Path::new(path));
        assert_eq!(resolved, Some("/usr/lib/x/cli.js".into()), "{path}");
    }
    assert_eq!(
        view.read(Path::new("/usr/lib/x/cli.js"), 3),
        Some(b"tex".to_vec())
    );
    Ok(())
}

#[test]
fn nothing_leads_out() -> Result<()> {
    let (dir, view) = view()?;
    let root = dir.path().join("root");
    symlink("../secret", root.join("up"))?;
    symlink(dir.path().join("secret"), root.join("away"))?;
    for path in ["/up", "/away", "/../secret", "/usr/../../../secret"] {
        assert_eq!(view.resolve(Path::new(path)), None, "{path}");
    }
    Ok(())
}

#[test]
fn circles_end() -> Result<()> {
    let (dir, view) = view()?;
    let root = dir.path().join("root");
    symlink("b", root.join("a"))?;
    symlink("a", root.join("b"))?;
    symlink("deep/deep", root.join("deep"))?;
    assert_eq!(view.resolve(Path::new("/a")), None);
    assert_eq!(view.resolve(Path::new("/deep")), None);
    Ok(())
}

#[test]
fn only_regular_files_are_read() -> Result<()> {
    let (dir, view) = view()?;
    let pipe = dir.path().join("root/pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status()?;
    assert!(made.success());
    // Without O_NONBLOCK this would wait for a writer for ever.
    assert_eq!(view.read(Path::new("/pipe"), 10), None);
    assert_eq!(view.read(Path::new("/usr"), 10), None);
    assert_eq!(view.names(Path::new("/usr/lib"), 10), ["x"]);
    assert!(view.names(Path::new("/nowhere"), 10).is_empty());
    Ok(())
}
