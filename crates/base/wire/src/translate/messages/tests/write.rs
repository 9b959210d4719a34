//! Requests of others in this language.

use serde_json::{Value, json};

use super::{text, tool, write, write_request};
use crate::translate::{
    Feature, Inexpressible, Json, Language, Request, Seal, SealKind,
    samples::media,
    talk::{
        Block, Call, Format, Freeform, MediaKind, Outcome, Reasoning, Source, Speaker, ToolChoice,
        Turn,
    },
};

pub(super) fn turn(speaker: Speaker, blocks: Vec<Block<'static>>) -> Turn<'static> {
    Turn { speaker, blocks }
}

pub(super) fn user(said: &'static str) -> Turn<'static> {
    turn(Speaker::User, vec![text(said)])
}

pub(super) fn call(id: &'static str, name: &'static str, input: &'static str) -> Block<'static> {
    Block::Call(Call {
        id: id.into(),
        name: name.into(),
        input: input.into(),
        freeform: name == "patch",
        seal: None,
    })
}

pub(super) fn result(id: &'static str, said: &'static str) -> Block<'static> {
    Block::Result(Outcome {
        id: id.into(),
        name: None,
        blocks: vec![text(said)],
        failed: false,
        cache: None,
    })
}

pub(super) fn thought(owner: Language, kind: SealKind) -> Block<'static> {
    Block::Reasoning(Reasoning {
        parts: vec!["Hm.".into()],
        seal: Some(Seal {
            owner,
            kind,
            id: None,
            data: "c2ln".into(),
        }),
    })
}

pub(super) fn request(turns: Vec<Turn<'static>>) -> Request<'static> {
    Request {
        model: "claude".to_owned(),
        turns,
        ..Request::default()
    }
}

fn refused(request: &Request<'_>) -> Feature {
    let Inexpressible(feature) = write_request(request).unwrap_err();
    feature
}

#[test]
fn a_conversation_with_tools_is_written() {
    let mut asked = request(vec![
        turn(Speaker::System, vec![text("More.")]),
        user("fix it"),
        turn(
            Speaker::Assistant,
            vec![thought(Language::Responses, SealKind::Content)],
        ),
        turn(
            Speaker::Assistant,
            vec![text(" \n"), call("a.1", "read", "{\"p\":1}")],
        ),
        turn(Speaker::Assistant, vec![call("a_2", "patch", "*** x")]),
        user("and soon"),
        turn(Speaker::User, vec![result("a.1", "one")]),
        turn(Speaker::User, vec![result("a_2", "")]),
    ]);
    asked.instructions = vec![text("Be brief."), text("")];
    asked.tools = vec![
        tool("read", None),
        tool(
            "patch",
            Some(Freeform {
                grammar: Some("start: x".into()),
            }),
        ),
    ];
    asked.parallel_tools = Some(false);
    asked.user = Some("u".into());
    asked.stream = true;
    let explained = "The string `input` is all of the tool's input, as plain text. It has to keep to this \
                     grammar:\nstart: x";
    let wanted = json!({
        "model": "claude", "max_tokens": 8192, "stream": true, "metadata": {"user_id": "u"},
        "system": [{"type": "text", "text": "Be brief."}, {"type": "text", "text": "More."}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "fix it"}]},
            {"role": "assistant", "content": [
                {"type": "tool_use", "id": "tgx_a_2e1", "name": "read", "input": {"p": 1}},
                {"type": "tool_use", "id": "a_2", "name": "patch", "input": {"input": "*** x"}},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "tgx_a_2e1", "content": [{"type": "text", "text": "one"}]},
                {"type": "tool_result", "tool_use_id": "a_2"},
                {"type": "text", "text": "and soon"},
            ]},
        ],
        "tools": [
            {"name": "read", "input_schema": {"type": "object", "properties": {}}},
            {"name": "patch", "description": explained, "input_schema": {
                "type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"],
                "additionalProperties": false}},
        ],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": true},
    });
    assert_eq!(write(&asked), wanted);
}

#[test]
fn a_conversation_begins_with_the_user() {
    let first = |turns| write(&request(turns))["messages"].clone();
    let greeted = first(vec![
        turn(Speaker::Assistant, vec![text("Hi!")]),
        user("Hi."),
    ]);
    let roles: Vec<_> = greeted
        .as_array()
        .unwrap()
        .iter()
        .map(|turn| &turn["role"])
        .collect();
    assert_eq!(roles, ["user", "assistant", "user"]);
    let mut asked = request(Vec::new());
    asked.instructions = vec![text("Say hello.")];
    let body = write(&asked);
    assert_eq!(body["messages"][0]["content"][0]["text"], "Say hello.");
    assert_eq!(body.get("system"), None);
    // The answer's beginning may be given.
    let prefilled = first(vec![
        user("JSON"),
        turn(Speaker::Assistant, vec![text("{")]),
    ]);
    assert_eq!(
        prefilled[1],
        json!({"role": "assistant", "content": [{"type": "text", "text": "{"}]})
    );
}

#[test]
fn thoughts_of_its_own_are_written_back() {
    let blocks = vec![
        thought(Language::Messages, SealKind::Signature),
        thought(Language::Messages, SealKind::Content),
        thought(Language::Gemini, SealKind::Signature),
        Block::Reasoning(Reasoning {
            parts: vec!["x".into()],
            seal: None,
        }),
        Block::Refusal("No.".into()),
    ];
    let body = write(&request(vec![
        user("a"),
        turn(Speaker::Assistant, blocks),
        user("b"),
    ]));
    let wanted = json!([
        {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "c2ln"},
        {"type": "text", "text": "No."},
    ]);
    assert_eq!(body["messages"][1]["content"], wanted);
}

#[test]
fn choices_of_tools_are_written() {
    let choose = |choice: ToolChoice<'static>, parallel| {
        let mut asked = request(vec![user("a")]);
        asked.tools = vec![tool("read", None), tool("patch", None)];
        asked.tool_choice = Some(choice);
        asked.parallel_tools = parallel;
        write_request(&asked)
            .map(|body| serde_json::from_slice::<Value>(&body).unwrap()["tool_choice"].clone())
    };
    let any_of = |names: &[&'static str]| {
        ToolChoice::AnyOf(names.iter().map(|name| (*name).into()).collect())
    };
    let one = json!({"type": "tool", "name": "read"});
    assert_eq!(
        choose(ToolChoice::Auto, Some(true)),
        Ok(json!({"type": "auto"}))
    );
    assert_eq!(
        choose(ToolChoice::None, Some(false)),
        Ok(json!({"type": "none"}))
    );
    assert_eq!(
        choose(ToolChoice::Required, Some(false)),
        Ok(json!({"type": "any", "disable_parallel_tool_use": true}))
    );
    assert_eq!(
        choose(ToolChoice::Tool("read".into()), None),
        Ok(one.clone())
    );
    assert_eq!(choose(any_of(&["read"]), None), Ok(one));
    assert_eq!(
        choose(any_of(&["patch", "read"]), None),
        Ok(json!({"type": "any"}))
    );
    assert_eq!(
        choose(any_of(&["patch", "other"]), None),
        Err(Inexpressible(Feature::ToolChoice))
    );
    let mut none = request(vec![user("a")]);
    none.tool_choice = Some(ToolChoice::Auto);
    assert_eq!(write(&none).get("tool_choice"), None);
    none.tool_choice = Some(ToolChoice::Required);
    assert_eq!(refused(&none), Feature::ToolChoice);
}

#[test]
fn media_and_formats_are_written() {
    let base64 = |media_type: &'static str| Source::Base64 {
        media_type: media_type.into(),
        data: "aQ==".into(),
    };
    let blocks = vec![
        media(MediaKind::Image, base64("image/jpg")),
        media(MediaKind::Image, Source::Url("https://a/b".into())),
        media(MediaKind::Document, base64("application/pdf")),
        media(MediaKind::Document, Source::Text("plain".into())),
    ];
    let mut asked = request(vec![turn(Speaker::User, blocks)]);
    asked.format = Format::Schema {
        name: Some("n".into()),
        description: None,
        schema: Json::read(br#"{"type":"object"}"#).unwrap(),
        strict: None,
    };
    let body = write(&asked);
    let wanted = json!([
        {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "aQ=="}},
        {"type": "image", "source": {"type": "url", "url": "https://a/b"}},
        {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "aQ=="}},
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "plain"}},
    ]);
    assert_eq!(body["messages"][0]["content"], wanted);
    let format = json!({"format": {"type": "json_schema", "schema": {"type": "object"}}});
    assert_eq!(body["output_config"], format);
    let of = |kind, source| {
        refused(&request(vec![turn(
            Speaker::User,
            vec![media(kind, source)],
        )]))
    };
    assert_eq!(
        of(MediaKind::Image, base64("image/tiff")),
        Feature::MediaType
    );
    assert_eq!(
        of(MediaKind::Image, Source::Url("gs://a".into())),
        Feature::ImageUrl
    );
    assert_eq!(
        of(MediaKind::Image, Source::File("f".into())),
        Feature::File
    );
    assert_eq!(
        of(MediaKind::Document, base64("text/csv")),
        Feature::MediaType
    );
    assert_eq!(
        of(MediaKind::Document, Source::Url("a".into())),
        Feature::DocumentUrl
    );
    assert_eq!(of(MediaKind::Audio, base64("audio/wav")), Feature::Audio);
    assert_eq!(of(MediaKind::Video, base64("video/mp4")), Feature::Video);
}

#[test]
fn what_cannot_be_said_is_refused() {
    let of = |change: fn(&mut Request<'static>)| {
        let mut asked = request(vec![user("a")]);
        change(&mut asked);
        refused(&asked)
    };
    assert_eq!(of(|asked| asked.format = Format::Json), Feature::JsonObject);
    assert_eq!(
        of(|asked| asked.sampling.seed = Some(1.into())),
        Feature::Seed
    );
    assert_eq!(
        of(|asked| asked.sampling.frequency_penalty = Some(1.into())),
        Feature::FrequencyPenalty
    );
    assert_eq!(
        of(|asked| asked.sampling.presence_penalty = Some(1.into())),
        Feature::PresencePenalty
    );
    assert_eq!(
        of(|asked| asked.sampling.stop = vec!["\n".into()]),
        Feature::Stop
    );
    assert_eq!(
        of(|asked| asked.tools = vec![tool("a.b", None)]),
        Feature::ToolName
    );
    assert_eq!(
        of(|asked| {
            asked.turns.push(turn(Speaker::Assistant, vec![text("b")]));
            asked.turns.push(turn(Speaker::System, vec![text("c")]));
        }),
        Feature::SystemInConversation
    );
}

#[test]
fn a_failed_result_is_text_only() {
    let image = media(MediaKind::Image, Source::Url("https://a/b".into()));
    let outcome = Block::Result(Outcome {
        id: "1".into(),
        name: None,
        blocks: vec![image, text("no")],
        failed: true,
        cache: None,
    });
    let silent = Block::Result(Outcome {
        id: "2".into(),
        name: None,
        blocks: Vec::new(),
        failed: true,
        cache: None,
    });
    let calls = vec![call("1", "read", ""), call("2", "read", "")];
    let body = write(&request(vec![
        user("a"),
        turn(Speaker::Assistant, calls),
        turn(Speaker::User, vec![outcome, silent]),
    ]));
    let wanted = json!([
        {"type": "tool_result", "tool_use_id": "1", "content": [{"type": "text", "text": "no"}], "is_error": true},
        {"type": "tool_result", "tool_use_id": "2", "content": [{"type": "text", "text": "The tool failed."}],
         "is_error": true},
        {"type": "image", "source": {"type": "url", "url": "https://a/b"}},
    ]);
    assert_eq!(body["messages"][2]["content"], wanted);
}
