//! `tidegate key`: virtual keys from the command line.

use anyhow::{Context, bail};
use tidegate_governance::entity::{Alignment, Allow, Scope, VirtualKey};
use tidegate_store::{Actor, KeyFilter, NewBudget, NewKey, NewLimit, NewSecret, NewTeam, Store};
use tidegate_types::{KeyId, PlainKey, TeamId};

use crate::{
    cli::{NewKeyArgs, say},
    config::Config,
};

const PAGE: usize = 200;

pub(crate) fn create(config: &Config, args: &NewKeyArgs) -> anyhow::Result<()> {
    super::with_store(config, async |store| {
        let secret = make(config, &store, args).await?;
        say("its secret, shown once:");
        say(secret.expose());
        Ok(())
    })
}

/// Creates a key with what governs it, and says so; its secret.
pub(super) async fn make(
    config: &Config,
    store: &Store,
    args: &NewKeyArgs,
) -> anyhow::Result<PlainKey> {
    for name in &args.providers {
        if !config
            .providers
            .iter()
            .any(|provider| provider.name == *name)
        {
            bail!("--providers: no provider is named `{name}` in the configuration");
        }
    }
    let secret = PlainKey::generate(PlainKey::VIRTUAL).context("no randomness")?;
    let team = match &args.team {
        Some(name) => Some(team(store, name).await?),
        None => None,
    };
    let new = NewKey {
        name: args.name.clone(),
        secret: NewSecret::from(&secret),
        team,
        user: None,
        allow: Allow {
            providers: args.providers.clone(),
            models: args.models.clone(),
            routes: Vec::new(),
        },
        log_content: false,
        expires_at: args.expires,
    };
    let key = store
        .create_key(Actor::Cli, new)
        .await
        .context("key not created")?;
    govern(store, key.id, args).await?;
    say(&format!("created key `{}` ({})", key.name, key.id));
    Ok(secret)
}

async fn govern(store: &Store, key: KeyId, args: &NewKeyArgs) -> anyhow::Result<()> {
    let scope = Scope::Key(key);
    if let (Some(cap), Some(window)) = (args.budget_usd, args.budget_window) {
        let budget = NewBudget {
            scope,
            model: None,
            cap,
            window,
            alignment: Alignment::Calendar,
        };
        store
            .create_budget(Actor::Cli, budget)
            .await
            .context("budget not created")?;
    }
    if args.rpm.or(args.tpm).or(args.concurrency).is_some() {
        let limit = NewLimit {
            scope,
            model: None,
            requests_per_minute: args.rpm,
            tokens_per_minute: args.tpm,
            concurrency: args.concurrency,
        };
        store
            .create_limit(Actor::Cli, limit)
            .await
            .context("limit not created")?;
    }
    Ok(())
}

async fn team(store: &Store, name: &str) -> anyhow::Result<TeamId> {
    let known = store.governed().await?.teams;
    if let Some(team) = known.iter().find(|team| team.name == name) {
        return Ok(team.id);
    }
    let new = NewTeam {
        name: name.to_owned(),
    };
    Ok(store
        .create_team(Actor::Cli, new)
        .await
        .context("team not created")?
        .id)
}

pub(crate) fn list(config: &Config) -> anyhow::Result<()> {
    super::with_store(config, async |store| {
        say(&format!(
            "{:<31} {:<24} {:<14} {}",
            "ID", "NAME", "SECRET", "STATE"
        ));
        for key in all(&store).await? {
            let state = state(&key);
            say(&format!(
                "{:<31} {:<24} {:<14} {state}",
                key.id.to_string(),
                key.name,
                key.hint
            ));
        }
        Ok(())
    })
}

fn state(key: &VirtualKey) -> String {
    match (key.revoked_at, key.disabled, key.expires_at) {
        (Some(at), ..) => format!("revoked {at}"),
        (None, true, _) => "disabled".into(),
        (None, false, Some(at)) => format!("expires {at}"),
        (None, false, None) => "active".into(),
    }
}

async fn all(store: &Store) -> anyhow::Result<Vec<VirtualKey>> {
    let filter = KeyFilter {
        revoked: true,
        ..KeyFilter::default()
    };
    let (mut keys, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.keys(filter.clone(), cursor, PAGE).await?;
        keys.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            return Ok(keys);
        }
    }
}

pub(crate) fn revoke(config: &Config, wanted: &str) -> anyhow::Result<()> {
    super::with_store(config, async |store| {
        let id = match wanted.parse::<KeyId>() {
            Ok(id) => id,
            Err(_) => by_name(&store, wanted).await?,
        };
        let key = store
            .revoke_key(Actor::Cli, id)
            .await
            .context("key not revoked")?;
        say(&format!(
            "revoked key `{}` ({}); it stops working within a second",
            key.name, key.id
        ));
        Ok(())
    })
}

async fn by_name(store: &Store, name: &str) -> anyhow::Result<KeyId> {
    let keys = all(store).await?;
    let mut found = keys
        .iter()
        .filter(|key| key.name == name && key.revoked_at.is_none());
    match (found.next(), found.next()) {
        (Some(key), None) => Ok(key.id),
        (None, _) => bail!("no key is named `{name}`; `tidegate key list` shows all"),
        (Some(_), Some(_)) => bail!("several keys are named `{name}`; give the id instead"),
    }
}
