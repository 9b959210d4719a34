//! `tidegate migrate`: the schema, without serving.

use crate::{cli::say, config::Config};

pub(crate) fn run(config: &Config) -> anyhow::Result<()> {
    super::with_store(config, async |_store| {
        say("the store's schema is up to date");
        Ok(())
    })
}
