//! Pins: what outlives the agent, what the next one takes over, and how it is taken away.

use std::{fs, io::ErrorKind, path::PathBuf};

use anyhow::{Result, ensure};
use aya::maps::{Map, MapData, MapError};
use tidegate_redirect::{FailMode, Redirector, Tables};
use tidegate_redirect_abi::LAYOUT;
use tidegate_redirector_user::{Options, detach};

use crate::{
    agent::{Agent, connect, real},
    rig::{AI4, Rig, at, inside, tables},
};

/// A directory of pins that is removed in any case.
pub(crate) struct Pinned(PathBuf);

impl Pinned {
    pub(crate) fn new(rig: &Rig) -> Self {
        Self(PathBuf::from(format!(
            "/sys/fs/bpf/tidegate-test-{}-{}",
            std::process::id(),
            rig.number
        )))
    }

    pub(crate) fn options(&self, rig: &Rig) -> Options {
        Options {
            pins: Some(self.0.clone()),
            ..rig.options()
        }
    }
}

impl Pinned {
    /// A pinned map, as somebody with the rights of root may open it.
    pub(crate) fn map<M: TryFrom<Map, Error = MapError>>(&self, name: &str) -> Result<M> {
        let data = MapData::from_pin(self.0.join(maps()).join(name))?;
        Ok(Map::from_map_data(data)?.try_into()?)
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        detach(&self.0).ok();
    }
}

/// The folder of this layout's maps.
fn maps() -> String {
    format!("maps-v{LAYOUT}")
}

fn tables_that_fail(fail: FailMode) -> Tables {
    Tables { fail, ..tables() }
}

#[test]
fn pinned_and_open_lets_through_when_the_agent_is_gone() {
    inside(|rig| async move {
        let pins = Pinned::new(&rig);
        let _real = real(at(AI4, 443)).await?;
        drop(rig.start_with(pins.options(&rig), &tables_that_fail(FailMode::Open))?);
        ensure!(pins.0.join("links/connect4").exists());
        ensure!(connect(at(AI4, 443)).await?.answer == "real");
        Ok(())
    });
}

#[test]
fn pinned_and_closed_refuses_until_it_is_detached() {
    inside(|rig| async move {
        let pins = Pinned::new(&rig);
        let _real = real(at(AI4, 443)).await?;
        drop(rig.start_with(pins.options(&rig), &tables_that_fail(FailMode::Closed))?);
        let error = connect(at(AI4, 443)).await.expect_err("closed");
        ensure!(error.kind() == ErrorKind::NetworkUnreachable, "{error:?}");

        ensure!(detach(&pins.0)? == 9);
        ensure!(!pins.0.exists());
        ensure!(connect(at(AI4, 443)).await?.answer == "real");
        ensure!(detach(&pins.0)? == 0, "again is no error");
        Ok(())
    });
}

#[test]
fn the_next_agent_takes_over_with_the_tables_in_force() {
    inside(|rig| async move {
        let pins = Pinned::new(&rig);
        drop(rig.start_with(pins.options(&rig), &tables())?);
        // No tables are applied: the old ones are there.
        let linux = tidegate_redirector_user::Linux::start(pins.options(&rig))?;
        ensure!(linux.health().effective, "{:?}", linux.health());
        let mut agent = Agent::serve(linux);
        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
        ensure!(agent.flow().await?.destination == at(AI4, 443));
        Ok(())
    });
}

/// During an upgrade both run: a connection is redirected once, to the new one.
#[test]
fn an_upgrade_has_no_gap_and_redirects_once() {
    inside(|rig| async move {
        let pins = Pinned::new(&rig);
        let mut old =
            Agent::serve(rig.start_with(pins.options(&rig), &tables_that_fail(FailMode::Closed))?);
        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
        old.flow().await?;
        let mut new = Agent::serve(tidegate_redirector_user::Linux::start(pins.options(&rig))?);
        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
        ensure!(new.flow().await?.destination == at(AI4, 443));
        ensure!(old.is_idle());
        // The old one ends; it must not take the new one's namespace with it.
        drop(old);
        tokio::task::yield_now().await;
        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
        ensure!(new.flow().await?.destination == at(AI4, 443));
        ensure!(new.linux.health().effective);
        Ok(())
    });
}

#[test]
fn pins_of_another_layout_are_not_reused_and_swept() {
    inside(|rig| async move {
        let pins = Pinned::new(&rig);
        drop(rig.start_with(pins.options(&rig), &tables())?);
        fs::rename(pins.0.join(maps()), pins.0.join("maps-v1"))?;
        let agent = Agent::serve(rig.start_with(pins.options(&rig), &tables())?);
        ensure!(!pins.0.join("maps-v1").exists() && pins.0.join(maps()).join("CONFIG").exists());
        ensure!(connect(at(AI4, 443)).await?.answer == "agent");
        ensure!(agent.linux.health().effective);
        Ok(())
    });
}

/// The directory may hold other people's things.
#[test]
fn what_is_not_ours_stays() {
    inside(|rig| async move {
        let pins = Pinned::new(&rig);
        drop(rig.start_with(pins.options(&rig), &tables())?);
        let other = pins.0.join("other");
        fs::create_dir(&other)?;
        drop(rig.start_with(pins.options(&rig), &tables())?);
        ensure!(other.exists());
        ensure!(detach(&pins.0)? == 9 && other.exists());
        ensure!(!pins.0.join("links").exists());
        fs::remove_dir(other)?;
        fs::remove_dir(&pins.0)?;
        Ok(())
    });
}

/// Somebody removed a link behind the agent's back.
#[test]
fn health_notices_a_missing_program() {
    inside(|rig| async move {
        let pins = Pinned::new(&rig);
        let linux = rig.start_with(pins.options(&rig), &tables())?;
        ensure!(linux.health().effective);
        fs::remove_file(pins.0.join("links/connect4"))?;
        // The kernel detaches some time after the last reference is gone.
        let since = std::time::Instant::now();
        loop {
            let problem = linux.health().problem;
            if problem.is_some_and(|problem| problem.contains("connect4 is not in force")) {
                return Ok(());
            }
            ensure!(
                since.elapsed() < crate::agent::PATIENCE,
                "it was not noticed"
            );
        }
    });
}

#[test]
fn a_directory_elsewhere_is_refused_with_advice() {
    inside(|rig| async move {
        let elsewhere = tempfile::tempdir()?;
        let options = Options {
            pins: Some(elsewhere.path().join("pins")),
            ..rig.options()
        };
        let error = tidegate_redirector_user::Linux::start(options).expect_err("refused");
        ensure!(error.to_string().contains("/sys/fs/bpf"), "{error}");
        Ok(())
    });
}
