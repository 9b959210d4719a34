//! Bodies: what is found and what is refused.

use tidegate_types::{ServiceTier, TokenCount};

use super::*;
use crate::Operation as Op;

fn chat(body: &str) -> Result<Inspected, BodyError> {
    inspect(Op::ChatCompletions, body.as_bytes())
}

#[test]
fn reads_what_governance_needs() {
    let found = chat(
        r#" {"messages":[{"role":"user","content":"hi"}], "model" : "gpt-4o","stream":true,
        "max_tokens":10,"max_completion_tokens":20,"n":3,"service_tier":"flex"} "#,
    )
    .unwrap();
    let model = found.model.unwrap();
    assert_eq!(model.value.as_str(), "gpt-4o");
    assert!(found.stream);
    assert_eq!((found.max_output, found.choices), (Some(20), 3));
    assert_eq!(found.tier, Some(ServiceTier::Flex));
    assert_eq!(found.usage_switch, UsageSwitch::Absent(2));
}

#[test]
fn a_conversations_id_is_found_where_its_dialect_has_it() {
    let named = |operation, body: &str| {
        let found = inspect(operation, body.as_bytes()).unwrap();
        found.conversation.map(|span| body[span].to_owned())
    };
    let key =
        r#"{"model":"m","prompt_cache_key":"thread-7","metadata":{"user_id":"no"},"user":"no"}"#;
    for operation in [Op::ChatCompletions, Op::Responses] {
        assert_eq!(named(operation, key).as_deref(), Some("thread-7"));
    }
    assert_eq!(named(Op::Embeddings, key), None);
    let user = r#"{"metadata":{"x":{"user_id":"no"},"user_id":"u_\"1\"","y":1},"model":"m","prompt_cache_key":"no"}"#;
    assert_eq!(named(Op::Messages, user).as_deref(), Some(r#"u_\"1\""#));
    // It is a hint: what is none is not refused here.
    for odd in ["null", "7", "\"\"", "[\"a\"]"] {
        let key = format!(r#"{{"model":"m","prompt_cache_key":{odd}}}"#);
        assert_eq!(named(Op::ChatCompletions, &key), None, "{odd}");
        let user = format!(r#"{{"model":"m","metadata":{{"user_id":{odd}}}}}"#);
        assert_eq!(named(Op::Messages, &user), None, "{odd}");
        let metadata = format!(r#"{{"model":"m","metadata":{odd}}}"#);
        assert_eq!(named(Op::Messages, &metadata), None, "{odd}");
    }
    assert!(chat(r#"{"model":"m","Prompt_Cache_Key":"other"}"#).is_ok());
}

#[test]
fn the_dialects_differ() {
    let found = inspect(
        Op::Responses,
        br#"{"model":"m","max_output_tokens":5,"background":true,"service_tier":"auto"}"#,
    )
    .unwrap();
    assert!(found.background);
    assert_eq!(
        (found.max_output, found.tier, found.choices),
        (Some(5), None, 1)
    );
    let found = inspect(
        Op::StreamGenerateContent,
        br#"{"generation_config":{"max_output_tokens":"7","candidateCount":2}}"#,
    )
    .unwrap();
    assert!(found.stream);
    assert_eq!((found.max_output, found.choices), (Some(7), 2));
    let found = inspect(
        Op::ConverseStream,
        br#"{"inferenceConfig":{"maxTokens":7},"additionalModelRequestFields":{"max_tokens":11},"serviceTier":{"type":"flex"}}"#,
    )
    .unwrap();
    assert!(found.stream && found.model.is_none());
    assert_eq!((found.max_output, found.choices), (Some(11), 1));
    assert_eq!(found.tier, Some(ServiceTier::Flex));
    let found = inspect(Op::InvokeModel, br#"{"max_tokens":5,"stream":true}"#).unwrap();
    assert_eq!((found.max_output, found.stream), (Some(5), false));
    let found = inspect(
        Op::Messages,
        br#"{"model":"c","max_tokens":9.0,"speed":"fast","n":8}"#,
    )
    .unwrap();
    assert_eq!((found.max_output, found.choices), (Some(9), 1));
    assert_eq!(found.tier, Some(ServiceTier::Priority));
    let found = inspect(
        Op::AudioSpeech,
        br#"{"model":"tts-1","input":"\u00e9\n\ud83d\ude00x"}"#,
    )
    .unwrap();
    assert_eq!(found.characters, 4);
    let found = inspect(
        Op::ImagesGenerations,
        br#"{"model":"i","n":2,"size":"1024x1024","quality":"hd"}"#,
    )
    .unwrap();
    assert_eq!(
        (found.choices, found.image.size.as_deref()),
        (2, Some("1024x1024"))
    );
    assert_eq!(found.image.quality.as_deref(), Some("hd"));
}

#[test]
fn every_prompt_of_a_completion_is_answered() {
    let choices = |body: &str| inspect(Op::Completions, body.as_bytes()).unwrap().choices;
    assert_eq!(choices(r#"{"prompt":"a","n":2,"best_of":5}"#), 5);
    assert_eq!(choices(r#"{"prompt":["a","b","c"],"n":2}"#), 6);
    assert_eq!(choices(r#"{"prompt":[1,2,3]}"#), 1);
    assert_eq!(choices(r#"{"prompt":[[1,2],[3]]}"#), 2);
}

#[test]
fn a_name_given_twice_is_refused_in_any_spelling() {
    for body in [
        r#"{"model":"ok","model":"forbidden"}"#,
        r#"{"model":"ok","mod\u0065l":"forbidden"}"#,
        r#"{"model":"ok","\u006dodel":"forbidden"}"#,
        r#"{"x":1,"model":"ok","x":2}"#,
        r#"{"model":"ok","stream_options":{"include_usage":true,"include_usage":false}}"#,
    ] {
        let found = chat(body);
        assert!(
            matches!(found, Err(BodyError::DuplicateKey { .. })),
            "{body}: {found:?}"
        );
    }
    let twice = br#"{"generationConfig":{"maxOutputTokens":1},"generation_config":{}}"#;
    assert!(matches!(
        inspect(Op::GenerateContent, twice),
        Err(BodyError::DuplicateKey { .. })
    ));
    // Deeper down nobody reads, and nothing is judged.
    assert!(chat(r#"{"model":"ok","metadata":{"a":1,"a":2}}"#).is_ok());
}

#[test]
fn an_odd_case_of_a_governed_name_is_refused() {
    for body in [
        r#"{"model":"ok","Model":"forbidden"}"#,
        r#"{"MODEL":"forbidden"}"#,
        r#"{"model":"ok","max_to\u212aens":1}"#,
        r#"{"model":"ok","ſtream":true}"#,
    ] {
        let found = chat(body);
        assert!(
            matches!(found, Err(BodyError::AmbiguousKey { .. })),
            "{body}: {found:?}"
        );
    }
    assert!(chat(r#"{"model":"ok","NewFeature":1}"#).is_ok());
}

#[test]
fn what_is_no_object_is_refused_with_its_place() {
    for (body, at) in [
        ("", 0),
        ("[]", 0),
        (r#"{"model":"m"} x"#, 14),
        (r#"{"model":"m",}"#, 13),
        (r#"{"model":m}"#, 9),
        ("\u{feff}{}", 0),
    ] {
        match chat(body) {
            Err(BodyError::Syntax { at: found, .. } | BodyError::Type { at: found, .. }) => {
                assert_eq!(found, at, "{body}");
            }
            other => panic!("{body}: {other:?}"),
        }
    }
    assert!(matches!(
        inspect(Op::Messages, b"{\"a\":\"\xff\"}"),
        Err(BodyError::Utf8 { at: 6 })
    ));
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(128), "]".repeat(128));
    assert!(matches!(chat(&deep), Err(BodyError::Depth { .. })));
    let keys: Vec<_> = (0..300).map(|n| format!("\"k{n}\":0")).collect();
    let many = format!("{{{}}}", keys.join(","));
    assert!(matches!(chat(&many), Err(BodyError::TooManyKeys { .. })));
}

#[test]
fn governed_members_have_their_types() {
    for (body, key) in [
        (r#"{"model":1}"#, "model"),
        (r#"{"model":["a"]}"#, "model"),
        (r#"{"stream":"true"}"#, "stream"),
        (r#"{"stream":1}"#, "stream"),
        (r#"{"max_tokens":-1}"#, "max_tokens"),
        (r#"{"max_tokens":"5"}"#, "max_tokens"),
        (r#"{"stream_options":true}"#, "stream_options"),
    ] {
        assert_eq!(chat(body).unwrap_err().param(), Some(key), "{body}");
    }
    assert!(matches!(
        chat(r#"{"model":"a b"}"#),
        Err(BodyError::Model { at: 9, .. })
    ));
    assert!(matches!(
        chat(r#"{"model":"\ud800"}"#),
        Err(BodyError::Surrogate { .. })
    ));
    let nulls = chat(r#"{"model":null,"stream":null,"max_tokens":null,"n":null}"#).unwrap();
    assert_eq!((nulls.model, nulls.stream, nulls.choices), (None, false, 1));
    // Half a surrogate pair in a text that nobody reads is the provider's business.
    assert!(chat(r#"{"model":"a","messages":"\ud800"}"#).is_ok());
}

#[test]
fn batches_are_summed_up_by_model() {
    let body = format!(
        r#"{{"requests":[
        {{"custom_id":"1","params":{{"model":"a","max_tokens":10,"messages":"{0}"}}}},
        {{"params":{{"max_tokens":5,"model":"b"}},"custom_id":"2"}},
        {{"custom_id":"3","params":{{"model":"a","max_tokens":1}}}}]}}"#,
        "x".repeat(300)
    );
    let found = inspect(Op::MessagesBatchesCreate, body.as_bytes()).unwrap();
    let models = found.batch.unwrap().models;
    assert_eq!(models.len(), 2);
    assert_eq!(
        (
            models[0].model.as_str(),
            models[0].items,
            models[0].max_output
        ),
        ("a", 2, 11)
    );
    assert!(models[0].input >= TokenCount(100) && models[0].input < TokenCount(200));
    assert_eq!(
        (
            models[1].model.as_str(),
            models[1].items,
            models[1].max_output
        ),
        ("b", 1, 5)
    );
    for bad in [
        r#"{"requests":[{}]}"#,
        r#"{"requests":[{"params":{}}]}"#,
        r#"{"requests":[{"params":{"model":"a","model":"b"}}]}"#,
        r#"{"requests":[{"params":{"model":"a"},"params":{"model":"b"}}]}"#,
        r#"{"requests":{}}"#,
    ] {
        assert!(
            inspect(Op::MessagesBatchesCreate, bad.as_bytes()).is_err(),
            "{bad}"
        );
    }
}

#[test]
fn media_count_by_kind_and_text_by_length() {
    let text = format!(r#"{{"model":"m","messages":"{}"}}"#, "word ".repeat(600));
    assert!(chat(&text).unwrap().input >= TokenCount(1_000));
    let image = format!(
        r#"{{"messages":[{{"image_url":{{"url":"data:image/png;base64,iVBORw0KGgo{}"}}}}]}}"#,
        "A".repeat(3_000_000)
    );
    let found = chat(&image).unwrap().input;
    assert!(
        found < TokenCount(6_000) && found > TokenCount(4_000),
        "{found:?}"
    );
    let pdf = format!(
        r#"{{"source":{{"data":"JVBERi0{}"}}}}"#,
        "A".repeat(160_000)
    );
    let found = inspect(Op::Messages, pdf.as_bytes()).unwrap().input;
    assert!(
        found > TokenCount(9_000) && found < TokenCount(11_000),
        "{found:?}"
    );
    assert_eq!(estimate_input(pdf.as_bytes()), found);
    // Text dressed up as media is text.
    let fake = format!(r#"{{"data":"JVBERi0{}"}}"#, "a b ".repeat(1_000));
    assert!(chat(&fake).unwrap().input > TokenCount(1_300));
    let ids = format!(r#"{{"input":[{}1]}}"#, "1,".repeat(999));
    assert!(inspect(Op::Embeddings, ids.as_bytes()).unwrap().input >= TokenCount(1_000));
}
