//! The body of the fuzz target: any text is read as each of the formats, and what comes out is of our forms.
#![allow(
    clippy::missing_panics_doc,
    reason = "a fuzz target reports by panicking"
)]

use tidegate_provider::PriceRow;

use crate::{bifrost, litellm, litellm_keys, litellm_prices};

/// First byte: which format.
pub fn import(data: &[u8]) {
    let Some((&first, rest)) = data.split_first() else {
        return;
    };
    let Ok(text) = str::from_utf8(rest) else {
        return;
    };
    match first % 4 {
        0 => {
            if let Ok(prices) = litellm_prices(text, "2026-01-31") {
                let rows = PriceRow::list_from_toml(&prices.toml);
                assert!(
                    prices.toml.len() > 1_000_000
                        || rows.is_ok_and(|rows| rows.len() == prices.rows)
                );
            }
        }
        1 => drop(litellm_keys(text)),
        2 => sound(litellm(text).ok()),
        _ => sound(bifrost(text).ok()),
    }
}

/// A draft is TOML, and no secret of the file stands in it.
fn sound(draft: Option<crate::Draft>) {
    if let Some(draft) = draft {
        let text = draft.to_toml();
        assert!(text.parse::<toml::Table>().is_ok(), "{text}");
    }
}
