//! The price list: rows by family and name, with an operator's own rows over the built-in ones.

use std::{collections::HashMap, sync::Arc};

use tidegate_types::ProviderName;

use super::{
    PriceError, PriceFamily,
    row::PriceRow,
    snapshot::{of_arn, without_suffix},
};

/// The rows we carry, a file for each family.
const BUILTIN: [&str; 13] = [
    include_str!("../../data/anthropic.toml"),
    include_str!("../../data/bedrock.toml"),
    include_str!("../../data/cerebras.toml"),
    include_str!("../../data/cohere.toml"),
    include_str!("../../data/databricks.toml"),
    include_str!("../../data/deepseek.toml"),
    include_str!("../../data/fireworks.toml"),
    include_str!("../../data/gemini.toml"),
    include_str!("../../data/groq.toml"),
    include_str!("../../data/mistral.toml"),
    include_str!("../../data/openai.toml"),
    include_str!("../../data/together.toml"),
    include_str!("../../data/xai.toml"),
];

/// Rows by every name they answer to.
type Index = HashMap<Box<str>, Arc<PriceRow>>;

/// All prices known. Cloning shares the rows.
#[derive(Debug, Clone, Default)]
pub struct PriceBook {
    rows: Vec<Arc<PriceRow>>,
    families: HashMap<&'static str, Index>,
    providers: HashMap<ProviderName, Index>,
}

impl PriceBook {
    /// The list that comes with this build.
    ///
    /// # Errors
    /// The list is broken, which a test rules out.
    pub fn builtin() -> Result<Self, PriceError> {
        let mut book = Self::default();
        for text in BUILTIN {
            for row in PriceRow::list_from_toml(text)? {
                book.add(row)?;
            }
        }
        Ok(book)
    }

    /// This list with an operator's rows over it: a row wins over a built-in one of its name, and
    /// one for a single provider wins over one for its whole family.
    ///
    /// # Errors
    /// Two of the rows answer to the same name.
    pub fn with_overrides(
        mut self,
        rows: impl IntoIterator<Item = PriceRow>,
    ) -> Result<Self, PriceError> {
        let mut own = Self::default();
        for row in rows {
            own.add(row)?;
        }
        // A built-in row goes out of the list when its model is replaced for the whole family.
        self.rows.retain(|row| {
            row.provider().is_some() || own.exact(row.family(), row.model().as_str()).is_none()
        });
        self.rows.extend(own.rows);
        for (family, index) in own.families {
            self.families.entry(family).or_default().extend(index);
        }
        for (provider, index) in own.providers {
            self.providers.entry(provider).or_default().extend(index);
        }
        Ok(self)
    }

    fn add(&mut self, row: PriceRow) -> Result<(), PriceError> {
        let row = Arc::new(row);
        let family = row.family().as_str();
        let index = match row.provider() {
            Some(provider) => self.providers.entry(provider.clone()).or_default(),
            None => self.families.entry(family).or_default(),
        };
        for name in std::iter::once(row.model()).chain(row.aliases()) {
            let model = name.as_str();
            if index.insert(model.into(), Arc::clone(&row)).is_some() {
                return Err(PriceError::Duplicate {
                    family,
                    model: model.to_owned(),
                });
            }
        }
        self.rows.push(row);
        Ok(())
    }

    fn exact(&self, family: PriceFamily, model: &str) -> Option<&Arc<PriceRow>> {
        self.families.get(family.as_str())?.get(model)
    }

    /// The row of a model at a provider: by its id or an alias, else by that of which it is a dated
    /// snapshot, else by the id in an ARN of Bedrock's. Never by a looser likeness. Does not allocate.
    #[must_use]
    pub fn lookup(
        &self,
        family: impl Into<PriceFamily>,
        provider: &ProviderName,
        model: &str,
    ) -> Option<&Arc<PriceRow>> {
        let family = family.into();
        let own = self.providers.get(provider);
        let find = |model: &str| {
            own.and_then(|index| index.get(model))
                .or_else(|| self.exact(family, model))
        };
        find(model)
            .or_else(|| find(without_suffix(model)?))
            .or_else(|| find(of_arn(model)?))
    }

    /// All rows, in the list's order.
    pub fn rows(&self) -> impl Iterator<Item = &Arc<PriceRow>> {
        self.rows.iter()
    }
}
