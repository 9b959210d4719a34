//! The hands: the process that looks at the clients of this machine and changes their files. It is root,
//! and it takes nothing but policies that the gateway signed, by the key that root has pinned.
//!
//! The loader starts it, or the service manager does, with another sandbox than the loader's: it may write
//! where clients keep their settings, and has nothing to do with the kernel programs.

use std::path::PathBuf;

use tokio::net::UnixStream;

use super::{
    PassDone,
    frame::{self, Kind},
    pass::Passer,
    pin::Pin,
};

/// Serves the loader until it is gone.
///
/// # Errors
/// The socket fails, or what comes is no frame.
pub async fn serve(
    stream: UnixStream,
    rules: PathBuf,
    pin: &Pin,
    canary: bool,
) -> anyhow::Result<()> {
    let passer = Passer::new(rules, canary);
    let (mut from, mut to) = stream.into_split();
    loop {
        // A frame that is half read must not be given up for a change: reading goes on by itself.
        let mut next = std::pin::pin!(frame::read(&mut from));
        let frame = loop {
            tokio::select! {
                frame = &mut next => break frame?,
                () = passer.changed() => frame::write(&mut to, Kind::Changed, b"").await?,
                (trial, said) = passer.tried() => {
                    if passer.judge(trial, said).await {
                        frame::write(&mut to, Kind::Changed, b"").await?;
                    }
                }
                refusal = passer.refused() => {
                    tracing::info!(app = %refusal.app, uid = refusal.uid, "the start of a denied app was refused");
                    frame::write(&mut to, Kind::Refused, &serde_json::to_vec(&refusal)?).await?;
                }
            }
        };
        let Some((kind, policy)) = frame else {
            return Ok(());
        };
        anyhow::ensure!(
            kind == Kind::Policy,
            "the loader says what only the hands say"
        );
        let done = match policy.is_empty() {
            true => undo(&passer, pin).await,
            false => enforce(&passer, pin, &policy).await,
        };
        frame::write(&mut to, Kind::Done, &serde_json::to_vec(&done)?).await?;
    }
}

async fn enforce(passer: &Passer, pin: &Pin, policy: &[u8]) -> PassDone {
    match pin.verifier() {
        Ok(verifier) => passer.enforce(&verifier, policy).await,
        Err(error) => PassDone {
            problems: vec![format!("no policy can be put in force: {error:#}")],
            ..PassDone::default()
        },
    }
}

/// The key goes last: until then what is left can be tried again.
async fn undo(passer: &Passer, pin: &Pin) -> PassDone {
    let mut done = passer.undo().await;
    if done.problems.is_empty()
        && let Err(error) = pin.forget()
    {
        let problem = format!("{}: {error}", pin.folder.display());
        done.problems.push(problem);
    }
    done
}
