//! The agent's part: asks the gateway, keeps what comes of it.

use std::{path::Path, sync::Arc, time::Duration};

use nix::unistd::{Uid, geteuid};
use serde::{Serialize, de::DeserializeOwned};
use tidegate_agent_core::Event;
use tidegate_device_api::{
    DeviceCodeRequest, DeviceCodeResponse, LinkResponse, POLL_SECONDS, PollRequest, PollResponse,
    RedeemRequest, RedeemResponse, SIGN_IN_CODE, SIGN_IN_LINK, SIGN_IN_POLL, SIGN_IN_REDEEM,
    SIGN_IN_UNLINK, UnlinkRequest, UnlinkResponse, refusal,
};
use tidegate_types::Secret;
use tokio::sync::{Mutex, mpsc, watch};

use super::{Step, Stepped};
use crate::{
    device_api::{ApiError, DeviceApi},
    enrol,
    machine::Machine,
    service::Input,
    state::State,
};

/// Turns true when this device is enrolled by a sign-in.
pub type Waiter = watch::Receiver<bool>;

/// Serves people who sign in.
pub struct Desk {
    api: Arc<DeviceApi>,
    state: State,
    inputs: mpsc::Sender<Input>,
    /// The device's key, where it is enrolled.
    key: Option<Secret<String>>,
    enrolled: watch::Sender<bool>,
    /// One at a time changes who this device is.
    turn: Mutex<()>,
}

impl Desk {
    /// Of a device that is enrolled, where there is a key, and else of one that may come to be.
    #[must_use]
    pub fn new(
        api: Arc<DeviceApi>,
        state: State,
        inputs: mpsc::Sender<Input>,
        key: Option<Secret<String>>,
    ) -> Self {
        Self {
            api,
            state,
            inputs,
            key,
            enrolled: watch::Sender::new(false),
            turn: Mutex::new(()),
        }
    }

    /// Hears when the device is enrolled here.
    #[must_use]
    pub fn waiter(&self) -> Waiter {
        self.enrolled.subscribe()
    }

    /// Takes a step for a user of this machine.
    pub async fn step(&self, step: Step, uid: Uid) -> Stepped {
        let done = match step {
            Step::Code { challenge } => self.code(challenge).await,
            Step::Poll { device_code } => self.poll(device_code).await,
            Step::Redeem { code, verifier } => self.redeem(code, verifier, uid).await,
            Step::Enrol { token } => self.enrol(token, uid).await,
            Step::Out {} => self.out(uid).await,
        };
        done.unwrap_or_else(|error| Stepped::refused(format!("{error:#}")))
    }

    async fn code(&self, challenge: String) -> anyhow::Result<Stepped> {
        let request = DeviceCodeRequest {
            challenge,
            hostname: Machine::read(Path::new("/")).hostname,
        };
        let answer: Result<DeviceCodeResponse, _> = self.post(SIGN_IN_CODE, None, &request).await;
        Ok(answer.map_or_else(|error| refused(&error), Stepped::Code))
    }

    async fn poll(&self, device_code: String) -> anyhow::Result<Stepped> {
        let request = PollRequest { device_code };
        let answer: Result<PollResponse, _> = self.post(SIGN_IN_POLL, None, &request).await;
        Ok(match answer {
            Ok(answer) => Stepped::Done { code: answer.code },
            Err(ApiError::Refused { code, .. }) if code == refusal::AUTHORIZATION_PENDING => {
                Stepped::Pending { slower: 0 }
            }
            Err(ApiError::Refused { code, .. }) if code == refusal::SLOW_DOWN => Stepped::Pending {
                slower: POLL_SECONDS,
            },
            // RFC 8628 §3.5: who polls goes on after a failure of the network, slower.
            Err(ApiError::Unreachable(error)) => {
                tracing::info!(%error, "whether somebody signed in is asked again");
                Stepped::Pending {
                    slower: POLL_SECONDS,
                }
            }
            Err(error) => refused(&error),
        })
    }

    async fn redeem(&self, code: String, verifier: String, uid: Uid) -> anyhow::Result<Stepped> {
        let _turn = self.turn.lock().await;
        let request = RedeemRequest { code, verifier };
        let key = self.key()?;
        let (device, user) = match key {
            Some(key) => {
                let answer = self.post(SIGN_IN_LINK, Some(key), &request).await;
                let user = match answer {
                    Ok(LinkResponse { user }) => user,
                    Err(error) => return Ok(refused(&error)),
                };
                let device = self.state.identity()?.map(|identity| identity.device_id);
                (device.unwrap_or_default(), user)
            }
            None if *self.enrolled.borrow() => anyhow::bail!("this device was enrolled just now"),
            None => {
                let answer = self.post(SIGN_IN_REDEEM, None, &request).await;
                let RedeemResponse { token, user, .. } = match answer {
                    Ok(answer) => answer,
                    Err(error) => return Ok(refused(&error)),
                };
                (self.become_one(token).await?, user)
            }
        };
        self.state.keep_person(uid.as_raw())?;
        self.news(key.is_none()).await;
        tracing::info!(device, user = user.email, uid = %uid, "somebody signed in");
        Ok(Stepped::In {
            device,
            user: Some(user),
        })
    }

    async fn enrol(&self, token: String, uid: Uid) -> anyhow::Result<Stepped> {
        let _turn = self.turn.lock().await;
        anyhow::ensure!(
            mighty(uid),
            "a token is for root: use sudo, or sign in as a person"
        );
        if let Some(identity) = self.state.identity()? {
            anyhow::bail!("this device is enrolled already, as {}", identity.device_id);
        }
        let device = self.become_one(token).await?;
        self.news(true).await;
        Ok(Stepped::In { device, user: None })
    }

    async fn out(&self, uid: Uid) -> anyhow::Result<Stepped> {
        let _turn = self.turn.lock().await;
        let Some(key) = self.key()? else {
            anyhow::bail!("nobody is signed in on this device");
        };
        let theirs = self.state.person()? == Some(uid.as_raw());
        anyhow::ensure!(
            theirs || mighty(uid),
            "only the OS user who signed in, or root, can sign out"
        );
        let answer: Result<UnlinkResponse, _> = self
            .post(SIGN_IN_UNLINK, Some(key), &UnlinkRequest {})
            .await;
        if let Err(error) = answer {
            return Ok(refused(&error));
        }
        self.state.forget_person()?;
        self.news(false).await;
        Ok(Stepped::Out)
    }

    /// Enrols with a token; the device's id.
    async fn become_one(&self, token: String) -> anyhow::Result<String> {
        let identity = enrol::enrol(&self.api, &self.state, token).await?;
        Ok(identity.device_id)
    }

    /// The device's key; none where it is not enrolled, also since an administrator removed it.
    fn key(&self) -> anyhow::Result<Option<&Secret<String>>> {
        let removed = self.state.is_removed()?;
        Ok(self.key.as_ref().filter(|_| !removed))
    }

    /// The mind asks the gateway what holds now; of a device that was enrolled just now, it begins.
    async fn news(&self, enrolled: bool) {
        if enrolled {
            self.enrolled.send_replace(true);
            return;
        }
        // Full, or the agent ends: it asks by itself soon.
        let _told = self.inputs.send(Input::Known(Event::Sync)).await;
    }

    async fn post<Q: Serialize + Sync, A: DeserializeOwned>(
        &self,
        path: &str,
        key: Option<&Secret<String>>,
        message: &Q,
    ) -> Result<A, ApiError> {
        self.api.post(path, key, message, Duration::ZERO).await
    }
}

/// Whoever may do anything with this agent: root, or in tests whoever started it.
fn mighty(uid: Uid) -> bool {
    uid.is_root() || uid == geteuid()
}

fn refused(error: &ApiError) -> Stepped {
    match error {
        ApiError::Refused { code, message, .. } => Stepped::Refused {
            code: code.clone(),
            reason: message.clone(),
        },
        ApiError::Unreachable(_) => Stepped::refused(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_root_and_the_agents_own_user_may_everything() {
        assert!(mighty(Uid::from_raw(0)) && mighty(geteuid()));
        assert!(!mighty(Uid::from_raw(4_294_000)));
        let code = "tg-sign-in-x".to_owned();
        let shown = format!("{:?}", Stepped::Done { code });
        assert!(!shown.contains("tg-"), "{shown}");
    }
}
