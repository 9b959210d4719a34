//! The configured providers together: which one a call goes to, and what it costs there.

use std::{collections::BTreeSet, sync::Arc};

use tidegate_types::ProviderName;
use tidegate_wire::{Dialect, Operation, translate::Language};

use crate::{
    price::{PriceBook, PriceRow},
    profile::Provider,
};

/// Why a set of providers is no catalog.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    /// `provider/model` would be ambiguous.
    #[error("two providers are named `{0}`")]
    DuplicateName(ProviderName),
}

/// Why no provider could be chosen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChooseError {
    /// Several providers claim the model.
    #[error(
        "{} claim this model; write `provider/model`, like `{}`",
        list(names),
        example(names, model)
    )]
    Ambiguous {
        /// The model as asked for.
        model: String,
        /// Who claims it, in the order of the config; at least two.
        names: Vec<ProviderName>,
    },
    /// No provider speaks the dialect of the route.
    #[error("no provider is configured for the {} dialect", dialect.as_str())]
    NoProvider {
        /// The dialect of the route.
        dialect: Dialect,
    },
    /// The named provider speaks another dialect than the route.
    #[error("provider `{provider}` speaks the {} dialect, which this route does not", speaks.as_str())]
    OtherDialect {
        /// The provider that was named.
        provider: ProviderName,
        /// What it speaks.
        speaks: Dialect,
    },
    /// No provider of the dialect claims the model.
    #[error("no provider of the {} dialect has the model `{model}`", dialect.as_str())]
    UnknownModel {
        /// The model as asked for.
        model: String,
        /// The dialect of the route.
        dialect: Dialect,
    },
    /// A provider was named outside the model (by a header), and there is none of that name.
    #[error("no provider is named `{0}`")]
    UnknownProvider(ProviderName),
}

fn list(names: &[ProviderName]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

fn example(names: &[ProviderName], model: &str) -> String {
    names
        .first()
        .map_or_else(|| model.to_owned(), |name| format!("{name}/{model}"))
}

/// Where a call goes.
#[derive(Debug, Clone, Copy)]
pub struct Choice<'a, 'm> {
    /// The provider.
    pub provider: &'a Arc<Provider>,
    /// The model as the provider names it; absent on routes without one.
    pub model: Option<&'m str>,
    /// The provider takes the call only in another language than it is written in: this one.
    pub translate: Option<Language>,
}

/// All configured providers, in the order of the config, and the price list.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    providers: Vec<Arc<Provider>>,
    prices: PriceBook,
}

impl Catalog {
    /// A catalog of these providers.
    ///
    /// # Errors
    /// Two have the same name.
    pub fn new(providers: Vec<Provider>, prices: PriceBook) -> Result<Self, CatalogError> {
        let mut names = BTreeSet::new();
        if let Some(twice) = providers
            .iter()
            .find(|provider| !names.insert(&provider.name))
        {
            return Err(CatalogError::DuplicateName(twice.name.clone()));
        }
        Ok(Self {
            providers: providers.into_iter().map(Arc::new).collect(),
            prices,
        })
    }

    /// Chooses the provider of a call.
    ///
    /// `provider/model` names it, when the part before the first slash is a configured provider;
    /// else the model is bare, whatever slashes it has, and goes to the one provider of the dialect
    /// that claims it. What can be translated may go to a provider of another dialect too, where the caller
    /// names it or it alone claims the model. An explicit claim wins over providers that take any model.
    /// Without a model the call goes to `pinned`, else to the first provider of the dialect.
    ///
    /// # Errors
    /// [`ChooseError`] says why none, or no single one, was found.
    pub fn choose<'m>(
        &self,
        operation: Operation,
        requested: Option<&'m str>,
        pinned: Option<&ProviderName>,
    ) -> Result<Choice<'_, 'm>, ChooseError> {
        let dialect = operation.dialect();
        let Some(requested) = requested else {
            return self.without_model(dialect, pinned);
        };
        if let Some((provider, model)) = self.qualified(requested) {
            let choice = at(provider, operation, model)?;
            return if model.is_empty() {
                Err(ChooseError::UnknownModel {
                    model: requested.to_owned(),
                    dialect,
                })
            } else {
                Ok(choice)
            };
        }
        self.bare(operation, requested)
    }

    /// A model at a provider, both by their names: what `provider/model` says in one text.
    ///
    /// # Errors
    /// There is no such provider, or it speaks another dialect.
    pub fn choose_at<'m>(
        &self,
        operation: Operation,
        provider: &ProviderName,
        model: &'m str,
    ) -> Result<Choice<'_, 'm>, ChooseError> {
        let unknown = || ChooseError::UnknownProvider(provider.clone());
        at(
            self.provider(provider).ok_or_else(unknown)?,
            operation,
            model,
        )
    }

    fn qualified<'m>(&self, requested: &'m str) -> Option<(&Arc<Provider>, &'m str)> {
        let (name, model) = requested.split_once('/')?;
        let provider = self.providers.iter().find(|p| p.name.as_str() == name)?;
        Some((provider, model))
    }

    fn bare<'m>(
        &self,
        operation: Operation,
        model: &'m str,
    ) -> Result<Choice<'_, 'm>, ChooseError> {
        let dialect = operation.dialect();
        let own = |provider: &Arc<Provider>| provider.dialect == dialect;
        let other = |provider: &Arc<Provider>| !own(provider) && speaks(provider, operation);
        let claims = |provider: &Arc<Provider>| provider.claims(model);
        let any = |provider: &Arc<Provider>| provider.models.is_empty();
        let found = self
            .only(model, |provider| own(provider) && claims(provider))
            .or_else(|| self.only(model, |provider| other(provider) && claims(provider)))
            .or_else(|| self.only(model, |provider| own(provider) && any(provider)));
        let provider = match found {
            Some(found) => found?,
            None if self.of(dialect).next().is_none() => {
                return Err(ChooseError::NoProvider { dialect });
            }
            None => {
                return Err(ChooseError::UnknownModel {
                    model: model.to_owned(),
                    dialect,
                });
            }
        };
        Ok(Choice {
            provider,
            model: Some(model),
            translate: provider.translates(operation),
        })
    }

    /// The provider of which something holds; `None` where it holds of none.
    fn only(
        &self,
        model: &str,
        holds: impl Fn(&Arc<Provider>) -> bool,
    ) -> Option<Result<&Arc<Provider>, ChooseError>> {
        let mut all = self.providers.iter().filter(|provider| holds(provider));
        let first = all.next()?;
        if all.next().is_none() {
            return Some(Ok(first));
        }
        let claimants = self.providers.iter().filter(|provider| holds(provider));
        Some(Err(ChooseError::Ambiguous {
            model: model.to_owned(),
            names: claimants.map(|provider| provider.name.clone()).collect(),
        }))
    }

    fn without_model(
        &self,
        dialect: Dialect,
        pinned: Option<&ProviderName>,
    ) -> Result<Choice<'_, 'static>, ChooseError> {
        let provider = match pinned {
            Some(name) => {
                let unknown = || ChooseError::UnknownProvider(name.clone());
                let provider = self.provider(name).ok_or_else(unknown)?;
                if provider.dialect != dialect {
                    let speaks = provider.dialect;
                    return Err(ChooseError::OtherDialect {
                        provider: name.clone(),
                        speaks,
                    });
                }
                provider
            }
            None => self
                .of(dialect)
                .next()
                .ok_or(ChooseError::NoProvider { dialect })?,
        };
        Ok(Choice {
            provider,
            model: None,
            translate: None,
        })
    }

    fn of(&self, dialect: Dialect) -> impl Iterator<Item = &Arc<Provider>> {
        self.providers
            .iter()
            .filter(move |provider| provider.dialect == dialect)
    }

    /// The provider of that name.
    #[must_use]
    pub fn provider(&self, name: &ProviderName) -> Option<&Arc<Provider>> {
        self.providers
            .iter()
            .find(|provider| provider.name == *name)
    }

    /// All providers, in the order of the config.
    pub fn providers(&self) -> impl Iterator<Item = &Arc<Provider>> {
        self.providers.iter()
    }

    /// The price list.
    #[must_use]
    pub const fn prices(&self) -> &PriceBook {
        &self.prices
    }

    /// What a model costs at a provider.
    #[must_use]
    pub fn price(&self, provider: &Provider, model: &str) -> Option<&Arc<PriceRow>> {
        self.prices
            .lookup(provider.price_family(), &provider.name, model)
    }

    /// Each provider with the models it is known to have: those it claims by their full names, and
    /// those of the price list that it claims. Sorted, each once.
    pub fn models(&self) -> impl Iterator<Item = (&Arc<Provider>, BTreeSet<&str>)> {
        self.providers.iter().map(|provider| {
            let literal = provider
                .models
                .iter()
                .map(|p| p.as_str())
                .filter(|p| !p.contains('*'));
            let priced = self.prices.rows().filter(|row| match row.provider() {
                Some(name) => *name == provider.name,
                None => row.family() == provider.price_family(),
            });
            let priced = priced
                .map(|row| row.model().as_str())
                .filter(|model| provider.models.is_empty() || provider.claims(model));
            (provider, literal.chain(priced).collect())
        })
    }
}

fn at<'a, 'm>(
    provider: &'a Arc<Provider>,
    operation: Operation,
    model: &'m str,
) -> Result<Choice<'a, 'm>, ChooseError> {
    if !speaks(provider, operation) {
        let (provider, speaks) = (provider.name.clone(), provider.dialect);
        return Err(ChooseError::OtherDialect { provider, speaks });
    }
    Ok(Choice {
        provider,
        model: Some(model),
        translate: provider.translates(operation),
    })
}

/// Whether a provider can be asked what an operation asks: in its own dialect, or translated.
fn speaks(provider: &Provider, operation: Operation) -> bool {
    provider.dialect == operation.dialect() || Language::of(operation).is_some()
}

#[cfg(test)]
mod tests;
