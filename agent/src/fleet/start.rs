//! Starts a child as somebody, gives it a task, and takes its answer, both bounded.

use std::{io, time::Duration};

use anyhow::{Context, bail, ensure};
use nix::sys::resource::{Resource, setrlimit};
use serde::Serialize;
use tidegate_notice::Child;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

/// The longest answer of a child, in bytes.
pub const LONGEST: u64 = 16 << 20;
/// How long a child may take.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What the child may use: a home cannot make it eat the machine.
const LIMITS: &[(Resource, u64)] = &[
    (Resource::RLIMIT_AS, 2 << 30),
    (Resource::RLIMIT_CPU, 30),
    (Resource::RLIMIT_NOFILE, 512),
    (Resource::RLIMIT_FSIZE, 64 << 20),
    (Resource::RLIMIT_CORE, 0),
];

/// Starts this program as a user, with a task on its standard input; what it says on its standard output.
///
/// # Errors
/// It cannot be started, does not end in time, fails, or says more than is read.
pub async fn ask(
    argument: &str,
    uid: u32,
    gid: u32,
    task: &impl Serialize,
) -> anyhow::Result<Vec<u8>> {
    let task = serde_json::to_vec(task)?;
    let mut child = Child::myself(argument).spawn_as(uid, gid)?;
    let (input, output) = (child.stdin.take(), child.stdout.take());
    let talk = async {
        let tell = async {
            if let Some(mut input) = input {
                // One that has gone already is told by the answer that it did not give.
                drop(input.write_all(&task).await);
            }
        };
        let hear = async {
            let mut answer = Vec::new();
            if let Some(output) = output {
                output.take(LONGEST + 1).read_to_end(&mut answer).await?;
            }
            Ok::<_, io::Error>(answer)
        };
        let ((), answer) = tokio::join!(tell, hear);
        let answer = answer?;
        ensure!(answer.len() as u64 <= LONGEST, "it says too much");
        Ok((answer, child.wait().await?))
    };
    let (answer, status) = timeout(PATIENCE, talk)
        .await
        .context("it did not end in time")??;
    if !status.success() {
        bail!("it failed ({status})");
    }
    Ok(answer)
}

/// The child's side, first of all: no privileges, and limits.
///
/// # Errors
/// The system does not let it.
pub fn confine() -> anyhow::Result<()> {
    for &(resource, limit) in LIMITS {
        setrlimit(resource, limit, limit).with_context(|| format!("{resource:?}"))?;
    }
    tidegate_notice::child::give_up_rights().context("giving up privileges")?;
    Ok(())
}
