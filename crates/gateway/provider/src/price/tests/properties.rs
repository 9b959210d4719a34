//! What holds for every row and every usage.

use proptest::prelude::*;

use super::*;
use crate::price::snapshot::without_suffix;

fn tier() -> impl Strategy<Value = ServiceTier> {
    prop::sample::select(vec![
        ServiceTier::Standard,
        ServiceTier::Flex,
        ServiceTier::Priority,
        ServiceTier::Batch,
    ])
}

fn any_row() -> impl Strategy<Value = PriceRow> {
    let rows: Vec<_> = PriceBook::builtin()
        .unwrap()
        .rows()
        .map(|row| (**row).clone())
        .collect();
    prop::sample::select(rows)
}

prop_compose! {
    fn usage()(
        kinds in prop::array::uniform8(prop_oneof![Just(0_u64), 0_u64..2_000, 0_u64..400_000]),
        reasoning in 0_u64..1_000,
        tier in tier(),
    ) -> Usage {
        let [input, cached, cache_write_5m, cache_write_1h, input_audio, output, output_audio, output_image] = kinds;
        Usage {
            input, cached, cache_write_5m, cache_write_1h, input_audio, output, output_audio,
            output_image, reasoning: reasoning.min(output), tier, ..NONE
        }
    }
}

fn with(usage: Usage, kind: usize, more: u64) -> Usage {
    let mut more_usage = usage;
    let slot = match kind {
        0 => &mut more_usage.input,
        1 => &mut more_usage.cached,
        2 => &mut more_usage.cache_write_5m,
        3 => &mut more_usage.cache_write_1h,
        4 => &mut more_usage.input_audio,
        5 => &mut more_usage.output,
        6 => &mut more_usage.output_audio,
        _ => &mut more_usage.output_image,
    };
    *slot += more;
    more_usage
}

proptest! {
    #[test]
    fn an_estimate_is_never_passed(
        row in any_row(), usage in usage(), spare in 0_u64..300_000, downgraded: bool,
    ) {
        let input = TokenCount(usage.total_input().0 + spare);
        let output = TokenCount(usage.total_output().0 + spare);
        let estimate = row.estimate(input, output, usage.tier);
        // A call asked for at priority may be served, and billed, at the standard tier.
        let served = match usage.tier {
            ServiceTier::Priority if downgraded => ServiceTier::Standard,
            tier => tier,
        };
        let cost = row.cost(&Usage { tier: served, ..usage });
        prop_assert!(cost <= estimate, "{} > {}: {}", cost, estimate, row.model());
    }

    #[test]
    fn more_tokens_never_cost_less(
        row in any_row(), usage in usage(), kind in 0_usize..8, more in 0_u64..300_000,
    ) {
        prop_assert!(row.cost(&usage) <= row.cost(&with(usage, kind, more)), "{}", row.model());
    }

    #[test]
    fn kinds_add_up(row in any_row(), usage in usage()) {
        // Prices of one length and tier, so that only rounding may differ: less than one
        // micro-dollar for each kind.
        let rates = row.rates(usage.tier, usage.total_input());
        let counts = [
            usage.input, usage.cached, usage.cache_write_5m, usage.cache_write_1h,
            usage.input_audio, usage.output, usage.output_audio, usage.output_image,
        ];
        let apart: i64 = (0..8)
            .map(|kind| rates.cost(&with(NONE, kind, counts[kind])).round_up().micros())
            .sum();
        let whole = rates.cost(&usage).round_up().micros();
        prop_assert!((whole..whole + 8).contains(&apart), "{} {}", apart, whole);
    }

    #[test]
    fn numbers_beyond_all_measure_do_not_wrap(row in any_row(), tier in tier()) {
        let usage = Usage { input: u64::MAX, output: u64::MAX, tier, ..NONE };
        let max = TokenCount(u64::MAX);
        prop_assert!(row.cost(&usage) <= row.estimate(max, max, tier));
        let less = row.cost(&Usage { input: 1_000_000, tier, ..NONE });
        prop_assert!(row.cost(&usage) >= less);
    }

    #[test]
    fn a_damaged_row_is_refused_or_read_as_it_stands(
        row in any_row(), at: prop::sample::Index, byte in b' '..=b'~',
    ) {
        let mut text = row.to_json().to_string().into_bytes();
        let at = at.index(text.len());
        text[at] = byte;
        let text = String::from_utf8(text).unwrap();
        if let Ok(read) = PriceRow::from_json(&text) {
            let written: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(read.to_json(), written);
        }
    }

    #[test]
    fn a_likeness_is_not_a_name(row in any_row(), more in "[a-z0-9]{1,6}(-[a-z0-9]{1,6})?") {
        let book = PriceBook::builtin().unwrap();
        let provider = "main".parse().unwrap();
        let find = |model: &str| book.lookup(row.family(), &provider, model).is_some();
        let model = row.model().as_str();
        prop_assert!(find(model));
        let (before, longer) = (format!("{more}{model}"), format!("{model}-{more}"));
        prop_assert!(!find(&before));
        let listed = book.rows().any(|row| {
            std::iter::once(row.model()).chain(row.aliases()).any(|name| name.as_str() == longer)
        });
        prop_assert_eq!(find(&longer), listed || without_suffix(&longer) == Some(model));
    }
}
