//! Profiles: what is known of the providers of this world, as data. A `[[providers]]` section that names one gets
//! dialect, address, languages and quirks from it, and may say otherwise.

mod betas;
mod chat;
mod clouds;
mod table;
#[cfg(test)]
mod tests;

use tidegate_wire::{Dialect, body::Quirk, translate::Language};

use crate::{key::Scheme, paths::Paths, price::PriceFamily};

/// Where a provider is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// Everybody's address.
    At(&'static str),
    /// Each customer has an address, or each machine: `base_url` has to be written, like this.
    Own(&'static str),
    /// Google Cloud: by the location that is written.
    ByLocation,
}

/// How a stream says what it used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StreamUsage {
    /// Asked for by `stream_options.include_usage`.
    #[default]
    Asked,
    /// In the last event, unasked; to ask would be refused.
    Unasked,
}

/// What is known of one provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Its name in configurations.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What it speaks.
    pub dialect: Dialect,
    /// Where it is.
    pub home: Home,
    /// The languages in which it is asked for answers, the preferred one first.
    pub languages: &'static [Language],
    /// How it is told who asks, where that is not its dialect's way.
    pub scheme: Option<Scheme>,
    /// What an app of Microsoft Entra ID asks to use there; empty: it takes no such tokens.
    pub entra_scope: &'static str,
    /// Paths that begin differently there: `(ours, theirs)`, with `{project}`, `{location}`, and what [`Paths`] knows.
    /// The first that fits counts.
    pub paths: &'static [(&'static str, &'static str)],
    /// What it takes otherwise in bodies of Chat Completions.
    pub chat: &'static [Quirk],
    /// What it takes otherwise in bodies of Messages.
    pub messages: &'static [Quirk],
    /// What it takes otherwise where tokens of Messages are counted.
    pub count_tokens: &'static [Quirk],
    /// The betas of Anthropic's that it takes: `(asked, sent)`; others are left out of `anthropic-beta`. `None`: all.
    pub betas: Option<&'static [(&'static str, &'static str)]>,
    /// How its streams say what they used.
    pub usage: StreamUsage,
    /// The dialect whose price list holds for it too; none has a list of its own.
    pub prices: Option<Dialect>,
    /// It is usually asked without a key.
    pub keyless: bool,
    /// Pages that this is from.
    pub sources: &'static [&'static str],
    /// What else is to be known.
    pub note: &'static str,
}

/// An `OpenAI`-compatible provider without anything special.
const COMPATIBLE: Profile = Profile {
    name: "",
    title: "",
    dialect: Dialect::OpenAi,
    home: Home::Own(""),
    languages: &[Language::Chat],
    scheme: None,
    entra_scope: "",
    paths: &[],
    chat: &[],
    messages: &[],
    count_tokens: &[],
    betas: None,
    usage: StreamUsage::Asked,
    prices: None,
    keyless: false,
    sources: &[],
    note: "",
};

impl Profile {
    /// Whose price list applies.
    #[must_use]
    pub fn price_family(&self) -> PriceFamily {
        match self.prices {
            Some(dialect) => dialect.into(),
            None => PriceFamily::of_profile(self.name),
        }
    }

    /// How paths are spelled there, for a project at a location where it has such.
    #[must_use]
    pub fn paths(&self, project: &str, location: &str) -> Paths {
        self.paths
            .iter()
            .fold(Paths::default(), |paths, (ours, theirs)| {
                let theirs = theirs
                    .replace("{project}", project)
                    .replace("{location}", location);
                paths.with(*ours, theirs)
            })
    }

    /// Whether a project and a location are part of its paths.
    #[must_use]
    pub fn wants_project(&self) -> bool {
        self.paths
            .iter()
            .any(|(_, theirs)| theirs.contains("{project}"))
    }
}

/// The profile of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Profile> {
    all().find(|profile| profile.name == name)
}

/// All of them: the clouds' after the others.
pub fn all() -> impl Iterator<Item = &'static Profile> {
    table::PROFILES.iter().chain(clouds::PROFILES)
}
