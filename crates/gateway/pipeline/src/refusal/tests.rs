//! Every refusal in every dialect: a stable code, a fitting status, a sentence, and the shape that the
//! dialect's SDK parses.

use std::{collections::BTreeSet, time::Duration};

use tidegate_governance::{
    entity::{Scope, Window},
    key::Holder,
};
use tidegate_types::{BudgetId, MicroUsd, TokenCount};
use tidegate_wire::{Dialect, error};

use super::*;

const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

fn provider() -> ProviderName {
    "openai".parse().unwrap()
}

fn denials() -> Vec<Denial> {
    let scope = Scope::Organization;
    let minute = Duration::from_secs(60);
    vec![
        Denial::Budget {
            budget: BudgetId::from_parts(NOW, 1),
            scope,
            model: None,
            cap: MicroUsd::from_micros(10),
            spent: MicroUsd::from_micros(10),
            need: MicroUsd::from_micros(1),
            window: Window::Day,
            resets_at: NOW.plus(minute * 600),
        },
        Denial::Concurrency { scope, limit: 1 },
        Denial::LedgerUnavailable,
        Denial::Requests {
            scope,
            limit: 1,
            retry_after: minute,
        },
        Denial::Tokens {
            scope,
            limit: 9,
            retry_after: minute,
            need: TokenCount(5),
        },
    ]
}

fn all() -> Vec<Refusal> {
    let dialect = Dialect::OpenAi;
    let rule = RuleName::new("no secrets");
    let mut all = vec![
        Refusal::AnswerBlocked(rule.clone()),
        Refusal::Auth(AuthRefusal::Unknown),
        Refusal::Auth(AuthRefusal::Expired { at: NOW }),
        Refusal::Auth(AuthRefusal::Disabled { what: Holder::Key }),
        Refusal::BatchUnbounded,
        Refusal::BodyIncomplete,
        Refusal::BodyTooLarge(5),
        Refusal::Busy,
        Refusal::Choose(ChooseError::NoProvider { dialect }),
        Refusal::Choose(ChooseError::UnknownModel {
            model: "m".into(),
            dialect,
        }),
        Refusal::ClientGone,
        Refusal::Credential(CredentialError::Missing),
        Refusal::GuardFailed("a reason"),
        Refusal::McpDenied(Box::new(McpDenial::sample())),
        Refusal::ModelContradicted("m".into()),
        Refusal::Untranslatable(Refused {
            field: "seed".to_owned(),
            why: "cannot be said".into(),
        }),
        Refusal::ModelDenied("m".into()),
        Refusal::ModelMissing,
        Refusal::ModelUnpriced("m".into()),
        Refusal::NotCached,
        Refusal::PromptBlocked(rule),
        Refusal::Ruled {
            rule: "no-opus".into(),
            why: "Use the small model.".into(),
        },
        Refusal::ProviderDenied(provider()),
        Refusal::Route(RouteError::Malformed { dialect }),
        Refusal::Route(RouteError::MethodNotAllowed {
            dialect,
            allow: "POST",
        }),
        Refusal::Route(RouteError::Unknown { dialect }),
        Refusal::RouteDenied("files.create"),
        Refusal::UpstreamBroken(provider()),
        Refusal::UpstreamCredential(provider()),
        Refusal::UpstreamTimeout(provider()),
        Refusal::UpstreamUnreachable(provider()),
        Refusal::WebSocket,
        Refusal::WebSocketExpired,
        Refusal::WebSockets(3),
        Refusal::Message(tidegate_wire::socket::MessageError::NoKind),
    ];
    all.extend(denials().into_iter().map(Refusal::Denied));
    all
}

#[test]
fn codes_are_distinct_and_in_one_style() {
    let mut seen = BTreeSet::new();
    for refusal in all() {
        let code = refusal.code();
        assert!(seen.insert(code), "{code} names two refusals");
        assert!(
            code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
            "{code}"
        );
    }
}

#[test]
fn every_refusal_says_what_to_do_in_every_dialect() {
    for refusal in all() {
        let (status, message) = (refusal.status(), refusal.message());
        assert!((400..600).contains(&status), "{refusal:?}");
        assert!(message.ends_with('.') && message.len() > 20, "{message}");
        for &dialect in Dialect::ALL {
            let view = refusal.view(&message, "req_1");
            let body: serde_json::Value =
                serde_json::from_slice(&error::render(dialect, &view)).unwrap();
            // AWS has no object around it.
            let error = body.get("error").unwrap_or(&body);
            assert_eq!(error["message"], message.as_str(), "{body}");
            let kind = match dialect {
                Dialect::Bedrock => "/__type",
                Dialect::Gemini => "/error/status",
                Dialect::Anthropic | Dialect::OpenAi => "/error/type",
            };
            assert!(
                body.pointer(kind).is_some_and(serde_json::Value::is_string),
                "{body}"
            );
        }
    }
}

#[test]
fn clients_are_told_to_try_again_only_where_that_can_help() {
    let retried: Vec<_> = all()
        .into_iter()
        .filter(|refusal| refusal.should_retry(NOW))
        .map(|refusal| refusal.code())
        .collect();
    let expected = [
        "gateway_busy",
        "guard_failed",
        "upstream_broken",
        "upstream_timeout",
        "upstream_unreachable",
        "concurrency_exceeded",
        "ledger_unavailable",
        "rate_limit_exceeded",
        "token_limit_exceeded",
    ];
    assert_eq!(retried, expected);
    for refusal in denials().into_iter().map(Refusal::Denied) {
        assert!(refusal.retry_after(NOW).is_some(), "{refusal:?} says when");
    }
}

#[test]
fn fault_and_status_agree() {
    for refusal in all() {
        let server = refusal.status() >= 500;
        let ours = matches!(refusal.fault(), Fault::Gateway | Fault::Upstream);
        assert_eq!(server, ours, "{refusal:?}");
    }
}
