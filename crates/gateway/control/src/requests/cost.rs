//! What a call's cost is made of, at the prices in force now.

use serde::Serialize;
use tidegate_provider::Catalog;
use tidegate_store::LoggedRequest;
use tidegate_types::MicroUsd;
use utoipa::ToSchema;

/// What a call's cost is made of, at the prices in force now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CostBreakdown)]
pub(super) struct BreakdownView {
    /// Each kind of token that was used. Each is rounded up, so that their sum may be a few millionths more.
    parts: Vec<PartView>,
    /// What the call would cost now, discounts and searches included.
    #[schema(value_type = i64)]
    cost_micro_usd: MicroUsd,
    /// Whether that is what it did cost: prices have not changed since.
    matches: bool,
}

/// What one kind of tokens cost.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CostPart)]
struct PartView {
    /// Which kind, as in the usage.
    #[schema(example = "input")]
    kind: &'static str,
    /// How many.
    tokens: u64,
    /// What they cost, before discounts.
    #[schema(value_type = i64)]
    cost_micro_usd: MicroUsd,
}

/// The parts of a cost; nothing where the model has no price now.
pub(super) fn of(request: &LoggedRequest, catalog: &Catalog) -> Option<BreakdownView> {
    let provider = catalog.provider(request.provider.as_ref()?)?;
    let model = request.model.as_ref()?.as_str();
    let named = model.strip_prefix(provider.name.as_str());
    let model = named
        .and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or(model);
    let price = catalog.price(provider, model)?;
    let usage = &request.usage;
    let rates = price.rates(usage.tier, usage.total_input());
    let parts = [
        ("input", usage.input, rates.input),
        ("cached", usage.cached, rates.cached),
        ("cache_write_5m", usage.cache_write_5m, rates.cache_write_5m),
        ("cache_write_1h", usage.cache_write_1h, rates.cache_write_1h),
        ("input_audio", usage.input_audio, rates.input_audio),
        ("output", usage.output, rates.output),
        ("output_audio", usage.output_audio, rates.output_audio),
        ("output_image", usage.output_image, rates.output_image),
    ];
    let part = |(kind, tokens, price): (&'static str, u64, tidegate_types::Price)| PartView {
        kind,
        tokens,
        cost_micro_usd: price.times(tokens).round_up(),
    };
    let cost = price.cost(usage);
    Some(BreakdownView {
        parts: parts
            .into_iter()
            .filter(|(_, tokens, _)| *tokens > 0)
            .map(part)
            .collect(),
        cost_micro_usd: cost,
        matches: cost == request.cost,
    })
}
