//! `tidegate import`: other gateways' configurations, prices and keys.

use std::{path::Path, process::ExitCode};

use anyhow::{Context, anyhow};
use tidegate_import::{Draft, ForeignKey, bifrost, litellm, litellm_keys, litellm_prices};
use tidegate_store::Store;
use tidegate_types::{Clock, SystemClock};

use crate::{
    cli::{ImportCommand, NewKeyArgs, say, warn},
    config::Config,
};

/// Runs one of them. What cannot be said in our words goes to standard error.
pub(crate) fn run(command: &ImportCommand) -> ExitCode {
    let done = match command {
        ImportCommand::Bifrost { file, out } => draft(file, out.as_deref(), bifrost),
        ImportCommand::BifrostKeys { file, config } => {
            read(file, bifrost).and_then(|draft| create(&config.config, &draft.keys))
        }
        ImportCommand::Litellm { file, out } => draft(file, out.as_deref(), litellm),
        ImportCommand::LitellmKeys { file, config } => {
            read(file, litellm_keys).and_then(|(keys, unsaid)| {
                tell(&unsaid);
                create(&config.config, &keys)
            })
        }
        ImportCommand::LitellmPrices { file, out } => prices(file, out.as_deref()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            warn(&format!("tidegate: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn read<T>(
    file: &Path,
    parse: impl FnOnce(&str) -> Result<T, tidegate_import::ImportError>,
) -> anyhow::Result<T> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("{shown}"))?;
    parse(&text).with_context(|| format!("{shown}"))
}

fn draft(
    file: &Path,
    out: Option<&Path>,
    parse: fn(&str) -> Result<Draft, tidegate_import::ImportError>,
) -> anyhow::Result<()> {
    let draft = read(file, parse)?;
    tell(&draft.unsaid);
    if !draft.keys.is_empty() {
        warn(&format!(
            "{} virtual keys: `tidegate import bifrost-keys` creates them",
            draft.keys.len()
        ));
    }
    put(out, &draft.to_toml())
}

fn prices(file: &Path, out: Option<&Path>) -> anyhow::Result<()> {
    let now = SystemClock::default().now().to_string();
    let today = now.get(..10).context("no date")?.to_owned();
    let prices = read(file, |text| litellm_prices(text, &today))?;
    tell(&prices.unsaid);
    warn(&format!("{} rows", prices.rows));
    put(out, &prices.toml)
}

/// Writes a new file, or prints. A file that is there stays as it is.
fn put(out: Option<&Path>, text: &str) -> anyhow::Result<()> {
    let Some(path) = out else {
        say(text.trim_end());
        return Ok(());
    };
    let mut file = std::fs::File::create_new(path).with_context(|| path.display().to_string())?;
    std::io::Write::write_all(&mut file, text.as_bytes())
        .with_context(|| path.display().to_string())
}

fn tell(unsaid: &[String]) {
    if !unsaid.is_empty() {
        warn("not said by what was made:");
    }
    for line in unsaid {
        warn(&format!("  - {line}"));
    }
}

/// Creates keys; prints each with its new secret.
fn create(config: &Path, keys: &[ForeignKey]) -> anyhow::Result<()> {
    let config = Config::load(config).map_err(|problems| anyhow!("{problems}"))?;
    super::with_store(&config, async |store| {
        for key in keys {
            let made = one(&config, &store, key).await;
            made.with_context(|| format!("key `{}`", key.name))?;
        }
        Ok(())
    })
}

async fn one(config: &Config, store: &Store, key: &ForeignKey) -> anyhow::Result<()> {
    let amount = |(cap, _): &(String, &str)| cap.parse().ok();
    let period = |(_, window): &(String, &str)| window.parse().ok();
    let patterns = key.models.iter().map(|name| name.parse());
    let providers = key.providers.iter().map(|name| name.parse());
    let args = NewKeyArgs {
        file: crate::cli::ConfigFile::default(),
        name: key.name.clone(),
        team: key.team.clone(),
        budget_usd: key.budget.as_ref().and_then(amount),
        budget_window: key.budget.as_ref().and_then(period),
        rpm: key.rpm,
        tpm: key.tpm,
        concurrency: key.concurrency,
        models: patterns.collect::<Result<_, _>>()?,
        providers: providers.collect::<Result<_, _>>()?,
        expires: key.expires.as_deref().map(str::parse).transpose()?,
    };
    let secret = super::key::make(config, store, &args).await?;
    say(&format!("{}\t{}", key.name, secret.expose()));
    Ok(())
}
