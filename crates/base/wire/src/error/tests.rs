//! Envelopes are valid JSON of the shape each SDK reads, whatever the message holds.

use serde_json::{Value, json};

use super::*;

const KINDS: [ErrorKind; 13] = [
    ErrorKind::Authentication,
    ErrorKind::Billing,
    ErrorKind::Internal,
    ErrorKind::Invalid,
    ErrorKind::NotFound,
    ErrorKind::Overloaded,
    ErrorKind::Permission,
    ErrorKind::Policy,
    ErrorKind::RateLimit,
    ErrorKind::Timeout,
    ErrorKind::TooLarge,
    ErrorKind::Unsupported,
    ErrorKind::Upstream,
];

fn view(kind: ErrorKind) -> ErrorView<'static> {
    ErrorView {
        status: 429,
        kind,
        code: "budget_exceeded",
        message: "the \"team\" budget\nis used up \u{1} – until 5 pm",
        param: Some("model"),
        request_id: "req_1",
    }
}

fn parse(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn each_dialect_has_its_envelope() {
    let view = view(ErrorKind::Billing);
    assert_eq!(
        parse(&render(Dialect::OpenAi, &view)),
        json!({"error": {"message": view.message, "type": "insufficient_quota", "param": "model",
            "code": "budget_exceeded", "request_id": "req_1"}})
    );
    assert_eq!(
        parse(&render(Dialect::Anthropic, &view)),
        json!({"type": "error", "request_id": "req_1", "error": {"type": "billing_error",
            "message": view.message, "code": "budget_exceeded", "param": "model"}})
    );
    let gemini = parse(&render(Dialect::Gemini, &view));
    assert_eq!(gemini["error"]["code"], 429);
    assert_eq!(gemini["error"]["status"], "RESOURCE_EXHAUSTED");
    assert_eq!(gemini["error"]["message"], view.message);
    assert_eq!(gemini["error"]["details"][0]["reason"], "budget_exceeded");
    assert_eq!(gemini["error"]["details"][1]["requestId"], "req_1");
}

#[test]
fn a_policy_block_is_what_claude_code_knows() {
    let body = parse(&render(Dialect::Anthropic, &view(ErrorKind::Policy)));
    assert_eq!(body["error"]["type"], "policy_blocked");
}

#[test]
fn every_kind_renders_in_every_dialect() {
    for kind in KINDS {
        for dialect in Dialect::ALL {
            let mut view = view(kind);
            view.param = None;
            let body = parse(&render(*dialect, &view));
            // AWS has no object around it.
            let error = body.get("error").unwrap_or(&body);
            assert_eq!(error["message"], view.message, "{kind:?} {dialect}");
        }
    }
}

#[test]
fn an_event_is_one_frame() {
    let view = view(ErrorKind::Upstream);
    for (bytes, head) in [
        (
            render_event(Dialect::Anthropic, &view),
            "event: error\ndata: {",
        ),
        (render_event(Dialect::OpenAi, &view), "data: {"),
        (render_event(Dialect::Gemini, &view), "data: {"),
        (
            render_event_for(Operation::Responses, &view),
            "event: error\ndata: {",
        ),
        (
            render_event_for(Operation::Messages, &view),
            "event: error\ndata: {",
        ),
    ] {
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.starts_with(head), "{text}");
        assert_eq!(text.find("\n\n"), Some(text.len() - 2));
        let data = text.split_once("data: ").unwrap().1;
        assert_eq!(parse(data.as_bytes())["error"]["message"], view.message);
    }
    let event = render_event_for(Operation::Responses, &view);
    let data = parse(&event[b"event: error\ndata: ".len()..]);
    assert_eq!(
        (data["type"].as_str(), data["code"].as_str()),
        (Some("error"), Some(view.code))
    );
}

#[test]
fn aws_clients_find_the_name_of_an_error_in_its_body() {
    for kind in KINDS {
        let found = parse(&render(Dialect::Bedrock, &view(kind)));
        let name = found["__type"].as_str().unwrap();
        assert!(name.ends_with("Exception"), "{kind:?}");
        assert_eq!(found["message"], view(kind).message);
        assert_eq!(found["reason"], "budget_exceeded");
        assert_eq!(found["param"], "model");
        let event = render_event(Dialect::Bedrock, &view(kind));
        let message = eventstream::Message::read(&event).unwrap();
        let (said, name) = message.kind();
        assert_eq!(said, eventstream::Kind::Exception);
        assert!(name.ends_with("Exception"), "{name}");
        assert_eq!(parse(message.body()), found);
    }
    // SDKs repeat what is throttled; a used-up budget is no such thing.
    let budget = parse(&render(Dialect::Bedrock, &view(ErrorKind::Billing)));
    assert_eq!(budget["__type"], "ServiceQuotaExceededException");
}
