//! Who is looked after, within which bounds, and what leads to a report.

use tidegate_discovery::Os;
use tidegate_policy::Decision;

use super::*;

fn denying() -> Document {
    Document {
        default_mcp_decision: Decision::Denied,
        ..Document::ungoverned()
    }
}

fn executed(uid: u32) -> Executed {
    Executed {
        pid: 1,
        start: 1,
        uid,
        client: "codex".parse().unwrap(),
    }
}

/// A machine with one home, of whoever runs this.
fn machine() -> anyhow::Result<(tempfile::TempDir, Places, u32)> {
    let root = tempfile::tempdir()?;
    let (uid, gid) = (rustix::process::getuid(), rustix::process::getgid());
    std::fs::create_dir_all(root.path().join("etc"))?;
    std::fs::create_dir_all(root.path().join("home/ada/.codex"))?;
    std::fs::write(root.path().join("home/ada/.codex/config.toml"), "")?;
    std::fs::write(
        root.path().join("etc/passwd"),
        format!(
            "ada:x:{}:{}::/home/ada:/bin/sh\n",
            uid.as_raw(),
            gid.as_raw()
        ),
    )?;
    let places = Places {
        root: root.path().to_owned(),
        os: Os::Linux,
    };
    Ok((root, places, uid.as_raw()))
}

async fn is_reported(stopper: &Stopper) -> bool {
    timeout(Duration::from_secs(20), stopper.changed())
        .await
        .is_ok()
}

#[tokio::test]
async fn nobody_is_looked_after_while_nothing_is_denied() -> anyhow::Result<()> {
    let (_root, places, uid) = machine()?;
    let stopper = Stopper::new(places);
    stopper.executed(executed(uid));
    assert!(!stopper.hold(None) && !stopper.hold(Some(&Document::ungoverned())));
    stopper.executed(executed(uid));
    assert!(stopper.0.lock().people.is_empty());
    assert!(stopper.hold(Some(&denying())));
    stopper.executed(executed(uid));
    assert_eq!(stopper.0.lock().people.len(), 1);
    assert!(stopper.hold(Some(&denying())));
    assert_eq!(stopper.0.lock().people.len(), 1, "the same policy");
    assert!(!stopper.hold(None));
    assert!(stopper.0.lock().people.is_empty());
    Ok(())
}

/// The child is this test's program, which does nothing of the kind.
#[tokio::test]
async fn a_child_that_does_not_do_its_work_leads_to_a_look_at_everything() -> anyhow::Result<()> {
    let (_root, places, uid) = machine()?;
    let stopper = Stopper::new(places);
    assert!(stopper.hold(Some(&denying())));
    stopper.executed(executed(uid));
    assert!(is_reported(&stopper).await);
    assert!(stopper.ended().is_empty());
    Ok(())
}

#[tokio::test]
async fn there_is_room_for_so_many_people_and_processes() -> anyhow::Result<()> {
    let (_root, places, _) = machine()?;
    let stopper = Stopper::new(places);
    assert!(stopper.hold(Some(&denying())));
    // Services, which have no homes. Nothing of it runs before this waits.
    for uid in 5_000..5_000 + MOST_PEOPLE as u32 {
        stopper.executed(executed(uid));
    }
    assert!(timeout(Duration::ZERO, stopper.changed()).await.is_err());
    stopper.executed(executed(4_999));
    assert_eq!(stopper.0.lock().people.len(), MOST_PEOPLE);
    assert!(is_reported(&stopper).await);
    Ok(())
}

#[tokio::test]
async fn what_was_ended_is_reported_and_kept_within_bounds() -> anyhow::Result<()> {
    let (_root, places, _) = machine()?;
    let stopper = Stopper::new(places);
    let long = format!("[{:?}]", "x".repeat(usize::try_from(LONGEST)?));
    let ended = Ended {
        user: "ada".into(),
        said: RawValue::from_string(long)?,
    };
    for _ in 0..9 {
        stopper.0.keep(ended.clone());
    }
    assert!(is_reported(&stopper).await);
    let reported = stopper.ended().len();
    assert!((1..9).contains(&reported), "{reported}");
    assert_eq!(
        stopper.ended().len(),
        reported,
        "the next report has them too"
    );
    // And one that was made later has not.
    let long_ago = Instant::now()
        .checked_sub(KEPT)
        .expect("a machine that runs for seconds");
    for (at, _) in &mut stopper.0.lock().ended {
        *at = long_ago;
    }
    assert!(stopper.ended().is_empty());
    Ok(())
}
