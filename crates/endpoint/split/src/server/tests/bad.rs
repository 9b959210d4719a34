//! What a relay does not do. It is ended for most of it, and none of it reaches the redirector.

use std::{
    fs::File,
    net::{TcpListener, UdpSocket},
    os::unix::net::UnixDatagram,
};

use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

use super::*;
use crate::{LONGEST, MOST_FILES, link};

/// The relay's end, with its hello said.
async fn greeted() -> anyhow::Result<(Rig, Link)> {
    let (rig, theirs) = Rig::start(vec![]).await?;
    let link = Link::new(theirs)?;
    say(&link, &ToLoader::Hello { version: VERSION }, &[]).await?;
    link.receive(&mut [0; 64]).await?;
    Ok((rig, link))
}

async fn say(link: &Link, message: &ToLoader, files: &[&dyn AsFd]) -> anyhow::Result<()> {
    let files: Vec<_> = files.iter().map(|file| file.as_fd()).collect();
    Ok(link.send(&message.encode()?, &files).await?)
}

fn pair() -> anyhow::Result<(OwnedFd, OwnedFd)> {
    let (family, flags) = (AddressFamily::UNIX, SocketFlags::CLOEXEC);
    Ok(socketpair(family, SocketType::SEQPACKET, flags, None)?)
}

async fn misbehaved(rig: Rig) -> anyhow::Result<String> {
    match rig.served.await?.ended {
        Ended::Misbehaved(why) => Ok(why),
        other => anyhow::bail!("it ended with {other:?}"),
    }
}

#[tokio::test]
async fn what_is_no_frame_ends_the_relay() -> anyhow::Result<()> {
    for noise in [&[0][..], &[77], &[1], &[7, 1, 2, 3], &[2, 0], &[0xff; 300]] {
        let (rig, link) = greeted().await?;
        link.send(noise, &[]).await?;
        let why = misbehaved(rig).await?;
        assert!(why.contains("frame"), "{why}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_longer_than_a_frame_ends_the_relay() -> anyhow::Result<()> {
    let (rig, link) = greeted().await?;
    link.send(&vec![2; LONGEST + 1], &[]).await?;
    assert!(misbehaved(rig).await?.contains("more than it should"));
    Ok(())
}

#[tokio::test]
async fn an_empty_frame_is_the_end() -> anyhow::Result<()> {
    let (rig, link) = greeted().await?;
    link.send(&[], &[]).await?;
    assert!(matches!(rig.served.await?.ended, Ended::Gone));
    Ok(())
}

#[tokio::test]
async fn who_does_not_say_hello_is_given_nothing() -> anyhow::Result<()> {
    for first in [
        ToLoader::Ready,
        ToLoader::Hello {
            version: VERSION + 1,
        },
    ] {
        let (rig, theirs) = Rig::start(vec![]).await?;
        let link = Link::new(theirs)?;
        say(&link, &first, &[]).await?;
        assert!(link.receive(&mut [0; 64]).await.is_err());
        assert!(misbehaved(rig).await?.contains("hello"));
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn who_says_nothing_at_all_hangs() -> anyhow::Result<()> {
    let (rig, _theirs) = Rig::start(vec![]).await?;
    assert!(matches!(rig.served.await?.ended, Ended::Hangs));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn who_leaves_connections_lying_hangs() -> anyhow::Result<()> {
    let (rig, link) = greeted().await?;
    say(&link, &ToLoader::Ready, &[]).await?;
    let _app = tokio::net::TcpStream::connect(rig.address()?).await?;
    assert!(matches!(rig.served.await?.ended, Ended::Hangs));
    assert_eq!(*rig.backend.serving.borrow(), Some(false));
    Ok(())
}

#[tokio::test]
async fn what_it_may_say_once_it_says_once() -> anyhow::Result<()> {
    let hello = ToLoader::Hello { version: VERSION };
    for (said, word) in [
        (vec![hello], "hello again"),
        (vec![ToLoader::Ready, ToLoader::Ready], "ready before"),
        (vec![ToLoader::Taken], "not there"),
    ] {
        let (rig, link) = greeted().await?;
        for message in said {
            say(&link, &message, &[]).await?;
        }
        let why = misbehaved(rig).await?;
        assert!(why.contains(word), "{why}");
    }
    Ok(())
}

#[tokio::test]
async fn files_come_with_what_has_files_only() -> anyhow::Result<()> {
    let null = File::open("/dev/null")?;
    let (_mine, reply) = pair()?;
    let many = [&null as &dyn AsFd; MOST_FILES + 1];
    for (message, files) in [
        (ToLoader::Ready, &[&null as &dyn AsFd][..]),
        (ToLoader::Health, &[]),
        (ToLoader::Exempt, &[&reply]),
        (ToLoader::Health, &[&reply, &reply]),
        (ToLoader::Exempt, &many[..MOST_FILES]),
    ] {
        let (rig, link) = greeted().await?;
        say(&link, &message, files).await?;
        assert!(misbehaved(rig).await?.contains("files"), "{message:?}");
    }
    Ok(())
}

#[tokio::test]
async fn answers_go_to_sockets_of_the_relay_only() -> anyhow::Result<()> {
    let null = File::open("/dev/null")?;
    let (datagrams, _other) = UnixDatagram::pair()?;
    let (family, flags) = (AddressFamily::UNIX, SocketFlags::CLOEXEC);
    let (stream, _other) = socketpair(family, SocketType::STREAM, flags, None)?;
    let tcp = TcpSocket::new_v4()?;
    for reply in [&null as &dyn AsFd, &datagrams, &stream, &tcp] {
        let (rig, link) = greeted().await?;
        say(&link, &ToLoader::Health, &[reply]).await?;
        assert!(misbehaved(rig).await?.contains("where none belongs"));
    }
    Ok(())
}

#[tokio::test]
async fn only_tcp_sockets_are_exempt() -> anyhow::Result<()> {
    let (rig, link) = greeted().await?;
    let null = File::open("/dev/null")?;
    let datagrams = UdpSocket::bind("127.0.0.1:0")?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let (local, _other) = pair()?;
    for socket in [&null as &dyn AsFd, &datagrams, &listener, &local] {
        let (mine, reply) = link::Reply::pair()?;
        say(&link, &ToLoader::Exempt, &[&reply, socket]).await?;
        let frame = tokio::task::spawn_blocking(|| mine.wait(Duration::from_secs(10)));
        let answer = crate::Answer::decode(&frame.await??)?;
        assert!(matches!(answer, crate::Answer::Failed(failure)
            if failure.said.contains("only a TCP socket")));
    }
    assert_eq!(rig.backend.exempt.load(Ordering::Relaxed), 0);
    Ok(())
}

#[tokio::test]
async fn an_answer_that_nobody_waits_for_stops_nothing() -> anyhow::Result<()> {
    let (rig, link) = greeted().await?;
    for _ in 0..100 {
        let (mine, reply) = pair()?;
        say(&link, &ToLoader::Attribute(opener(1)), &[&reply]).await?;
        drop(mine);
    }
    // One whose queue is full: the loader does not wait for room.
    let (mine, reply) = pair()?;
    while link::send(&reply, &[0; 4096], &[]).is_ok() {}
    say(&link, &ToLoader::Apply(Tables::default()), &[&reply]).await?;
    say(&link, &ToLoader::Ready, &[]).await?;
    let ready = |state: &Option<bool>| *state == Some(true);
    rig.backend.serving.subscribe().wait_for(ready).await?;
    drop(mine);
    Ok(())
}

#[tokio::test]
async fn a_policy_that_is_no_file_is_not_read() -> anyhow::Result<()> {
    let (_rig, link) = greeted().await?;
    let (pipe, _other) = std::io::pipe()?;
    let result = File::options().write(true).open("/dev/null")?;
    let (ours, theirs) = pair()?;
    say(&link, &ToLoader::Pass, &[&theirs, &pipe, &result]).await?;
    let mut said = vec![0; crate::LONGEST_ANSWER];
    let said = Link::new(ours)?.receive(&mut said).await?.bytes.to_vec();
    let crate::Answer::Failed(failure) = crate::Answer::decode(&said)? else {
        anyhow::bail!("it was read");
    };
    assert!(failure.what.contains("policy"), "{failure:?}");
    Ok(())
}
