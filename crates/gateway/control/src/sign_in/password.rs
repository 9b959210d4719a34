//! Checking a password without telling whether the account exists, and without letting anyone
//! guess fast or use up the machine.

use std::{net::IpAddr, sync::Arc, time::Duration};

use tidegate_types::{Mono, Secret};
use tokio::sync::Semaphore;

use crate::{
    account::{
        AccountError, decoy, hash_one_time_password, hash_password, one_time_password,
        verify_password,
    },
    problem::{Code, Problem},
    throttle::{Throttle, Who},
};

/// Accounts and addresses whose attempts are remembered at once.
const REMEMBERED: usize = 4096;

/// Passwords hashed at once: 19 MiB and one core each.
const AT_ONCE: usize = 2;

/// Longest wait for a turn to hash.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(crate) struct SignIn {
    throttle: Throttle,
    turns: Arc<Semaphore>,
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            throttle: Throttle::new(REMEMBERED),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl SignIn {
    /// Counts an attempt on an account from an address; call before [`Self::verify`].
    pub(crate) fn attempt(&self, email: &str, from: IpAddr, now: Mono) -> Result<(), Problem> {
        [Who::address(from), Who::Account(email.to_owned())]
            .into_iter()
            .try_for_each(|who| self.throttle.attempt(&who, now))
            .map_err(|wait| {
                Problem::new(
                    Code::TooManyAttempts,
                    "Too many sign-ins failed. Wait as long as `retry-after` says.",
                )
                .retry_after(wait)
            })
    }

    /// Counts an attempt from an address by which nobody says who they are.
    pub(crate) fn attempt_from(&self, from: IpAddr, now: Mono) -> Result<(), Duration> {
        self.throttle.attempt(&Who::address(from), now)
    }

    /// An attempt from an address came through: it does not count.
    pub(crate) fn came_through(&self, from: IpAddr) {
        self.throttle.forgive(&Who::address(from));
    }

    /// The attempt succeeded: it does not count.
    pub(crate) fn succeeded(&self, email: &str, from: IpAddr) {
        self.throttle.forgive(&Who::address(from));
        self.throttle.forget(&Who::Account(email.to_owned()));
    }

    /// Whether the password is the one behind the stored hash; never, without a stored hash.
    pub(crate) async fn verify(
        &self,
        stored: Option<Secret<String>>,
        password: Secret<String>,
    ) -> Result<bool, Problem> {
        self.blocking(move || {
            let known = stored.is_some();
            let hash = stored.unwrap_or_else(decoy);
            verify_password(&hash, &password) && known
        })
        .await
    }

    /// The hash of a new password; `pointer` is its field.
    pub(crate) async fn hash(
        &self,
        password: Secret<String>,
        pointer: &'static str,
    ) -> Result<Secret<String>, Problem> {
        match self.blocking(move || hash_password(&password)).await? {
            Ok(hash) => Ok(hash),
            Err(error @ AccountError::Length) => Err(Problem::field(pointer, error.to_string())),
            Err(error @ AccountError::Hashing(_)) => Err(Problem::internal(error)),
        }
    }

    /// A password to be changed at first sign-in, and its hash.
    pub(crate) async fn one_time(&self) -> Result<(Secret<String>, Secret<String>), Problem> {
        self.blocking(|| {
            let password = one_time_password()?;
            let hash = hash_one_time_password(&password)?;
            Ok::<_, AccountError>((password, hash))
        })
        .await?
        .map_err(Problem::internal)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(
                Problem::new(Code::Busy, "Too many sign-ins at once. Try again shortly.")
                    .retry_after(PATIENCE),
            );
        };
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        })
        .await
        .map_err(Problem::internal)
    }
}
