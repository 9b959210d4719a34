//! What arrives at the desktop, and what does not.

use std::{num::NonZeroU32, time::Duration};

use anyhow::Context;
use tidegate_notice::{Bus, Deliver, Notice, Notifier, ShowError, show};

use crate::{
    bus::PrivateBus,
    login,
    server::{Server, Shown},
};

const ABILITIES: &[&str] = &["actions", "body", "body-markup"];

fn notice() -> Notice {
    Notice {
        app: "claude-code".parse().unwrap(),
        server: None,
        reason: Some("R&D only".into()),
        ask: Some("Ask your administrator.".into()),
        granted: None,
    }
}

fn on(bus: &PrivateBus) -> Bus {
    Bus {
        session: bus.socket().to_owned(),
        system: bus.socket().to_owned(),
    }
}

fn me() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Nothing here takes longer than a moment; a desktop that hangs is a failure, not a wait.
async fn timed<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let limit = Duration::from_secs(60);
    tokio::time::timeout(limit, work)
        .await
        .context("it hangs")?
}

#[tokio::test]
async fn a_notice_arrives_and_the_next_one_replaces_it() -> anyhow::Result<()> {
    timed(async {
        let bus = PrivateBus::start()?;
        let mut server = Server::start(bus.socket(), ABILITIES).await?;
        let id = show(&on(&bus), &notice(), None).await?;
        assert_eq!(id, NonZeroU32::new(7));
        let mut expected = Shown {
            sender: "Tidegate Edge".into(),
            replaces: 0,
            summary: "claude-code was blocked".into(),
            body: "Your organisation does not allow this app to use AI services.\n\
                   Reason: R&amp;D only\nAsk your administrator."
                .into(),
            actions: Vec::new(),
            urgency: Some(1),
            expires: -1,
            uid: me(),
        };
        assert_eq!(server.next().await, Some(expected.clone()));
        let again = show(&on(&bus), &notice(), id).await?;
        assert_eq!(again, id);
        expected.replaces = 7;
        assert_eq!(server.next().await, Some(expected));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_plain_server_gets_plain_text() -> anyhow::Result<()> {
    timed(async {
        let bus = PrivateBus::start()?;
        let mut server = Server::start(bus.socket(), &["body"]).await?;
        show(&on(&bus), &notice(), None).await?;
        let shown = server.next().await.context("shown")?;
        assert!(shown.body.contains("R&D only"), "{}", shown.body);
        drop(server);
        let mut server = Server::start(bus.socket(), &[]).await?;
        show(&on(&bus), &notice(), None).await?;
        let shown = server.next().await.context("shown")?;
        assert_eq!(shown.summary, "claude-code was blocked: R&D only");
        assert_eq!(shown.body, "");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn without_a_desktop_nothing_is_shown_or_started() -> anyhow::Result<()> {
    timed(async {
        let bus = PrivateBus::start()?;
        assert_eq!(show(&on(&bus), &notice(), None).await?, None);
        // A server that would be started, and fails: so it is seen whether somebody tried.
        bus.activatable("org.freedesktop.Notifications", "/bin/false")?;
        let session = login::Session {
            uid: me(),
            kind: "wayland",
            class: "user",
            active: true,
        };
        for (what, session, started) in [
            (
                "a terminal",
                login::Session {
                    kind: "tty",
                    ..session.clone()
                },
                false,
            ),
            (
                "the login screen",
                login::Session {
                    class: "greeter",
                    ..session.clone()
                },
                false,
            ),
            (
                "behind another",
                login::Session {
                    active: false,
                    ..session.clone()
                },
                false,
            ),
            (
                "somebody else's",
                login::Session {
                    uid: me() + 1,
                    ..session.clone()
                },
                false,
            ),
            ("a desktop", session, true),
        ] {
            let login = login::start(bus.socket(), session).await?;
            let shown = show(&on(&bus), &notice(), None).await;
            match shown {
                Ok(None) => assert!(!started, "{what}"),
                Err(ShowError::Bus(_)) => assert!(started, "{what}"),
                other => anyhow::bail!("{what}: {other:?}"),
            }
            login.close().await?;
        }
        Ok(())
    })
    .await
}

/// Shows in this process what a child would show.
struct Here(Bus);

impl Deliver for Here {
    async fn deliver(
        &self,
        _uid: u32,
        notice: &Notice,
        replaces: Option<NonZeroU32>,
    ) -> Result<Option<NonZeroU32>, tidegate_notice::ChildError> {
        let shown = show(&self.0, notice, replaces).await;
        shown.map_err(|error| tidegate_notice::ChildError::Failed(error.to_string()))
    }
}

#[tokio::test]
async fn many_refusals_are_one_notification() -> anyhow::Result<()> {
    timed(async {
        let bus = PrivateBus::start()?;
        let mut server = Server::start(bus.socket(), ABILITIES).await?;
        let notifier = Notifier::start(Here(on(&bus)));
        for _ in 0..10 {
            assert!(notifier.notify(me(), notice()));
        }
        let mut other = notice();
        other.app = "codex".parse()?;
        assert!(notifier.notify(me(), other));
        let mut replaced = Vec::new();
        for _ in 0..10 {
            let shown = server.next().await.context("shown")?;
            assert_eq!(shown.summary, "claude-code was blocked");
            replaced.push(shown.replaces);
        }
        let last = server.next().await.context("shown")?;
        assert_eq!((&*last.summary, last.replaces), ("codex was blocked", 0));
        // One lies there, whatever its number is.
        assert_eq!(replaced[0], 0);
        assert!(replaced[1..].iter().all(|id| *id != 0), "{replaced:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_bus_that_is_gone_is_an_error_and_none_is_not() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let bus = Bus::of(&dir.path().join("bus"));
    assert_eq!(show(&bus, &notice(), None).await?, None);
    drop(std::os::unix::net::UnixListener::bind(&bus.session)?);
    let error = show(&bus, &notice(), None).await;
    // A child of another test, forked in between, may hold the socket a moment longer.
    let failed = matches!(error, Err(ShowError::Connect(..) | ShowError::Bus(..)));
    assert!(failed, "{error:?}");
    Ok(())
}
