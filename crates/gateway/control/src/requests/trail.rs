//! How a call was decided, step by step, as far as its log row tells: what stopped it, and what it passed
//! before. What guardrails did stands beside it.

use serde::Serialize;
use tidegate_governance::{
    guardrail::{Applied, Phase},
    record::{CacheUse, Outcome},
};
use tidegate_store::LoggedRequest;
use utoipa::ToSchema;

use crate::names::Names;

/// One step of a call's way through the gateway.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrailStep)]
pub(super) struct StepView {
    /// Which step.
    step: Step,
    /// What came of it.
    verdict: Verdict,
    /// That in words, for people.
    detail: String,
}

/// The steps, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TrailStage)]
enum Step {
    /// Is it a route that is served?
    Route,
    /// Whose credential is it, and does it hold?
    Identity,
    /// May this app, host or MCP server be used on that device?
    Policy,
    /// Was the body read whole, and is it valid?
    Body,
    /// Which model at which provider, and may the key use them?
    Model,
    /// Was there room in all limits and budgets?
    Limits,
    /// What did the guards say of the prompt?
    Guardrails,
    /// Did the provider answer?
    Upstream,
    /// Did the answer reach the caller?
    Answer,
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TrailVerdict)]
enum Verdict {
    /// It went on.
    Passed,
    /// The call ended here: the gateway refused it.
    Refused,
    /// The call ended here: something broke.
    Failed,
    /// It did not come so far.
    NotReached,
    /// Nothing of the sort applies to this call.
    NotApplicable,
}

const STEPS: [Step; 9] = [
    Step::Route,
    Step::Identity,
    Step::Policy,
    Step::Body,
    Step::Model,
    Step::Limits,
    Step::Guardrails,
    Step::Upstream,
    Step::Answer,
];

/// At which step a refusal with this code is made.
fn refused_at(code: &str) -> Step {
    match code {
        "malformed_path" | "method_not_allowed" | "unknown_route" | "websocket_unsupported" => {
            Step::Route
        }
        "invalid_api_key" | "key_disabled" | "key_expired" | "missing_api_key" => Step::Identity,
        "app_denied" | "host_not_governed" | "mcp_denied" => Step::Policy,
        "batch_unbounded"
        | "model_contradicted"
        | "model_missing"
        | "model_not_allowed"
        | "model_not_found"
        | "model_unpriced"
        | "no_provider"
        | "not_translatable"
        | "provider_not_allowed"
        | "refused_by_rule"
        | "route_not_allowed" => Step::Model,
        "budget_exceeded"
        | "concurrency_exceeded"
        | "ledger_unavailable"
        | "rate_limit_exceeded"
        | "token_limit_exceeded"
        | "websocket_connection_limit_reached"
        | "websockets_exceeded" => Step::Limits,
        "guard_failed" | "prompt_blocked" => Step::Guardrails,
        "not_cached"
        | "upstream_broken"
        | "upstream_credential"
        | "upstream_timeout"
        | "upstream_unreachable" => Step::Upstream,
        "answer_blocked" => Step::Answer,
        // Whatever else it is was found while the body was read.
        _ => Step::Body,
    }
}

/// The way of a call.
pub(super) fn of(request: &LoggedRequest, applied: &[Applied], names: &Names) -> Vec<StepView> {
    let ended = match (request.code.as_deref(), request.outcome) {
        (Some(code), _) => Some(refused_at(code)),
        (None, Outcome::Completed) => None,
        (None, Outcome::UpstreamBroken) => Some(Step::Upstream),
        (None, _) => Some(Step::Answer),
    };
    STEPS
        .into_iter()
        .map(|step| view(step, ended, request, applied, names))
        .collect()
}

fn view(
    step: Step,
    ended: Option<Step>,
    request: &LoggedRequest,
    applied: &[Applied],
    names: &Names,
) -> StepView {
    let (verdict, detail) = match ended {
        Some(ended) if step > ended => (Verdict::NotReached, "It did not come so far.".to_owned()),
        Some(ended) if step == ended => stopped(request),
        _ if step == Step::Guardrails && is_unscanned(request) => {
            let detail =
                "Relayed unread (`unscanned`): it is no conversation that guardrails know.";
            (Verdict::NotApplicable, detail.to_owned())
        }
        _ if step == Step::Guardrails => (Verdict::Passed, guardrails(applied)),
        _ => passed(step, request, names),
    };
    StepView {
        step,
        verdict,
        detail,
    }
}

/// Whether it was forwarded as it came: neither an operation of the gateway's nor a conversation.
fn is_unscanned(request: &LoggedRequest) -> bool {
    request.operation == "edge.forward"
}

fn stopped(request: &LoggedRequest) -> (Verdict, String) {
    match (request.code.as_deref(), request.outcome) {
        (Some(code), Outcome::Refused) => {
            let detail = format!("Refused with `{code}` (status {}).", request.status);
            (Verdict::Refused, detail)
        }
        (Some(code), _) => (Verdict::Failed, format!("Ended with `{code}`.")),
        (None, Outcome::ClientGone) => {
            let detail =
                "The caller went away before the end; what was used until then is charged.";
            (Verdict::Failed, detail.to_owned())
        }
        (None, _) => {
            let detail = "The provider broke off after its answer had begun.";
            (Verdict::Failed, detail.to_owned())
        }
    }
}

fn passed(step: Step, request: &LoggedRequest, names: &Names) -> (Verdict, String) {
    let detail = match step {
        Step::Route => format!("Operation `{}`.", request.operation),
        Step::Identity if request.shadow_of.is_some() => {
            "A copy of a call; the allow-lists of its key hold for it.".to_owned()
        }
        Step::Identity => identity(request, names),
        Step::Policy => match &request.edge {
            Some(edge) => format!(
                "`{}` may reach {} from this device.",
                edge.app(),
                edge.host()
            ),
            None => {
                let detail = "The call did not come from a managed device.";
                return (Verdict::NotApplicable, detail.to_owned());
            }
        },
        Step::Body => format!("{} bytes.", request.request_bytes),
        Step::Model => match (&request.model, &request.provider) {
            (Some(model), Some(provider)) => format!("`{model}` at `{provider}`."),
            (None, Some(provider)) => format!("No model is named; it went to `{provider}`."),
            _ => "No model is named.".to_owned(),
        },
        Step::Limits if request.shadow_of.is_some() => {
            let detail = "A copy for a shadow target takes from no limit and no budget.";
            return (Verdict::NotApplicable, detail.to_owned());
        }
        Step::Limits => "There was room in every limit and budget that applied.".to_owned(),
        Step::Guardrails => String::new(),
        Step::Upstream if request.cache.and_then(CacheUse::saved).is_some() => {
            let detail = "A kept answer was given: no provider was asked.";
            return (Verdict::NotApplicable, detail.to_owned());
        }
        Step::Upstream => match (&request.provider, &request.edge) {
            (Some(provider), _) => upstream(request, provider.as_str()),
            // What is forwarded has no provider, but a host.
            (None, Some(edge)) => upstream(request, edge.host()),
            (None, None) => {
                let detail = "The gateway answered by itself.";
                return (Verdict::NotApplicable, detail.to_owned());
            }
        },
        Step::Answer if request.shadow_of.is_some() => {
            let detail = format!("{} bytes, which nobody got.", request.response_bytes);
            return (Verdict::NotApplicable, detail);
        }
        Step::Answer => format!(
            "{} bytes with status {}.",
            request.response_bytes, request.status
        ),
    };
    (Verdict::Passed, detail)
}

/// What guardrails did to the prompt, in words.
fn guardrails(applied: &[Applied]) -> String {
    let said = applied.iter().filter(|done| done.phase == Phase::Prompt);
    let said = said.map(|done| {
        let times = if done.count == 1 {
            ""
        } else {
            " several times"
        };
        match (&done.error, done.shadow) {
            (Some(error), _) => format!("`{}` could not look: {error}.", done.guardrail),
            (None, true) => format!(
                "`{}` would have {} `{}`{times}.",
                done.guardrail,
                verb(&done.action),
                done.detector
            ),
            (None, false) => format!(
                "`{}` {} `{}`{times}.",
                done.guardrail,
                verb(&done.action),
                done.detector
            ),
        }
    });
    let said: Vec<_> = said.collect();
    if said.is_empty() {
        "Nothing was found in the prompt.".to_owned()
    } else {
        said.join(" ")
    }
}

/// What an action did, as words before what it was done to.
fn verb(action: &str) -> &str {
    match action {
        "log" => "noted",
        "flag" => "flagged",
        "redact" => "replaced",
        "restore" => "replaced, for the answer to restore,",
        "block" => "blocked",
        "unscanned" => "did not read",
        other => other,
    }
}

fn identity(request: &LoggedRequest, names: &Names) -> String {
    let Some(key) = request.key else {
        return "No key is needed here.".to_owned();
    };
    let named = |what: &str, id: String| {
        let name = names.get(&id).unwrap_or(id);
        format!("{what} {name}")
    };
    let mut parts = vec![named("Key", key.to_string())];
    parts.extend(request.user.map(|user| named("user", user.to_string())));
    parts.extend(request.team.map(|team| named("team", team.to_string())));
    if let Some(edge) = &request.edge {
        parts.push(named("device", edge.device().to_string()));
    }
    format!("{}.", parts.join(", "))
}

fn upstream(request: &LoggedRequest, provider: &str) -> String {
    let own = request.overhead_us;
    let all = request.duration_us;
    let first = match request.ttft_us {
        Some(first) => format!("; its first byte came after {first} µs"),
        None => String::new(),
    };
    format!("`{provider}` answered{first}. Of {all} µs in all the gateway took {own} µs itself.")
}
