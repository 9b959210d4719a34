//! The names that dashboards and alerts rely on, each with its help text. All begin with `tidegate_`.

use super::Metrics;

impl Metrics {
    /// The library appends `_total` to counters.
    pub(super) fn register_calls(&mut self) {
        let r = &mut self.registry;
        r.register("requests", "Finished calls", self.calls.clone());
        r.register(
            "refusals",
            "Calls refused by the gateway, by code",
            self.refusals.clone(),
        );
        r.register(
            "upstream_errors",
            "Failures of upstreams, by class",
            self.upstream_errors.clone(),
        );
        r.register(
            "tokens",
            "Tokens by kind; kinds are disjoint, reasoning is not in output",
            self.tokens.clone(),
        );
        r.register(
            "cost_micro_usd",
            "Cost of calls in millionths of a dollar",
            self.cost.clone(),
        );
        r.register(
            "unpriced_requests",
            "Calls let through without a price",
            self.unpriced.clone(),
        );
        r.register(
            "budget_refusals",
            "Calls refused by a budget, by whose it is",
            self.budget_refusals.clone(),
        );
        r.register(
            "limit_refusals",
            "Calls refused by a rate limit, by its kind and whose it is",
            self.limit_refusals.clone(),
        );
        r.register(
            "guardrail_actions",
            "What guardrails did or, in shadow, would have done",
            self.guardrails.clone(),
        );
        r.register(
            "cache_lookups",
            "Calls that the cache could have answered, by what came of it",
            self.cache_lookups.clone(),
        );
        r.register(
            "cache_saved_micro_usd",
            "What answers from the cache would have cost, in millionths of a dollar",
            self.cache_saved.clone(),
        );
        r.register(
            "request_duration_seconds",
            "From the first byte of a request to the last of its answer",
            self.duration.clone(),
        );
        r.register(
            "ttft_seconds",
            "From a request's arrival to the first byte of its answer's body",
            self.ttft.clone(),
        );
        r.register(
            "upstream_seconds",
            "From sending the upstream request to the end of its answer",
            self.upstream.clone(),
        );
        r.register(
            "inter_event_seconds",
            "Time between two events of a stream",
            self.gaps.clone(),
        );
        r.register(
            "overhead_seconds",
            "Wall time of a call in the gateway minus time waiting on sockets",
            self.overhead.clone(),
        );
    }

    pub(super) fn register_state(&mut self) {
        let r = &mut self.registry;
        r.register("in_flight", "Calls in progress", self.in_flight.clone());
        r.register(
            "log_queue_depth",
            "Rows waiting to be written to the request log",
            self.log_queue_depth.clone(),
        );
        r.register(
            "log_dropped",
            "Rows of the request log lost to a full queue",
            self.log_dropped.clone(),
        );
        r.register(
            "otlp_spans",
            "Spans that were to be exported, by what became of them",
            self.spans.clone(),
        );
        r.register(
            "otlp_metric_pushes",
            "Pushes of metrics to the collector, by what became of them",
            self.otlp_metrics.clone(),
        );
        r.register(
            "otlp_log_records",
            "Records of the log that were to be exported, by what became of them",
            self.otlp_logs.clone(),
        );
        r.register(
            "address_refusals",
            "Connections and calls refused because of their address, by the limit",
            self.address_refusals.clone(),
        );
        r.register(
            "snapshot_revision",
            "Revision of the configuration in use",
            self.snapshot_revision.clone(),
        );
        r.register(
            "config_info",
            "The configuration in force, by a digest of its files",
            self.configuration.clone(),
        );
        r.register(
            "config_reloads",
            "How often the configuration was read again, by what came of it",
            self.reloads.clone(),
        );
        r.register(
            "config_reload_last_success_timestamp_seconds",
            "Since when the configuration in force is, in seconds since 1970",
            self.reload_success.clone(),
        );
        r.register(
            "config_reload_last_successful",
            "1 if the configuration that was read last is in force, 0 if it was refused",
            self.reload_good.clone(),
        );
        r.register(
            "cache_bytes",
            "Memory held by kept answers",
            self.cache_bytes.clone(),
        );
        r.register(
            "cache_evictions",
            "Kept answers that made room for others",
            self.cache_evicted.clone(),
        );
        r.register(
            "body_memory_bytes",
            "Memory held by request bodies in progress",
            self.body_memory.clone(),
        );
    }
}
