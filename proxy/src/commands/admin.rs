//! `tidegate admin`: the first account, and the way back in when all are locked out.

use anyhow::Context;
use tidegate_control::account;
use tidegate_store::{Actor, NewAccount};
use tidegate_types::Grant;

use crate::{cli::say, config::Config};

pub(crate) fn create(config: &Config, email: &str) -> anyhow::Result<()> {
    let password = account::one_time_password()?;
    let password_hash = account::hash_one_time_password(&password)?;
    super::with_store(config, async |store| {
        let new = NewAccount {
            email: email.to_lowercase(),
            name: String::new(),
            grant: Grant::Admin,
            password_hash: Some(password_hash),
        };
        let account = store
            .create_account(Actor::Cli, new)
            .await
            .context("account not created")?;
        say(&format!("created {} ({})", account.email, account.id));
        say("one-time password, shown once; change it after signing in:");
        say(password.expose());
        Ok(())
    })
}

pub(crate) fn reset(config: &Config, email: &str) -> anyhow::Result<()> {
    let password = account::one_time_password()?;
    let password_hash = account::hash_one_time_password(&password)?;
    super::with_store(config, async |store| {
        let (account, _) = store
            .account_by_email(email)
            .await
            .with_context(|| format!("no account {email}"))?;
        store.reset_second_factor(Actor::Cli, account.id).await?;
        store
            .set_password(Actor::Cli, account.id, password_hash)
            .await?;
        store
            .set_account_disabled(Actor::Cli, account.id, false)
            .await?;
        say(&format!("reset {} ({})", account.email, account.id));
        say(&format!("its role is {}", account.grant.role()));
        say("one-time password, shown once; change it after signing in:");
        say(password.expose());
        Ok(())
    })
}
