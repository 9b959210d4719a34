//! What a relay does.

use std::{fs::File, io::Read, time::Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::*;

#[tokio::test]
async fn a_connection_is_handed_over_with_what_is_known_of_it() -> anyhow::Result<()> {
    let (rig, remote, given) = Rig::joined(vec![]).await?;
    assert_eq!(given.text, b"given");
    let mut app = TcpStream::connect(rig.address()?).await?;
    app.write_all(b"hello").await?;
    let mut flow = remote.accept().await?;
    assert_eq!(flow.destination, FAR.parse()?);
    assert_eq!(flow.opener, Some(opener(42)));
    // The loader had a chance to look at it before the relay knew of it.
    assert_eq!(*rig.clerk.opened.lock().unwrap(), [opener(42)]);
    let mut heard = [0; 5];
    flow.stream.read_exact(&mut heard).await?;
    assert_eq!(&heard, b"hello");
    flow.stream.write_all(b"world").await?;
    app.read_exact(&mut heard).await?;
    assert_eq!(&heard, b"world");
    // The loader holds no copy: the app sees the end as soon as the relay is done.
    drop(flow);
    assert_eq!(app.read(&mut heard).await?, 0);
    Ok(())
}

#[tokio::test]
async fn files_that_are_given_arrive() -> anyhow::Result<()> {
    let file = File::open("/proc/self/comm")?;
    let (_rig, _remote, given) = Rig::joined(vec![file.into()]).await?;
    let mut text = String::new();
    let [file] = <[OwnedFd; 1]>::try_from(given.files).map_err(|_| anyhow::anyhow!("one"))?;
    File::from(file).read_to_string(&mut text)?;
    assert!(!text.is_empty());
    Ok(())
}

#[tokio::test]
async fn questions_are_answered_by_the_redirector() -> anyhow::Result<()> {
    let (rig, remote, _) = Rig::joined(vec![]).await?;
    blocking(&remote, |remote| {
        remote.bypass(&TcpSocket::new_v4().unwrap())
    })
    .await??;
    blocking(&remote, |remote| {
        remote.bypass(&TcpSocket::new_v6().unwrap())
    })
    .await??;
    assert_eq!(rig.backend.exempt.load(Ordering::Relaxed), 2);
    let tables = Tables {
        names: vec!["api.openai.com".into()],
        denied: vec![7],
        ..Tables::default()
    };
    let sent = tables.clone();
    blocking(&remote, move |remote| remote.apply(&sent)).await??;
    assert_eq!(rig.backend.inner.tables(), tables);
    let refused = Tables {
        decision: 13,
        ..Tables::default()
    };
    let error = blocking(&remote, move |remote| remote.apply(&refused)).await?;
    assert!(matches!(error, Err(RedirectError::Os { what, error })
        if what == "writing the tables" && error.raw_os_error() == Some(28)));
    assert_eq!(blocking(&remote, |remote| remote.reset_older()).await??, 3);
    Ok(())
}

#[tokio::test]
async fn health_waits_until_the_relay_takes_connections() -> anyhow::Result<()> {
    let (rig, remote, _) = Rig::joined(vec![]).await?;
    let asked = blocking(&remote, |remote| remote.health());
    let health = async {
        let taking = Arc::clone(&remote);
        let task = tokio::spawn(async move { taking.accept().await });
        let health = asked.await;
        task.abort();
        health
    };
    let health = health.await?;
    assert!(health.effective);
    assert_eq!(health.counters, [("redirected", 5)]);
    assert_eq!(*rig.backend.serving.borrow(), Some(true));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_is_looked_at_and_a_look_that_never_ends_is_given_up() -> anyhow::Result<()> {
    let (rig, remote, _) = Rig::joined(vec![]).await?;
    let who = blocking(&remote, |remote| remote.attribute(&opener(42))).await?;
    assert_eq!((&*who.program, &*who.user), ("/proc/42", "1000"));
    let clerk = Arc::clone(&rig.clerk);
    let began = Instant::now();
    let held = clerk.stuck.lock().unwrap();
    let stuck = Arc::clone(&remote);
    let stuck = std::thread::spawn(move || stuck.attribute(&opener(99)));
    // Others are not held up.
    let who = tokio::task::block_in_place(|| remote.attribute(&opener(43)));
    assert_eq!(who.program, "/proc/43");
    let who = tokio::task::block_in_place(|| stuck.join().unwrap());
    drop(held);
    assert_eq!(who, Attributed::unknown(1000));
    assert!(began.elapsed() < Duration::from_secs(2));
    Ok(())
}

#[tokio::test]
async fn a_notice_arrives() -> anyhow::Result<()> {
    let (rig, remote, _) = Rig::joined(vec![]).await?;
    let notice = Notice {
        uid: 1000,
        app: "curl".into(),
        server: None,
        reason: Some("not reviewed".into()),
        ask: None,
        granted: None,
    };
    remote.notify(notice.clone());
    // Frames keep their order, so an answer to what came after it says that it arrived.
    blocking(&remote, |remote| remote.attribute(&opener(1))).await?;
    assert_eq!(*rig.clerk.notices.lock().unwrap(), [notice]);
    Ok(())
}

#[tokio::test]
async fn told_to_stop_it_finishes_and_new_connections_are_not_taken() -> anyhow::Result<()> {
    let (mut rig, remote, _) = Rig::joined(vec![]).await?;
    let mut stop = remote.stop();
    let app = TcpStream::connect(rig.address()?).await?;
    let flow = remote.accept().await?;
    rig.stop.take().map(|stop| stop.send(()));
    stop.wait_for(|&stop| stop).await?;
    assert_eq!(*rig.backend.serving.borrow(), Some(false));
    // What is open goes on, and so do its questions.
    assert_eq!(flow.stream.peer_addr()?, app.local_addr()?);
    let who = blocking(&remote, |remote| remote.attribute(&opener(42))).await?;
    assert_eq!(who.program, "/proc/42");
    drop((flow, remote));
    assert!(matches!(rig.served.await?.ended, Ended::Gone));
    Ok(())
}

#[tokio::test]
async fn when_the_loader_goes_the_relay_hears_it_everywhere() -> anyhow::Result<()> {
    let (rig, remote, _) = Rig::joined(vec![]).await?;
    let mut stop = remote.stop();
    rig.served.abort();
    stop.wait_for(|&stop| stop).await?;
    assert!(remote.accept().await.is_err());
    let refused = blocking(&remote, |remote| {
        remote.bypass(&TcpSocket::new_v4().unwrap())
    });
    assert!(refused.await?.is_err());
    assert!(!blocking(&remote, |remote| remote.health()).await?.effective);
    Ok(())
}

#[tokio::test]
async fn a_pass_takes_a_policy_and_gives_what_came_of_it() -> anyhow::Result<()> {
    let (rig, remote, _) = Rig::joined(vec![]).await?;
    let policy = vec![b'x'; 3 << 20];
    let asked = policy.clone();
    let said = blocking(&remote, move |remote| remote.pass(&asked)).await??;
    assert_eq!(said, [b"passed: ", &policy[..]].concat());
    // One that goes on does not end for a second, and the second is told.
    let first = tokio::spawn({
        let remote = Arc::clone(&remote);
        async move { blocking(&remote, |remote| remote.pass(b"long")).await }
    });
    rig.clerk.began.notified().await;
    let second = blocking(&remote, |remote| remote.pass(b"second")).await?;
    assert!(second.is_err_and(|error| error.to_string().contains("busy")));
    rig.clerk.passing.notify_one();
    assert_eq!(first.await???, b"passed: long");
    Ok(())
}

#[tokio::test]
async fn a_change_is_told_once_however_often_it_was_said() -> anyhow::Result<()> {
    let (rig, remote, _) = Rig::joined(vec![]).await?;
    rig.clerk.changed.notify_one();
    remote.changed().await;
    rig.clerk.changed.notify_one();
    remote.changed().await;
    Ok(())
}

#[tokio::test]
async fn a_refused_start_is_told() -> anyhow::Result<()> {
    let (rig, remote, _) = Rig::joined(vec![]).await?;
    rig.clerk.refusing.notify_one();
    assert_eq!(remote.refused().await, Some(refused()));
    Ok(())
}
