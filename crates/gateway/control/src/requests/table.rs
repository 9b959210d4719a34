//! Calls as a table.

use super::RequestView;
use crate::csv::{self, Csv};

pub(super) fn of(requests: &[RequestView]) -> Csv {
    let mut csv = Csv::new(&[
        "id",
        "started_at",
        "key",
        "key_name",
        "user_name",
        "team_name",
        "device_name",
        "app",
        "operation",
        "provider",
        "model",
        "status",
        "outcome",
        "code",
        "duration_us",
        "input_tokens",
        "output_tokens",
        "cost_micro_usd",
        "shadow_of",
    ]);
    for request in requests {
        let edge = request.edge.as_ref();
        let usage = &request.usage;
        let input = usage.input
            + usage.cached
            + usage.cache_write_5m
            + usage.cache_write_1h
            + usage.input_audio;
        csv.row([
            request.id.to_string(),
            request.started_at.to_string(),
            csv::some(request.key),
            csv::some(request.key_name.as_deref()),
            csv::some(request.user_name.as_deref()),
            csv::some(request.team_name.as_deref()),
            csv::some(edge.and_then(|edge| edge.device_name.as_deref())),
            csv::some(edge.map(|edge| &edge.app)),
            request.operation.clone(),
            csv::some(request.provider.as_ref()),
            csv::some(request.model.as_ref()),
            request.status.to_string(),
            request.outcome.to_owned(),
            csv::some(request.code.as_deref()),
            request.duration_us.to_string(),
            input.to_string(),
            (usage.output + usage.output_audio + usage.output_image).to_string(),
            request.cost_micro_usd.micros().to_string(),
            csv::some(request.shadow_of),
        ]);
    }
    csv
}
