//! Two questions that differ in anything that counts never share an answer.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tidegate_types::{KeyId, TeamId, Timestamp};

use super::*;

fn team(n: u128) -> Tenant {
    Tenant::Team(TeamId::from_parts(Timestamp::from_micros(1), n))
}

fn ask<'a>(operation: Operation, body: &'a [u8], headers: &'a HeaderMap) -> Question<'a> {
    Question {
        tenant: team(1),
        operation,
        model: "m",
        pinned: "",
        query: "",
        headers,
        body,
        stream: false,
        stream_usage: false,
    }
}

fn key_of(operation: Operation, body: &str) -> Option<Key> {
    let headers = HeaderMap::new();
    let question = ask(operation, body.as_bytes(), &headers);
    question.read(&Settings::default()).map(|asking| asking.key)
}

#[test]
fn what_only_says_how_an_answer_is_delivered_does_not_count() {
    let plain = r#"{"model":"m","messages":[{"role":"user","content":"x"}]}"#;
    let same = [
        r#"{"messages":[{"role":"user","content":"x"}], "model" : "m"}"#,
        r#"{"stream":true,"model":"m","messages":[{"role":"user","content":"x"}]}"#,
        r#"{"model":"m","messages":[{"role":"user","content":"x"}],"stream_options":{"include_usage":true}}"#,
        r#"{"model":"m","messages":[{"role":"user","content":"x"}],"user":"ada","metadata":{"a":"b"}}"#,
        r#"{"m\u006fdel":"m","messages":[{"role":"user","content":"x"}],"str\u0065am":true}"#,
    ];
    let expected = key_of(Operation::ChatCompletions, plain);
    assert!(expected.is_some());
    for body in same {
        assert_eq!(key_of(Operation::ChatCompletions, body), expected, "{body}");
    }
}

#[test]
fn all_else_counts() {
    let base = r#"{"model":"m","messages":[{"role":"user","content":"x"}]}"#;
    let headers = HeaderMap::new();
    let question = ask(Operation::ChatCompletions, base.as_bytes(), &headers);
    let settings = Settings {
        vary: vec![HeaderName::from_static("x-shard")],
        ..Settings::default()
    };
    let header = |name: &'static str, value: &'static str| {
        let mut headers = HeaderMap::new();
        headers.append(name, value.parse().unwrap());
        headers
    };
    let (beta, version) = (
        header("anthropic-beta", "a"),
        header("anthropic-version", "a"),
    );
    let (vary, agent) = (header("x-shard", "1"), header("user-agent", "x"));
    let key = KeyId::from_parts(Timestamp::from_micros(1), 1);
    let all = [
        question,
        Question {
            tenant: team(2),
            ..question
        },
        Question {
            tenant: Tenant::Key(key),
            ..question
        },
        Question {
            model: "n",
            ..question
        },
        Question {
            pinned: "p",
            ..question
        },
        Question {
            query: "beta=true",
            ..question
        },
        Question {
            headers: &beta,
            ..question
        },
        Question {
            headers: &version,
            ..question
        },
        Question {
            headers: &vary,
            ..question
        },
        Question {
            operation: Operation::Messages,
            ..question
        },
        Question {
            operation: Operation::Completions,
            ..question
        },
    ];
    let keys: std::collections::HashSet<_> = all
        .iter()
        .map(|question| question.read(&settings).unwrap().key)
        .collect();
    assert_eq!(keys.len(), all.len());
    let other_client = Question {
        headers: &agent,
        ..question
    };
    assert!(keys.contains(&other_client.read(&settings).unwrap().key));
}

#[test]
fn what_has_effects_or_refers_to_state_is_not_kept() {
    use Operation as Op;
    for (operation, body) in [
        (Op::ChatCompletions, r#"{"store":true}"#),
        (Op::ChatCompletions, r#"{"st\u006fre":true}"#),
        (Op::ChatCompletions, r#"{"audio":{"voice":"x"}}"#),
        (Op::ChatCompletions, r#"{"web_search_options":{}}"#),
        (Op::Responses, r#"{"input":"x"}"#),
        (Op::Responses, r#"{"input":"x","store":null}"#),
        (
            Op::Responses,
            r#"{"input":"x","store":false,"background":true}"#,
        ),
        (
            Op::Responses,
            r#"{"input":"x","store":false,"previous_response_id":"r"}"#,
        ),
        (
            Op::Responses,
            r#"{"input":"x","store":false,"conversation":"c"}"#,
        ),
        (
            Op::Responses,
            r#"{"input":"x","store":false,"prompt":{"id":"p"}}"#,
        ),
        (
            Op::Responses,
            r#"{"input":"x","store":false,"tools":[{"type":"web_search"}]}"#,
        ),
        (
            Op::Responses,
            r#"{"input":"x","store":false,"tools":[{"type":"function"},{"type":"mcp"}]}"#,
        ),
        (Op::Messages, r#"{"mcp_servers":[{"url":"u"}]}"#),
        (Op::Messages, r#"{"container":"c"}"#),
        (
            Op::Messages,
            r#"{"tools":[{"type":"code_execution_20250522","name":"c"}]}"#,
        ),
        (Op::Messages, r#"{"tools":"x"}"#),
        (Op::GenerateContent, r#"{"tools":[{"googleSearch":{}}]}"#),
        (
            Op::GenerateContent,
            r#"{"tools":[{"functionDeclarations":[]},{"codeExecution":{}}]}"#,
        ),
        (Op::AudioSpeech, r#"{"input":"x"}"#),
        (Op::ImagesGenerations, r#"{"prompt":"x"}"#),
        (Op::MessagesCountTokens, "{}"),
        (Op::Converse, r#"{"messages":[]}"#),
        (Op::ConverseStream, r#"{"messages":[]}"#),
        (Op::StreamGenerateContent, r#"{"contents":[]}"#),
    ] {
        assert_eq!(key_of(operation, body), None, "{operation:?} {body}");
    }
    for (operation, body) in [
        (
            Op::ChatCompletions,
            r#"{"store":false,"tools":[{"type":"function"}]}"#,
        ),
        (Op::Completions, r#"{"prompt":"x"}"#),
        (Op::Embeddings, r#"{"input":"x"}"#),
        (
            Op::Responses,
            r#"{"input":"x","store":false,"previous_response_id":null,"background":false}"#,
        ),
        (
            Op::Messages,
            r#"{"tools":[{"name":"x"},{"type":"bash_20250124","name":"bash"}]}"#,
        ),
        (
            Op::GenerateContent,
            r#"{"tools":[{"functionDeclarations":[]}]}"#,
        ),
    ] {
        assert!(key_of(operation, body).is_some(), "{operation:?} {body}");
    }
}

#[test]
fn geminis_two_operations_share_and_only_streams_of_events_are_kept() {
    let headers = HeaderMap::new();
    let body = br#"{"contents":[]}"#;
    let whole = ask(Operation::GenerateContent, body, &headers);
    let stream = Question {
        operation: Operation::StreamGenerateContent,
        query: "alt=sse",
        stream: true,
        ..whole
    };
    let settings = Settings::default();
    let (whole_key, stream_key) = (
        whole.read(&settings).unwrap(),
        stream.read(&settings).unwrap(),
    );
    assert_eq!(whole_key.key, stream_key.key);
    assert_eq!(
        (whole_key.shape, stream_key.shape),
        (Shape::Whole, Shape::Stream)
    );
    assert!(
        Question {
            query: "alt=sse",
            ..whole
        }
        .read(&settings)
        .is_none()
    );
    assert!(
        Question {
            query: "alt=json",
            ..stream
        }
        .read(&settings)
        .is_none()
    );
}

fn meaning_of(operation: Operation, body: &str) -> Option<Meaning> {
    let headers = HeaderMap::new();
    let question = ask(operation, body.as_bytes(), &headers);
    question.meaning(&Settings::default())
}

#[test]
fn only_the_last_text_of_a_user_may_differ() {
    use Operation as Op;
    let cases = [
        (
            Op::ChatCompletions,
            r#"{"model":"m","messages":[{"role":"system","content":"S"},{"role":"user","content":"LAST"}]}"#,
        ),
        (
            Op::ChatCompletions,
            r#"{"messages":[{"content":[{"type":"text","text":"LAST"}],"role":"user"}],"seed":7}"#,
        ),
        (
            Op::Messages,
            r#"{"system":"S","messages":[{"role":"user","content":[ {"type":"text","text":"LAST"} ]}]}"#,
        ),
        (
            Op::Responses,
            r#"{"input":"LAST","store":false,"instructions":"S"}"#,
        ),
        (
            Op::Responses,
            r#"{"store":false,"input":[{"role":"user","content":[{"type":"input_text","text":"LAST"}]}]}"#,
        ),
        (
            Op::GenerateContent,
            r#"{"contents":[{"role":"user","parts":[{"text":"LAST"}]}],"tools":[]}"#,
        ),
    ];
    for (operation, body) in cases {
        let first = meaning_of(operation, &body.replace("LAST", "how high is it?")).unwrap();
        let other = meaning_of(operation, &body.replace("LAST", "what \\u0068eight?")).unwrap();
        assert_eq!(
            (&*first.text, &*other.text),
            ("how high is it?", "what height?")
        );
        assert_eq!(first.partition, other.partition, "{body}");
        // Whatever else is another one is another partition.
        for (from, to) in [("\"S\"", "\"T\""), (":7", ":8"), ("input_text", "text")] {
            if body.contains(from) {
                let changed = meaning_of(operation, &body.replace(from, to)).unwrap();
                assert_ne!(
                    changed.partition,
                    meaning_of(operation, body).unwrap().partition
                );
            }
        }
        let exact = key_of(operation, body);
        assert_ne!(exact, Some(first.partition), "no partition is a question");
    }
}

#[test]
fn what_is_more_than_a_users_text_is_not_compared_by_meaning() {
    use Operation as Op;
    for (operation, body) in [
        (
            Op::ChatCompletions,
            r#"{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"y"}]}"#,
        ),
        (
            Op::ChatCompletions,
            r#"{"messages":[{"role":"user","content":[{"text":"x"},{"image_url":{}}]}]}"#,
        ),
        (
            Op::ChatCompletions,
            r#"{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function"}]}"#,
        ),
        (
            Op::ChatCompletions,
            r#"{"messages":[{"role":"user","content":"  "}]}"#,
        ),
        (Op::ChatCompletions, r#"{"messages":[]}"#),
        (Op::ChatCompletions, r#"{"messages":7}"#),
        (
            Op::Messages,
            r#"{"messages":[{"role":"user","content":[{"type":"tool_result","content":"x"}]}]}"#,
        ),
        (
            Op::GenerateContent,
            r#"{"contents":[{"parts":[{"text":"x"}]}]}"#,
        ),
        (Op::Embeddings, r#"{"input":"x"}"#),
        (Op::Responses, r#"{"input":"x"}"#),
    ] {
        assert_eq!(meaning_of(operation, body), None, "{body}");
    }
    let long = format!(
        r#"{{"messages":[{{"role":"user","content":"{}"}}]}}"#,
        "x".repeat(9_000)
    );
    assert_eq!(meaning_of(Op::ChatCompletions, &long), None);
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z\"\\\\ ]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-c]{1,2}", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn body() -> impl Strategy<Value = Map<String, Value>> {
    let names = prop_oneof![
        Just("messages".to_owned()),
        Just("temperature".to_owned()),
        Just("seed".to_owned()),
        "[a-d]{1,3}",
    ];
    prop::collection::vec((names, value()), 0..6).prop_map(|members| members.into_iter().collect())
}

proptest! {
    /// Keys are equal exactly where the bodies are.
    #[test]
    fn bodies_that_differ_never_share(one in body(), other in body()) {
        let text = |body: &Map<String, Value>| Value::Object(body.clone()).to_string();
        let keys = [&one, &other].map(|body| key_of(Operation::ChatCompletions, &text(body)));
        prop_assert!(keys[0].is_some() && keys[1].is_some());
        prop_assert_eq!(one == other, keys[0] == keys[1]);
    }

    /// A changed member is another question, a label is not.
    #[test]
    fn one_change_is_enough(mut one in body(), with in value(), label in "[a-z]{0,9}") {
        let text = |body: &Map<String, Value>| Value::Object(body.clone()).to_string();
        let before = key_of(Operation::ChatCompletions, &text(&one));
        one.insert("user".to_owned(), json!(label));
        prop_assert_eq!(before, key_of(Operation::ChatCompletions, &text(&one)));
        let changed = one.insert("zz".to_owned(), with.clone()) != Some(with);
        prop_assert_eq!(changed, before != key_of(Operation::ChatCompletions, &text(&one)));
    }

    /// Whatever a tenant asks, no other one has the same key.
    #[test]
    fn tenants_never_share(body in body(), one in any::<u64>(), other in any::<u64>(), same in any::<bool>()) {
        prop_assume!(one != other);
        let text = Value::Object(body).to_string();
        let headers = HeaderMap::new();
        let question = ask(Operation::ChatCompletions, text.as_bytes(), &headers);
        let key = |n: u64| Tenant::Key(KeyId::from_parts(Timestamp::from_micros(1), n.into()));
        // A key and a team of one number are not one tenant either.
        let tenants = if same { [key(one), team(one.into())] } else { [team(one.into()), team(other.into())] };
        let [first, second] = tenants.map(|tenant| {
            let question = Question { tenant, ..question };
            question.read(&Settings::default()).unwrap().key
        });
        prop_assert_ne!(first, second);
    }
}
