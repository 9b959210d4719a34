//! Passes over one file: exact undo, other people's writes, and a kill at every step.

use std::{
    cell::Cell,
    fs, io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
};

use serde_json::json;
use tidegate_discovery::Format;

use super::{Target, pass};
use crate::{
    disk::{DiskError, Step, no_hook},
    op::Op,
    record::{Edit, Store},
};

const BASE: &str = "{\n  // servers\n  \"s\": {\n    \"a\": {\"k\": 1},\n    \"b\": {\"k\": 2},\n  },\n  \"z\": [1]\n}\n";

fn take(key: &str) -> Op {
    Op::Take {
        keys: vec!["s".into(), key.into()],
        is: None,
    }
}

fn off(key: &str) -> Op {
    Op::Flag {
        keys: vec!["s".into(), key.into(), "enabled".into()],
        value: json!(false),
    }
}

fn target(file: &Path, ops: &[Op]) -> Target {
    let edit = |op: &Op| Edit {
        op: op.clone(),
        since: None,
        server: None,
    };
    Target {
        edits: ops.iter().map(edit).collect(),
        ..Target::none(file, Format::Jsonc)
    }
}

#[test]
fn a_file_comes_back_byte_for_byte_and_a_second_pass_writes_nothing() -> anyhow::Result<()> {
    let root = tempfile::tempdir()?;
    let (file, records) = (root.path().join("c.json"), root.path().join("state"));
    let store = Store {
        folder: &records,
        hook: &no_hook,
    };
    fs::write(&file, BASE)?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640))?;
    let first = pass(store, &target(&file, &[off("a"), take("b")]))?;
    assert!(first.changed && first.edits.iter().all(Result::is_ok));
    let ours = fs::read_to_string(&file)?;
    assert!(ours.contains("enabled") && !ours.contains("\"b\"") && ours.contains("// servers"));
    assert_eq!(fs::metadata(&file)?.mode() & 0o777, 0o640);
    let inode = fs::metadata(&file)?.ino();
    let record = |path: &Path| -> anyhow::Result<(u64, i64)> {
        let meta = fs::read_dir(path)?.next().expect("a record")?.metadata()?;
        assert_eq!(meta.mode() & 0o777, 0o600);
        Ok((meta.ino(), meta.mtime_nsec()))
    };
    let kept = record(&records)?;
    assert!(!pass(store, &target(&file, &[off("a"), take("b")]))?.changed);
    assert_eq!(
        (fs::metadata(&file)?.ino(), record(&records)?),
        (inode, kept)
    );
    // Less is denied, then nothing.
    assert!(pass(store, &target(&file, &[off("a")]))?.changed);
    assert!(fs::read_to_string(&file)?.contains("\"b\": {\"k\": 2},"));
    assert!(pass(store, &target(&file, &[]))?.changed);
    assert_eq!(fs::read_to_string(&file)?, BASE);
    assert!(!records.exists());
    assert_eq!(fs::read_dir(root.path())?.count(), 1);
    Ok(())
}

#[test]
fn what_its_owner_wrote_since_stays() -> anyhow::Result<()> {
    let root = tempfile::tempdir()?;
    let (file, records) = (root.path().join("c.json"), root.path().join("state"));
    let store = Store {
        folder: &records,
        hook: &no_hook,
    };
    let wanted = [off("a"), take("b")];
    fs::write(&file, BASE)?;
    pass(store, &target(&file, &wanted))?;
    // The client writes the file anew, with something more, and without comments.
    fs::write(
        &file,
        r#"{"s":{"a":{"k":1,"enabled":false},"n":{"k":3}},"z":[1,2]}"#,
    )?;
    assert!(!pass(store, &target(&file, &wanted))?.changed);
    pass(store, &target(&file, &[]))?;
    assert_eq!(
        fs::read_to_string(&file)?,
        r#"{"s":{"a":{"k":1},"b": {"k": 2},"n":{"k":3}},"z":[1,2]}"#
    );
    // The person puts the server back and switches the other on: it is done again, and they keep theirs.
    pass(store, &target(&file, &wanted))?;
    fs::write(&file, r#"{"s":{"a":{"k":1,"enabled":true},"b":{"k":9}}}"#)?;
    assert!(pass(store, &target(&file, &wanted))?.changed);
    let now = fs::read_to_string(&file)?;
    assert_eq!(now, r#"{"s":{"a":{"k":1,"enabled":false}}}"#);
    pass(store, &target(&file, &[]))?;
    assert_eq!(
        fs::read_to_string(&file)?,
        r#"{"s":{"a":{"k":1,"enabled":true},"b":{"k":9}}}"#
    );
    // The file goes: nothing is made again.
    pass(store, &target(&file, &[take("b")]))?;
    fs::remove_file(&file)?;
    assert!(!pass(store, &target(&file, &[take("b")]))?.changed);
    assert!(!file.exists() && !records.exists());
    Ok(())
}

#[test]
fn a_writer_between_our_read_and_the_exchange_loses_nothing() -> anyhow::Result<()> {
    let root = tempfile::tempdir()?;
    let (file, records) = (root.path().join("c.json"), root.path().join("state"));
    let theirs = BASE.replace("[1]", "[1, \"theirs\"]");
    fs::write(&file, BASE)?;
    let times = Cell::new(0);
    let write = |step: Step, path: &Path| {
        if step == Step::Swap && times.replace(times.get() + 1) == 0 {
            fs::write(path.with_extension("new"), &theirs)?;
            fs::rename(path.with_extension("new"), path)?;
        }
        Ok(())
    };
    let store = Store {
        folder: &records,
        hook: &write,
    };
    assert!(pass(store, &target(&file, &[take("b")]))?.changed);
    let now = fs::read_to_string(&file)?;
    assert!(now.contains("theirs") && !now.contains("\"b\""));
    pass(
        Store {
            folder: &records,
            hook: &no_hook,
        },
        &target(&file, &[]),
    )?;
    assert_eq!(fs::read_to_string(&file)?, theirs);
    // Somebody who never stops wins, and nothing is lost.
    let count = Cell::new(0);
    let always = |step: Step, path: &Path| match step {
        Step::Swap => {
            count.set(count.get() + 1);
            fs::write(path, BASE.replace("[1]", &format!("[{}]", count.get())))
        }
        _ => Ok(()),
    };
    let result = pass(
        Store {
            folder: &records,
            hook: &always,
        },
        &target(&file, &[take("b")]),
    );
    assert!(matches!(result, Err(DiskError::Raced)));
    assert_eq!(
        fs::read_to_string(&file)?,
        BASE.replace("[1]", &format!("[{}]", count.get()))
    );
    Ok(())
}

#[test]
fn a_kill_at_any_step_leaves_the_old_or_the_new_and_the_next_pass_repairs() -> anyhow::Result<()> {
    let orders: [(&[Op], &[Op]); 4] = [
        (&[], &[take("b")]),
        (&[take("b")], &[]),
        (&[off("a"), take("b")], &[off("a")]),
        (&[off("a")], &[take("a"), take("b")]),
    ];
    for ((before, after), fatal, owner) in orders
        .iter()
        .flat_map(|order| (0..6).map(move |fatal| (order, fatal)))
        .flat_map(|(order, fatal)| [(order, fatal, false), (order, fatal, true)])
    {
        let root = tempfile::tempdir()?;
        let (file, records) = (root.path().join("c.json"), root.path().join("state"));
        let store = Store {
            folder: &records,
            hook: &no_hook,
        };
        fs::write(&file, BASE)?;
        pass(store, &target(&file, before))?;
        let old = fs::read_to_string(&file)?;
        let steps = Cell::new(0);
        let kill = |_: Step, _: &Path| {
            steps.set(steps.get() + 1);
            if steps.get() > fatal {
                Err(io::Error::other("killed"))
            } else {
                Ok(())
            }
        };
        let killed = Store {
            folder: &records,
            hook: &kill,
        };
        let ended = pass(killed, &target(&file, after)).is_ok();
        let left = fs::read_to_string(&file)?;
        let mut expected = BASE.to_owned();
        if owner {
            // Its owner adds something before we come again.
            fs::write(&file, left.replace("[1]", "[1, 2]"))?;
            expected = BASE.replace("[1]", "[1, 2]");
        }
        pass(store, &target(&file, after))?;
        let new = fs::read_to_string(&file)?;
        let same = new.replace("[1, 2]", "[1]");
        assert!(
            left == same || (left == old && !ended),
            "{before:?} {after:?} {fatal}"
        );
        assert!(!pass(store, &target(&file, after))?.changed);
        pass(store, &target(&file, &[]))?;
        let back = fs::read_to_string(&file)?;
        if owner {
            // Entries that come back stand as they stood, but for a comma after the last.
            let said =
                |text: &str| crate::text::Doc::read(Format::Jsonc, text).map(|doc| doc.value);
            assert_eq!(said(&back), said(&expected));
            assert!(
                back.contains("\n    \"a\": {\"k\": 1},\n    \"b\": {\"k\": 2}"),
                "{back}"
            );
        } else {
            assert_eq!(back, expected);
        }
        assert_eq!(fs::read_dir(root.path())?.count(), 1);
    }
    Ok(())
}

#[test]
fn a_file_of_ours_goes_with_its_folders() -> anyhow::Result<()> {
    let root = tempfile::tempdir()?;
    let file = root.path().join("etc/x/d/ours.json");
    let records = root.path().join("var/state");
    let store = Store {
        folder: &records,
        hook: &no_hook,
    };
    let ours = Target {
        mode: 0o644,
        ..target(
            &file,
            &[Op::Whole {
                text: "{}\n".into(),
            }],
        )
    };
    fs::create_dir(root.path().join("etc"))?;
    assert!(pass(store, &ours)?.changed);
    assert_eq!(fs::metadata(&file)?.mode() & 0o777, 0o644);
    assert_eq!(
        fs::metadata(root.path().join("etc/x"))?.mode() & 0o777,
        0o755
    );
    // Whatever somebody makes of it, it is ours.
    fs::write(&file, "{broken")?;
    assert!(pass(store, &ours)?.changed);
    assert_eq!(fs::read_to_string(&file)?, "{}\n");
    pass(
        store,
        &Target {
            edits: Vec::new(),
            ..ours
        },
    )?;
    assert!(root.path().join("etc").exists() && !root.path().join("etc/x").exists());
    Ok(())
}

#[test]
fn folders_of_ours_go_wherever_a_pass_was_killed() -> anyhow::Result<()> {
    for fatal in [Step::Record, Step::Swap, Step::Close, Step::Forget] {
        let root = tempfile::tempdir()?;
        let file = root.path().join("etc/x/d/ours.json");
        let records = root.path().join("var/state");
        let store = Store {
            folder: &records,
            hook: &no_hook,
        };
        let ours = target(
            &file,
            &[Op::Whole {
                text: "{}\n".into(),
            }],
        );
        let none = target(&file, &[]);
        fs::create_dir(root.path().join("etc"))?;
        let kill = |step: Step, _: &Path| match step {
            step if step == fatal => Err(io::Error::other("killed")),
            _ => Ok(()),
        };
        let killed = Store {
            folder: &records,
            hook: &kill,
        };
        // On its way there, unless nothing is forgotten there; and on its way back.
        assert_eq!(pass(killed, &ours).is_err(), fatal != Step::Forget);
        assert!(pass(store, &ours).is_ok() && file.exists(), "{fatal:?}");
        assert!(pass(killed, &none).is_err(), "{fatal:?}");
        pass(store, &none)?;
        assert!(root.path().join("etc").exists());
        assert!(!root.path().join("etc/x").exists(), "{fatal:?}");
    }
    Ok(())
}

#[test]
fn an_entry_that_its_owner_took_out_gets_no_flag() -> anyhow::Result<()> {
    let root = tempfile::tempdir()?;
    let (file, records) = (root.path().join("c.json"), root.path().join("state"));
    let store = Store {
        folder: &records,
        hook: &no_hook,
    };
    fs::write(&file, BASE)?;
    let both = target(&file, &[off("a"), off("b")]);
    assert!(pass(store, &both)?.changed);
    // What was looked at before is decided about after.
    let less = fs::read_to_string(&file)?.replace("\"a\": {\"k\": 1, \"enabled\": false},", "");
    assert!(!less.contains("\"a\""), "{less}");
    fs::write(&file, &less)?;
    pass(store, &both)?;
    let now = fs::read_to_string(&file)?;
    assert!(!now.contains("\"a\"") && now.contains("enabled"), "{now}");
    assert!(pass(store, &target(&file, &[]))?.changed);
    assert!(!fs::read_to_string(&file)?.contains("enabled"));
    Ok(())
}
