//! Message batches: what a whole batch may cost, summed up by model.

use tidegate_types::{ModelName, TokenCount};

use super::{
    BodyError,
    estimate::Media,
    fields::{Known, Place, Seen},
    scan::Scan,
};
use crate::{Operation, json::Members};

/// The provider's own limit on items.
const MOST_ITEMS: usize = 100_000;
/// More models than one batch needs.
const MOST_MODELS: usize = 32;

/// The items of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchItems {
    /// One row per model, in order of appearance.
    pub models: Vec<BatchModel>,
}

/// What a batch asks of one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchModel {
    /// The model.
    pub model: ModelName,
    /// How many items.
    pub items: u64,
    /// Their prompt tokens, over-estimated.
    pub input: TokenCount,
    /// The sum of their `max_tokens`.
    pub max_output: u64,
}

/// Reads the array `requests`.
pub(super) fn read(scan: &mut Scan<'_>) -> Result<BatchItems, BodyError> {
    let mut found = BatchItems::default();
    scan.cursor.open_array()?;
    let mut items = Members::First;
    let mut count = 0;
    while scan.cursor.item(&mut items)? {
        let at = scan.cursor.at();
        count += 1;
        if count > MOST_ITEMS {
            return Err(BodyError::BatchTooLarge {
                at,
                what: "items",
                limit: MOST_ITEMS,
            });
        }
        scan.cursor.open_object()?;
        let mut params = None;
        let mut seen = Seen::default();
        let mut members = Members::First;
        while let Some(key) = scan.cursor.member(&mut members)? {
            if seen
                .take(Operation::MessagesBatchesCreate, Place::BatchItem, key)?
                .is_some()
            {
                params = Some(read_params(scan)?);
            } else {
                scan.cursor.skip(key.raw, &mut scan.media)?;
            }
        }
        let missing = BodyError::Type {
            key: "params",
            at,
            expected: "an object with a model",
        };
        found.add(params.ok_or(missing)?, at)?;
    }
    Ok(found)
}

impl BatchItems {
    fn add(&mut self, item: BatchModel, at: usize) -> Result<(), BodyError> {
        if let Some(row) = self.models.iter_mut().find(|row| row.model == item.model) {
            row.items += 1;
            row.input = TokenCount(row.input.0.saturating_add(item.input.0));
            row.max_output = row.max_output.saturating_add(item.max_output);
            return Ok(());
        }
        if self.models.len() == MOST_MODELS {
            return Err(BodyError::BatchTooLarge {
                at,
                what: "models",
                limit: MOST_MODELS,
            });
        }
        self.models.push(item);
        Ok(())
    }
}

fn read_params(scan: &mut Scan<'_>) -> Result<BatchModel, BodyError> {
    scan.cursor.peek();
    let at = scan.cursor.at();
    scan.cursor.open_object()?;
    let mut model = None;
    let mut max_output = 0;
    let mut media = Media::default();
    let mut seen = Seen::default();
    let mut members = Members::First;
    while let Some(key) = scan.cursor.member(&mut members)? {
        match seen.take(Operation::MessagesBatchesCreate, Place::BatchParams, key)? {
            Some(Known::MaxTokens) => max_output = scan.count(Known::MaxTokens)?.unwrap_or(0),
            Some(Known::Model) => model = Some(scan.model_name()?.value),
            _ => {
                scan.cursor.skip(key.raw, &mut media)?;
            }
        }
    }
    let model = model.ok_or(BodyError::Type {
        key: "model",
        at,
        expected: "given in `params`",
    })?;
    let input = media.estimate(scan.cursor.at() - at);
    scan.media.add(media);
    Ok(BatchModel {
        model,
        items: 1,
        input,
        max_output,
    })
}
