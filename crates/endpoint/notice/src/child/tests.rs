//! Who a child is, what it gets, and what it answers.

use std::os::unix::net::UnixListener;

use super::*;

/// Somebody who is not us.
const NOBODY: u32 = 65_534;

fn shell(script: &str) -> Child {
    Child::new(Path::new("/bin/sh"), &["-c", script])
}

fn notice() -> Notice {
    Notice {
        app: "claude-code".parse().unwrap(),
        server: None,
        reason: Some("not reviewed".into()),
        ask: None,
        granted: None,
    }
}

fn me() -> (u32, u32) {
    let (uid, gid) = (rustix::process::geteuid(), rustix::process::getegid());
    (uid.as_raw(), gid.as_raw())
}

async fn said(uid: u32, gid: u32, script: &str) -> anyhow::Result<String> {
    let child = shell(script).spawn_as(uid, gid)?;
    let done = child.wait_with_output().await?;
    Ok(String::from_utf8(done.stdout)?.trim().to_owned())
}

#[tokio::test]
async fn a_child_is_the_user_and_nobody_else() -> anyhow::Result<()> {
    // Its ids: real, effective, saved, of the file system; its groups; what it may ever do.
    let script = "cat /proc/self/status; pwd; ls /proc/self/fd | tail -n 1";
    let (own, _) = me();
    if own != 0 {
        let refused = shell(script).spawn_as(own + 1, 1);
        assert!(matches!(refused, Err(ChildError::NotRoot(_))));
        return Ok(());
    }
    let status = said(NOBODY, 65_533, script).await?;
    let line = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(line("Uid:"), "65534 65534 65534 65534");
    assert_eq!(line("Gid:"), "65533 65533 65533 65533");
    assert_eq!(line("Groups:"), "");
    for set in ["CapEff:", "CapPrm:", "CapInh:", "CapAmb:"] {
        assert_eq!(line(set), "0000000000000000", "{set}");
    }
    let end: Vec<&str> = status.lines().rev().take(2).collect();
    // `ls` itself opens the third.
    assert_eq!(end, ["3", "/"]);
    Ok(())
}

#[tokio::test]
async fn nothing_of_the_environment_goes_along() -> anyhow::Result<()> {
    let (uid, gid) = me();
    // What the shell itself sets.
    let left = said(
        uid,
        gid,
        "env | grep -v -e ^PWD= -e ^SHLVL= -e ^_= -e ^OLDPWD=",
    )
    .await?;
    assert_eq!(left, "");
    Ok(())
}

#[tokio::test]
async fn a_child_that_says_nothing_or_nonsense_has_failed() -> anyhow::Result<()> {
    let run = tempfile::tempdir()?;
    let (uid, gid) = me();
    std::fs::create_dir(run.path().join(uid.to_string()))?;
    assert_eq!(
        Session::of(run.path(), uid).map(|session| session.gid),
        Some(gid)
    );
    for (script, wanted) in [
        ("exit 1", "the child ended without an answer"),
        ("cat", "the child ended without an answer"),
        (
            "head -c 1000000 /dev/zero",
            "the child ended without an answer",
        ),
        (r#"echo '{"shown":0}'"#, "the child ended without an answer"),
        (r#"printf '%s' '{"failed":"a\nb"}'"#, "a b"),
    ] {
        let child = shell(script).with_sessions(run.path());
        let error = child.deliver(uid, &notice(), None).await.unwrap_err();
        assert_eq!(error.to_string(), wanted, "{script}");
    }
    let child = shell(r#"cat >/dev/null; echo '{"shown":7}'"#).with_sessions(run.path());
    let id = child.deliver(uid, &notice(), None).await?;
    assert_eq!(id, NonZeroU32::new(7));
    let gone = shell("exit 1").with_sessions(&run.path().join("none"));
    assert_eq!(
        gone.deliver(uid, &notice(), None).await?,
        None,
        "nobody is logged in"
    );
    Ok(())
}

#[tokio::test]
async fn a_child_that_hangs_is_killed_when_nobody_waits_for_it() -> anyhow::Result<()> {
    let run = tempfile::tempdir()?;
    let (uid, _) = me();
    std::fs::create_dir(run.path().join(uid.to_string()))?;
    // It is open for as long as the child lives.
    let pipe = run.path().join("pipe");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()?
            .success()
    );
    let child = shell(&format!("exec sleep 1000 >{}", pipe.display()));
    let child = child.with_sessions(run.path());
    let (opened, lives) = tokio::sync::oneshot::channel();
    let ended = tokio::task::spawn_blocking(move || {
        let mut file = std::fs::File::open(pipe)?;
        let _heard = opened.send(());
        file.read_to_end(&mut Vec::new())
    });
    let waiting = tokio::spawn(async move { child.deliver(uid, &notice(), None).await });
    lives.await?;
    waiting.abort();
    assert_eq!(timeout(Duration::from_secs(60), ended).await???, 0);
    Ok(())
}

/// A request to a bus at this path.
fn request(session: &Path) -> Request {
    Request {
        bus: Bus::of(session),
        notice: notice(),
        replaces: None,
    }
}

#[tokio::test]
async fn a_dead_bus_is_an_answer_in_time() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("bus");
    let limit = Duration::from_millis(100);
    let nowhere = answer(&request(&path), LIMIT).await;
    assert_eq!(nowhere, Answer::Shown(None), "nobody is logged in");
    // Somebody is there, and says nothing.
    let mute = UnixListener::bind(&path)?;
    let late = Answer::Failed("the desktop did not answer in time".into());
    assert_eq!(answer(&request(&path), limit).await, late);
    // It was there.
    drop(mute);
    let Answer::Failed(why) = answer(&request(&path), LIMIT).await else {
        anyhow::bail!("nobody is there");
    };
    assert!(why.starts_with("no bus listens at"), "{why}");
    Ok(())
}

#[tokio::test]
async fn a_bus_that_talks_nonsense_is_an_error() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("bus");
    let listener = tokio::net::UnixListener::bind(&path)?;
    let talker = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        let mut asked = [0; 1];
        stream.read_exact(&mut asked).await?;
        stream.write_all(b"220 mail.example ESMTP\r\n").await?;
        io::Result::Ok(stream)
    });
    let Answer::Failed(why) = answer(&request(&path), LIMIT).await else {
        anyhow::bail!("that was no bus");
    };
    assert!(why.starts_with("the bus: "), "{why}");
    drop(talker.await??);
    Ok(())
}

#[test]
fn only_a_request_is_served() {
    for input in [&b""[..], b"{}", b"null", &[b'['; 100_000]] {
        let mut output = Vec::new();
        let wrong = serde_json::from_slice::<Request>(input);
        assert!(wrong.is_err());
        // In a thread of its own: it gives up its rights.
        let input = input.to_vec();
        let served = std::thread::spawn(move || (serve(&*input, &mut output).is_err(), output));
        assert_eq!(served.join().unwrap(), (true, Vec::new()));
    }
}
