//! Sums worked out by hand. A price in USD per million tokens is the same number in micro-USD per
//! token.

use super::*;

fn builtin(model: &str) -> PriceRow {
    let book = PriceBook::builtin().unwrap();
    let row = book.rows().find(|row| row.model().as_str() == model);
    PriceRow::clone(row.unwrap_or_else(|| panic!("no row {model}")))
}

#[track_caller]
fn costs(model: &str, usage: Usage, micros: i64) {
    assert_eq!(
        builtin(model).cost(&usage),
        MicroUsd::from_micros(micros),
        "{model} {usage:?}"
    );
}

#[test]
fn kinds_of_tokens_have_their_own_prices() {
    // A price in USD per million is the same number in micro-USD per token.
    // 1000 × 0.15 + 200 × 0.075 + 500 × 0.60 = 150 + 15 + 300
    costs(
        "gpt-4o-mini",
        Usage {
            input: 1_000,
            cached: 200,
            output: 500,
            ..NONE
        },
        465,
    );
    // Reasoning is a part of output, not charged again.
    let reasoned = Usage {
        input: 1_000,
        cached: 200,
        output: 500,
        reasoning: 400,
        ..NONE
    };
    costs("gpt-4o-mini", reasoned, 465);
    // 1000 × 3 + 2000 × 0.30 + 3000 × 3.75 + 4000 × 6 + 500 × 15
    //   = 3000 + 600 + 11250 + 24000 + 7500
    let cached = Usage {
        input: 1_000,
        cached: 2_000,
        cache_write_5m: 3_000,
        cache_write_1h: 4_000,
        output: 500,
        ..NONE
    };
    costs("claude-sonnet-4-5", cached, 46_350);
    // 100 × 0.30 + 1000 × 1.00 + 50 × 2.50 = 30 + 1000 + 125
    costs(
        "gemini-2.5-flash",
        Usage {
            input: 100,
            input_audio: 1_000,
            output: 50,
            ..NONE
        },
        1_155,
    );
    // 100 × 40 + 50 × 80 = 4000 + 4000
    costs(
        "gpt-4o-audio-preview",
        Usage {
            input_audio: 100,
            output_audio: 50,
            ..NONE
        },
        8_000,
    );
    // 10 × 0.50 + 1290 × 60 + 20 × 3 = 5 + 77400 + 60
    let drawn = Usage {
        input: 10,
        output_image: 1_290,
        output: 20,
        ..NONE
    };
    costs("gemini-3.1-flash-image-preview", drawn, 77_465);
}

#[test]
fn a_call_is_rounded_once_and_up() {
    // 0.15 + 0.075 + 0.60 = 0.825, not 1 + 1 + 1
    costs(
        "gpt-4o-mini",
        Usage {
            input: 1,
            cached: 1,
            output: 1,
            ..NONE
        },
        1,
    );
    // 0.005 is not free.
    costs("gpt-5-nano", Usage { cached: 1, ..NONE }, 1);
    costs("gpt-5-nano", NONE, 0);
    // 1000 × 0.15 = 150 exactly
    costs(
        "gpt-4o-mini",
        Usage {
            input: 1_000,
            ..NONE
        },
        150,
    );
}

#[test]
fn a_long_prompt_is_priced_as_a_whole() {
    // At the threshold: 100000 × 3 + 100000 × 0.30 + 1000 × 15 = 300000 + 30000 + 15000
    let at = Usage {
        input: 100_000,
        cached: 100_000,
        output: 1_000,
        ..NONE
    };
    costs("claude-sonnet-4-5", at, 345_000);
    // One above: 100000 × 6 + 100001 × 0.60 + 1000 × 22.50 = 600000 + 60000.6 + 22500
    costs(
        "claude-sonnet-4-5",
        Usage {
            cached: 100_001,
            ..at
        },
        682_501,
    );
    // 200001 × 2.50 + 10 × 15 = 500002.5 + 150
    costs(
        "gemini-2.5-pro",
        Usage {
            input: 200_001,
            output: 10,
            ..NONE
        },
        500_153,
    );
    // 100001 × 0.50 + 10 × 2.50 = 50000.5 + 25
    costs(
        "claude-haiku-5-5",
        Usage {
            input: 100_001,
            output: 10,
            ..NONE
        },
        50_026,
    );
    // 100000 × 0.10 + 10 × 0.50 = 10000 + 5
    costs(
        "claude-haiku-5-5",
        Usage {
            input: 100_000,
            output: 10,
            ..NONE
        },
        10_005,
    );
}

#[test]
fn tiers_have_their_own_prices() {
    let at = |tier| Usage {
        input: 1_000,
        output: 500,
        tier,
        ..NONE
    };
    // 1000 × 1.25 + 500 × 10 = 1250 + 5000
    costs("gpt-5", at(ServiceTier::Standard), 6_250);
    // 1000 × 0.625 + 500 × 5 = 625 + 2500
    costs("gpt-5", at(ServiceTier::Flex), 3_125);
    // 1000 × 2.50 + 500 × 20 = 2500 + 10000
    costs("gpt-5", at(ServiceTier::Priority), 12_500);
    // half of 6250
    costs("gpt-5", at(ServiceTier::Batch), 3_125);
    // No flex price: the standard one. 1000 × 2.50 + 500 × 10
    costs("gpt-4o", at(ServiceTier::Flex), 7_500);
    // Priority and long: 300000 × 8 + 1000 × 30 = 2400000 + 30000
    let long = Usage {
        input: 300_000,
        output: 1_000,
        tier: ServiceTier::Priority,
        ..NONE
    };
    costs("gpt-6-sol", long, 2_430_000);
    // Long without a priority price of its own: the dearer of 10/45 and 12.50/75.
    // 300000 × 12.50 + 1000 × 75 = 3750000 + 75000
    costs("gpt-5.5", long, 3_825_000);
}

#[test]
fn searches_are_billed_apart_and_never_discounted() {
    // 1000 × 3 + 3 searches at 10 USD a thousand = 3000 + 30000
    let usage = Usage {
        input: 1_000,
        web_searches: 3,
        ..NONE
    };
    costs("claude-sonnet-4-5", usage, 33_000);
    // 1500 + 30000
    costs(
        "claude-sonnet-4-5",
        Usage {
            tier: ServiceTier::Batch,
            ..usage
        },
        31_500,
    );
}

#[test]
fn units_are_billed_by_the_unit() {
    let micros = |n| Some(MicroUsd::from_micros(n));
    // 1234 characters at 0.015 USD a thousand = 18.51 milli-USD
    assert_eq!(builtin("tts-1").unit_cost(0, 1_234), micros(18_510));
    assert_eq!(builtin("tts-1").unit_cost(1, 0), None);
    assert_eq!(builtin("tts-1").unit_cost(0, 0), None);
    assert_eq!(builtin("gpt-4o").unit_cost(0, 10), None);
    // 61 s at 0.006 USD a minute = 100 micro-USD a second
    assert_eq!(builtin("whisper-1").duration_cost(61), micros(6_100));
    assert_eq!(builtin("tts-1").duration_cost(61), None);
    let image = r#"{"family":"openai","model":"x","input":"0","output":"0","per_image":"0.04"}"#;
    assert_eq!(
        PriceRow::from_json(image).unwrap().unit_cost(3, 0),
        micros(120_000)
    );
}

#[test]
fn an_estimate_takes_the_dearest_of_what_may_come() {
    let estimate = |model: &str, input, output, tier| {
        builtin(model)
            .estimate(TokenCount(input), TokenCount(output), tier)
            .micros()
    };
    // All written to the one-hour cache: 1000 × 6 + 500 × 15
    assert_eq!(
        estimate("claude-sonnet-4-5", 1_000, 500, ServiceTier::Standard),
        13_500
    );
    // Above the threshold: 200001 × 12 + 500 × 22.50 = 2400012 + 11250
    assert_eq!(
        estimate("claude-sonnet-4-5", 200_001, 500, ServiceTier::Standard),
        2_411_262
    );
    // 1000 × 2.50 + 500 × 20
    assert_eq!(estimate("gpt-5", 1_000, 500, ServiceTier::Priority), 12_500);
    assert_eq!(
        builtin("gpt-4o-mini").max_output(),
        Some(TokenCount(16_384))
    );
    assert_eq!(
        builtin("gpt-4o-mini").context_window(),
        Some(TokenCount(128_000))
    );
}

#[test]
fn sound_that_is_spoken_with_has_its_price() {
    // 100 × 5.00 + 1000 × 32.00 + 400 × 0.50 + 50 × 16.00 + 500 × 64.00
    //   = 500 + 32000 + 200 + 800 + 32000
    let spoken = Usage {
        input: 100,
        input_audio: 1_000,
        cached: 400,
        output: 50,
        output_audio: 500,
        ..NONE
    };
    costs("gpt-realtime", spoken, 65_500);
}

#[test]
fn others_have_long_prompts_and_tiers_too() {
    // 200001 × 4.00 + 10 × 12.00
    let long = Usage {
        input: 200_001,
        output: 10,
        ..NONE
    };
    costs("grok-4.7", long, 800_124);
    // 1000 × 1.65 + 100 × 0.055 + 10 × 4.95 = 1650 + 5.5 + 49.5
    let first = Usage {
        input: 1_000,
        cached: 100,
        output: 10,
        tier: ServiceTier::Priority,
        ..NONE
    };
    let model = "accounts/fireworks/models/deepseek-v4-pro-0813";
    costs(model, first, 1_705);
}
