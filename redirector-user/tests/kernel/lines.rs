//! The kernel programs' debug channel: what they decide can be read, and only where it was asked for.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use anyhow::{Result, ensure};
use tidegate_redirect::{FailMode, Redirector, Tables};
use tidegate_redirector_user::{KernelLog, Options};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use crate::{
    agent::{Agent, PATIENCE, connect, real},
    rig::{AI4, AI6, OTHER4, Rig, at, inside, tables},
};

/// What was logged by this thread.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new("tidegate::kernel=trace"))
            .with_ansi(false)
            .with_writer(self.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }

    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Waits for one line with all of these in it.
    async fn wait(&self, parts: &[&str]) -> Result<()> {
        let since = Instant::now();
        loop {
            let text = self.text();
            if text
                .lines()
                .any(|line| parts.iter().all(|part| line.contains(part)))
            {
                return Ok(());
            }
            ensure!(
                since.elapsed() < PATIENCE,
                "no line with {parts:?} in\n{text}"
            );
            tokio::task::yield_now().await;
        }
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn saying(rig: &Rig, kernel_log: KernelLog) -> Options {
    Options {
        kernel_log,
        ..rig.options()
    }
}

#[test]
fn each_decision_can_be_read() {
    inside(|rig| async move {
        let lines = Lines::default();
        let _listening = lines.listen();
        let (_ai, _other) = (real(at(AI4, 443)).await?, real(at(OTHER4, 443)).await?);
        let linux = rig.start_with(saying(&rig, KernelLog::Trace), &tables())?;
        let limitations = linux.health().limitations;
        ensure!(limitations.is_empty(), "{limitations:?}");
        let mut agent = Agent::serve(linux);
        let me = std::process::id().to_string();

        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
        agent.flow().await?;
        lines
            .wait(&[
                "DEBUG tidegate::kernel",
                &me,
                AI4,
                "443: redirected to port",
            ])
            .await?;
        lines
            .wait(&["DEBUG tidegate::kernel", "source port", "published"])
            .await?;
        ensure!(connect(at(AI6, 443)).await?.answer == "agent");
        agent.flow().await?;
        lines.wait(&[AI6, "redirected to port"]).await?;
        ensure!(connect(at(OTHER4, 443)).await?.answer == "real");
        lines
            .wait(&["TRACE tidegate::kernel", OTHER4, "not governed"])
            .await?;

        agent.linux.apply(&Tables {
            denied: vec![std::process::id()],
            ..tables()
        })?;
        connect(at(AI4, 443)).await.expect_err("denied");
        lines
            .wait(&["DEBUG tidegate::kernel", &me, AI4, "denied"])
            .await
    });
}

#[test]
fn why_nothing_is_redirected_can_be_read() {
    inside(|rig| async move {
        let lines = Lines::default();
        let _listening = lines.listen();
        let closed = Tables {
            fail: FailMode::Closed,
            ..tables()
        };
        let linux = rig.start_with(saying(&rig, KernelLog::Debug), &closed)?;
        linux.serving(false)?;
        connect(at(AI4, 443)).await.expect_err("nobody serves");
        lines
            .wait(&["INFO tidegate::kernel", AI4, "no agent in namespace"])
            .await?;
        lines
            .wait(&["DEBUG tidegate::kernel", AI4, "refused, fail closed"])
            .await?;
        ensure!(!lines.text().contains("TRACE"), "{}", lines.text());
        Ok(())
    });
}

#[test]
fn without_being_asked_they_say_nothing() {
    inside(|rig| async move {
        let lines = Lines::default();
        let _listening = lines.listen();
        let mut agent = Agent::serve(rig.start()?);
        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
        agent.flow().await?;
        ensure!(lines.text().is_empty(), "{}", lines.text());
        Ok(())
    });
}
