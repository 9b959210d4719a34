//! The conversation of a client.

use super::super::super::talk::{Call, MediaKind, Outcome, Source};
use super::*;

fn contents(list: &str) -> String {
    format!(r#"{{"contents":{list}}}"#)
}

fn calls_and_results<'r, 'a>(
    request: &'r Request<'a>,
) -> (Vec<&'r Call<'a>>, Vec<&'r Outcome<'a>>) {
    let all = request.turns.iter().flat_map(|turn| &turn.blocks);
    let mut found = (Vec::new(), Vec::new());
    for block in all {
        match block {
            Block::Call(call) => found.0.push(call),
            Block::Result(outcome) => found.1.push(outcome),
            _ => {}
        }
    }
    found
}

#[test]
fn results_without_ids_find_their_calls() {
    let body = contents(
        r#"[{"parts":[{"text":"go"}]},
        {"role":"model","parts":[{"functionCall":{"name":"a.b","args":{"n":1}}},
            {"functionCall":{"name":"c"}},{"functionCall":{"name":"a.b","args":{"n":2}}}]},
        {"role":"function","parts":[{"functionResponse":{"name":"a.b","response":{"output":"1"}}},
            {"functionResponse":{"name":"a.b","response":{"error":"no"}}},
            {"functionResponse":{"name":"c","response":{"x":1,"y":"z"}}}]},
        {"role":"model","parts":[{"functionCall":{"name":"c"}}]},
        {"role":"user","parts":[{"functionResponse":{"name":"c","response":{}}}]}]"#,
    );
    let request = read(&body);
    let (calls, results) = calls_and_results(&request);
    let ids: Vec<_> = calls.iter().map(|call| &*call.id).collect();
    assert_eq!(ids, ["call_1_a_b", "call_2_c", "call_3_a_b", "call_4_c"]);
    assert_eq!(calls[0].input, r#"{"n":1}"#);
    assert_eq!(calls[1].input, "{}");
    let said: Vec<_> = results
        .iter()
        .map(|result| {
            let text = match result.blocks.as_slice() {
                [Block::Text { text, .. }] => &**text,
                _ => "",
            };
            (&*result.id, result.name.as_deref(), text, result.failed)
        })
        .collect();
    assert_eq!(
        said,
        [
            ("call_1_a_b", Some("a.b"), "1", false),
            ("call_3_a_b", Some("a.b"), "no", true),
            ("call_2_c", Some("c"), r#"{"x":1,"y":"z"}"#, false),
            ("call_4_c", Some("c"), "", false),
        ]
    );
}

#[test]
fn ids_that_are_there_hold() {
    let body = contents(
        r#"[{"role":"model","parts":[{"functionCall":{"id":"x","name":"f"}},
            {"functionCall":{"id":"y","name":"f"}},{"functionCall":{"name":"f"}}]},
        {"parts":[{"functionResponse":{"id":"y","name":"f","response":{"result":"b"}}},
            {"functionResponse":{"name":"f","response":{"result":"a"}}},
            {"functionResponse":{"id":"made-up","name":"f","response":{"result":{"c":[]}}}}]},
        {"parts":[{"functionResponse":{"id":"stray","name":"f","response":{}}}]}]"#,
    );
    let request = read(&body);
    let (calls, results) = calls_and_results(&request);
    let ids: Vec<_> = calls.iter().map(|call| &*call.id).collect();
    assert_eq!(ids, ["x", "y", "call_3_f"]);
    let ids: Vec<_> = results.iter().map(|result| &*result.id).collect();
    assert_eq!(ids, ["y", "x", "call_3_f", "stray"]);
    assert!(
        matches!(results[2].blocks.as_slice(), [Block::Text { text, .. }] if text == r#"{"c":[]}"#)
    );

    let stray = contents(r#"[{"parts":[{"functionResponse":{"name":"f","response":{}}}]}]"#);
    assert_eq!(
        refused(&stray).field,
        "contents[0].parts[0].functionResponse"
    );
}

#[test]
fn media_are_of_their_kinds() {
    let body = contents(
        r#"[{"parts":[
            {"inlineData":{"mimeType":"image/webp","data":"-_8"},"mediaResolution":{"level":"MEDIA_RESOLUTION_HIGH"}},
            {"inlineData":{"mimeType":"audio/wav","data":"AAAA"}},
            {"inlineData":{"mimeType":"application/pdf","data":"AAAA","displayName":"a.pdf"}},
            {"inlineData":{"mimeType":"text/csv","data":"YSxiCg=="}},
            {"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/a","mimeType":"video/mp4"}},
            {"fileData":{"fileUri":"https://youtu.be/a"}},
            {"fileData":{"fileUri":"https://example.com/a.png","mimeType":"image/png"}}]}]"#,
    );
    let request = read(&body);
    let media: Vec<_> = request.turns[0]
        .blocks
        .iter()
        .map(|block| match block {
            Block::Media(media) => media,
            other => panic!("{other:?}"),
        })
        .collect();
    let kinds: Vec<_> = media.iter().map(|media| media.kind).collect();
    assert_eq!(
        kinds,
        [
            MediaKind::Image,
            MediaKind::Audio,
            MediaKind::Document,
            MediaKind::Document,
            MediaKind::Video,
            MediaKind::Video,
            MediaKind::Image,
        ]
    );
    assert!(matches!(&media[0].source, Source::Base64 { data, .. } if data == "+/8="));
    assert_eq!(media[2].name.as_deref(), Some("a.pdf"));
    assert!(matches!(&media[3].source, Source::Text(text) if text == "a,b\n"));
    assert!(matches!(&media[4].source, Source::File(_)));
    assert!(matches!(&media[5].source, Source::Url(_)));
    assert!(matches!(&media[6].source, Source::Url(_)));
    assert_eq!(unwritten(&request), Feature::ImageUrl);
}

#[test]
fn results_bring_media() {
    let body = contents(
        r#"[{"role":"model","parts":[{"functionCall":{"name":"shot"}}]},
        {"parts":[{"functionResponse":{"name":"shot","response":{"output":"seen"},
            "parts":[{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]}}]}]"#,
    );
    let request = read(&body);
    let (_, results) = calls_and_results(&request);
    assert!(matches!(
        results[0].blocks.as_slice(),
        [Block::Text { .. }, Block::Media(_)]
    ));
    let again = written(&request);
    assert_eq!(
        again["contents"][1]["parts"][1],
        serde_json::json!({"inlineData": {"mimeType": "image/png", "data": "AAAA"}})
    );
}

#[test]
fn odd_parts_are_refused_by_their_place() {
    for (part, field) in [
        (
            r#"{"executableCode":{}}"#,
            "contents[0].parts[0].executableCode",
        ),
        (
            r#"{"text":"a","videoMetadata":{}}"#,
            "contents[0].parts[0].videoMetadata",
        ),
        (r#"{}"#, "contents[0].parts[0]"),
        (
            r#"{"text":"a","inlineData":{"mimeType":"image/png","data":""}}"#,
            "contents[0].parts[0]",
        ),
        (r#"{"text":7}"#, "contents[0].parts[0].text"),
        (r#""text""#, "contents[0].parts[0]"),
        (
            r#"{"fileData":{"fileUri":"https://example.com/a"}}"#,
            "contents[0].parts[0].fileData.mimeType",
        ),
        (
            r#"{"functionCall":{"name":"f"}}"#,
            "contents[0].parts[0].functionCall",
        ),
    ] {
        let body = contents(&format!(r#"[{{"role":"user","parts":[{part}]}}]"#));
        assert_eq!(refused(&body).field, field, "{part}");
    }
    let model = r#"[{"role":"model","parts":[{"functionCall":{"name":"f","args":[]}}]}]"#;
    assert_eq!(
        refused(&contents(model)).field,
        "contents[0].parts[0].functionCall.args"
    );
    let role = r#"[{"role":"system","parts":[{"text":"a"}]}]"#;
    assert_eq!(refused(&contents(role)).field, "contents[0].role");
}

#[test]
fn chunks_that_an_sdk_kept_are_one_turn() {
    let body = contents(
        r#"[{"parts":[{"text":"hi"},{"text":""}]},
        {"role":"model","parts":[{"text":"think","thought":true}]},
        {"role":"model","parts":[{"text":"ing","thought":true}]},
        {"role":"model","parts":[{"text":"Hel"}]},
        {"role":"model","parts":[{"text":"lo"}]},
        {"role":"model","parts":[{"text":""}]},
        {"parts":[{"text":"and?"}]}]"#,
    );
    let request = read(&body);
    assert_eq!(request.turns.len(), 3);
    assert_eq!(request.turns[0].blocks.len(), 1);
    let [Block::Reasoning(reasoning), Block::Text { text, .. }] =
        request.turns[1].blocks.as_slice()
    else {
        panic!("{:?}", request.turns[1]);
    };
    assert_eq!(reasoning.parts, ["thinking"]);
    assert_eq!(text, "Hello");
}
