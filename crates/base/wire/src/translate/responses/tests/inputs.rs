//! The items of a conversation.

use super::{
    super::{
        Language, SealKind,
        talk::{Block, MediaKind, Source, Speaker},
    },
    read, refused, text_of,
};

fn blocks(items: &str) -> Vec<String> {
    let body = format!(r#"{{"model":"m","input":[{items}]}}"#);
    let request = read(&body);
    let mut found = Vec::new();
    for turn in &request.turns {
        for block in &turn.blocks {
            let who = match turn.speaker {
                Speaker::Assistant => "a",
                Speaker::System => "s",
                Speaker::User => "u",
            };
            found.push(format!("{who} {}", shown(block)));
        }
    }
    found
}

fn shown(block: &Block<'_>) -> String {
    match block {
        Block::Text { text, .. } => format!("text {text}"),
        Block::Refusal(text) => format!("refusal {text}"),
        Block::Media(media) => format!("{:?} {:?}", media.kind, media.source),
        Block::Reasoning(reasoning) => {
            let seal = reasoning.seal.as_ref();
            let seal = seal.map(|seal| (seal.owner, &*seal.data, seal.id.as_deref()));
            format!("thought {:?} {seal:?}", reasoning.parts)
        }
        Block::Call(call) => {
            let seal = call.seal.as_ref().map(|seal| (seal.owner, &*seal.data));
            let kind = if call.freeform { "freeform" } else { "call" };
            format!("{kind} {} {} {} {seal:?}", call.id, call.name, call.input)
        }
        Block::Result(outcome) => {
            let parts: Vec<String> = outcome.blocks.iter().map(shown).collect();
            format!(
                "result {} {:?} {}",
                outcome.id,
                outcome.name,
                parts.join(",")
            )
        }
    }
}

#[test]
fn a_conversation_with_tools_is_read() {
    let found = blocks(
        r#"{"role":"user","content":"Hi"},
        {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Hm."}],"content":null,"encrypted_content":"gAAA"},
        {"type":"message","role":"assistant","phase":"commentary","id":"msg_1","status":"completed",
         "content":[{"type":"output_text","text":"Well","annotations":[],"logprobs":[]},{"type":"refusal","refusal":"No"}]},
        {"type":"function_call","id":"fc_1","call_id":"c1","name":"read","namespace":"mcp__f__","arguments":"{\"a\":1}"},
        {"type":"custom_tool_call","call_id":"c2","name":"apply_patch","input":"*** Begin","status":"completed"},
        {"type":"function_call_output","call_id":"c1","output":"done"},
        {"type":"custom_tool_call_output","call_id":"c2","output":[{"type":"input_text","text":"ok"},
         {"type":"input_image","image_url":"data:image/png;base64,AAAA"}]},
        {"type":"message","role":"developer","content":"Be brief."},
        {"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"raw"}]}"#,
    );
    assert_eq!(
        found,
        [
            "u text Hi",
            "a thought [\"Hm.\"] Some((Responses, \"gAAA\", Some(\"rs_1\")))",
            "a text Well",
            "a refusal No",
            "a call c1 mcp__f__read {\"a\":1} None",
            "a freeform c2 apply_patch *** Begin None",
            "u result c1 Some(\"mcp__f__read\") text done",
            "u result c2 Some(\"apply_patch\") text ok,Image Base64 { media_type: \"image/png\", data: \"AAAA\" }",
            "s text Be brief.",
            "a thought [\"raw\"] None",
        ]
    );
}

#[test]
fn a_seal_of_geminis_goes_to_the_call_it_stands_before() {
    let seal = r#"{"type":"reasoning","summary":[],"encrypted_content":"tg1.gemini.s..SIG"}"#;
    let call = r#"{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}"#;
    assert_eq!(
        blocks(&format!("{seal},{call},{call}")),
        [
            "a call c f {} Some((Gemini, \"SIG\"))",
            "a call c f {} None"
        ]
    );
    let alone = "a thought [] Some((Gemini, \"SIG\", None))";
    assert_eq!(blocks(seal), [alone]);
    let text = r#"{"role":"assistant","content":"x"}"#;
    assert_eq!(
        blocks(&format!("{seal},{text},{call}")),
        [alone, "a text x", "a call c f {} None"]
    );
    // A hidden thought of another's is no call's.
    let hidden = r#"{"type":"reasoning","summary":[],"encrypted_content":"tg1.messages.c..R"}"#;
    assert_eq!(
        blocks(&format!("{hidden},{call}")),
        [
            "a thought [] Some((Messages, \"R\", None))",
            "a call c f {} None"
        ]
    );
}

#[test]
fn media_are_read() {
    let body = r#"{"model":"m","input":[{"role":"user","content":[
        {"type":"input_image","image_url":"https://a/b.png","detail":"high"},
        {"type":"input_image","file_id":"file-1","detail":"auto"},
        {"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,JVBE"},
        {"type":"input_file","filename":"a.txt","file_data":"aGk="},
        {"type":"input_file","file_url":"https://a/b.pdf"},
        {"type":"input_audio","input_audio":{"data":"UklG","format":"wav"}},
        {"type":"input_text","text":"x","prompt_cache_breakpoint":{"mode":"explicit"}}]}]}"#;
    let request = read(body);
    let media: Vec<_> = request.turns[0].blocks[..6]
        .iter()
        .map(|block| match block {
            Block::Media(media) => media,
            other => panic!("{other:?}"),
        })
        .collect();
    let kinds: Vec<_> = media.iter().map(|media| media.kind).collect();
    let (image, document) = (MediaKind::Image, MediaKind::Document);
    assert_eq!(
        kinds,
        [image, image, document, document, document, MediaKind::Audio]
    );
    assert_eq!(media[0].detail.as_deref(), Some("high"));
    assert!(matches!(&media[1].source, Source::File(id) if id == "file-1"));
    assert_eq!(media[2].name.as_deref(), Some("a.pdf"));
    for (at, wanted) in [
        (2, ("application/pdf", "JVBE")),
        (3, ("text/plain", "aGk=")),
        (5, ("audio/wav", "UklG")),
    ] {
        let Source::Base64 { media_type, data } = &media[at].source else {
            panic!("{at}");
        };
        assert_eq!((&**media_type, &**data), wanted);
    }
    assert_eq!(text_of(&request.turns[0].blocks[6]), "x");
}

#[test]
fn what_is_stored_elsewhere_is_refused() {
    for (item, field) in [
        (r#"{"type":"item_reference","id":"msg_1"}"#, "input[0].type"),
        (r#"{"id":"msg_1"}"#, "input[0].type"),
        (
            r#"{"type":"compaction","encrypted_content":"x"}"#,
            "input[0].type",
        ),
        (r#"{"type":"web_search_call","id":"ws_1"}"#, "input[0].type"),
        (r#"{"role":"tool","content":"x"}"#, "input[0].role"),
        (r#"{"role":"user","content":3}"#, "input[0].content"),
        (
            r#"{"role":"user","content":[{"type":"input_video","url":"x"}]}"#,
            "input[0].content[0].type",
        ),
        (
            r#"{"role":"user","content":[{"type":"input_image","image_url":"data:image/png,x"}]}"#,
            "input[0].content[0].image_url",
        ),
        (
            r#"{"role":"user","content":[{"type":"input_text","text":"a","bold":true}]}"#,
            "input[0].content[0].bold",
        ),
        (
            r#"{"type":"function_call","call_id":"c","name":"f","arguments":"","caller":{"type":"program","caller_id":"p"}}"#,
            "input[0].caller",
        ),
        (
            r#"{"type":"function_call_output","call_id":"c"}"#,
            "input[0].output",
        ),
        (
            r#"{"type":"reasoning","summary":[{"type":"image","text":""}]}"#,
            "input[0].summary[0].type",
        ),
    ] {
        let body = format!(r#"{{"model":"m","input":[{item}]}}"#);
        assert_eq!(refused(&body), field, "{item}");
    }
    assert_eq!(refused(r#"{"model":"m"}"#), "input");
    assert_eq!(refused(r#"{"input":""}"#), "model");
}

#[test]
fn seals_of_others_keep_their_kind() {
    let body = r#"{"model":"m","input":[{"type":"reasoning","id":"rs_x","summary":
        [{"type":"summary_text","text":"all of it"}],"encrypted_content":"tg1.messages.s..Sig=="}]}"#;
    let request = read(body);
    let Block::Reasoning(reasoning) = &request.turns[0].blocks[0] else {
        panic!();
    };
    let seal = reasoning.seal.as_ref().unwrap();
    assert_eq!(
        (seal.owner, seal.kind, seal.id.as_deref(), &*seal.data),
        (Language::Messages, SealKind::Signature, None, "Sig==")
    );
    assert_eq!(reasoning.parts, ["all of it"]);
}
