//! What a client asks for beside its conversation.

use serde_json::json;

use super::super::super::talk::{Effort, Format, Thinking, ToolChoice};
use super::*;

const HI: &str = r#""contents":[{"parts":[{"text":"hi"}]}]"#;

fn with(members: &str) -> String {
    format!("{{{HI},{members}}}")
}

#[test]
fn a_request_of_the_gemini_cli_is_read() {
    let body = r#"{
        "contents":[{"role":"user","parts":[{"text":"This is the Gemini CLI."}]},
                    {"role":"model","parts":[{"text":"Got it."}]},
                    {"role":"user","parts":[{"text":"list the files"}]}],
        "systemInstruction":{"role":"user","parts":[{"text":"You are an agent."}]},
        "tools":[{"functionDeclarations":[{"name":"list_directory","description":"Lists.",
            "parametersJsonSchema":{"type":"object","properties":{"dir_path":{"type":"string"}},"required":["dir_path"]}}]}],
        "toolConfig":{"functionCallingConfig":{"mode":"AUTO"}},
        "safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}],
        "labels":{"team":"a"},
        "generationConfig":{"temperature":1,"topP":0.95,"topK":64,
            "thinkingConfig":{"includeThoughts":true,"thinkingBudget":-1}}}"#;
    let request = read_request(Json::read(body.as_bytes()).unwrap(), true).unwrap();
    assert!(request.stream && request.stream_usage);
    assert!(
        matches!(request.instructions.as_slice(), [Block::Text { text, .. }] if text == "You are an agent.")
    );
    let speakers: Vec<_> = request.turns.iter().map(|turn| turn.speaker).collect();
    assert_eq!(speakers, [Speaker::User, Speaker::Assistant, Speaker::User]);
    assert_eq!(request.tools[0].name, "list_directory");
    assert_eq!(request.tool_choice, Some(ToolChoice::Auto));
    assert_eq!(request.sampling.top_k, None);
    assert_eq!(
        request.thinking,
        Some(Thinking {
            on: Some(true),
            effort: None,
            budget: None,
            shown: Some(true),
        })
    );
}

#[test]
fn a_request_read_and_written_says_the_same() {
    let body = json!({
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [
            {"role": "user", "parts": [{"text": "look"},
                {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}},
                {"fileData": {"fileUri": "gs://bucket/a.pdf"}}]},
            {"role": "model", "parts": [{"text": "I call."},
                {"functionCall": {"id": "c1", "name": "get_weather", "args": {"city_name": "Ulm", "n": [1, 2.5]}},
                 "thoughtSignature": "c2ln"}]},
            {"role": "user", "parts": [
                {"functionResponse": {"id": "c1", "name": "get_weather", "response": {"result": "9 °C"}}}]},
            {"role": "model", "parts": [{"text": "Nine."}]},
            {"role": "user", "parts": [{"text": "and now?"}]}],
        "tools": [{"functionDeclarations": [{"name": "get_weather", "description": "d",
            "parametersJsonSchema": {"type": "object", "properties": {"city": {"type": "string"}}}},
            {"name": "other"}]}],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["get_weather", "other"]}},
        "generationConfig": {"maxOutputTokens": 100, "topK": 20, "temperature": 0.5, "topP": 0.9,
            "presencePenalty": 0.1, "frequencyPenalty": 0.2, "seed": -7, "stopSequences": ["END"],
            "responseMimeType": "application/json", "responseJsonSchema": {"type": "object"},
            "thinkingConfig": {"thinkingBudget": 1024, "includeThoughts": true}},
    });
    let text = body.to_string();
    assert_eq!(written(&read(&text)), body);
}

#[test]
fn either_spelling_is_understood_and_not_both() {
    let snake = r#"{"system_instruction":{"parts":{"text":"s"}},
        "contents":{"role":"user","parts":{"inline_data":{"mime_type":"image/png","data":"AA=="}}},
        "tools":{"function_declarations":[{"name":"f","parameters_json_schema":{"some_name":1}}]},
        "tool_config":{"function_calling_config":{"mode":"ANY","allowed_function_names":["f"]}},
        "generation_config":{"max_output_tokens":"100","top_k":20.0,"stop_sequences":["x"],
            "thinking_config":{"thinking_level":"low"}}}"#;
    let request = read(snake);
    assert_eq!(request.sampling.max_output, Some(100));
    assert_eq!(request.sampling.top_k, Some(20));
    assert_eq!(request.tool_choice, Some(ToolChoice::Tool("f".into())));
    assert_eq!(
        request
            .thinking
            .as_ref()
            .and_then(|thinking| thinking.effort),
        Some(Effort::Low)
    );
    let again = written(&request);
    assert_eq!(
        again["contents"][0]["parts"][0]["inlineData"]["mimeType"],
        "image/png"
    );
    assert_eq!(
        again["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"],
        json!({"some_name": 1})
    );
    let both = with(r#""generationConfig":{"topK":1,"top_k":1}"#);
    let refused = refused(&both);
    assert_eq!(refused.field, "generationConfig.topK");
    assert_eq!(refused.why, "stands twice");
}

#[test]
fn what_changes_the_answer_is_refused_by_name() {
    for (members, field) in [
        (r#""cachedContent":"cachedContents/a""#, "cachedContent"),
        (r#""tools":[{"googleSearch":{}}]"#, "tools[0].googleSearch"),
        (r#""tools":[{"google_search":{}}]"#, "tools[0].googleSearch"),
        (
            r#""tools":[{"codeExecution":{}}]"#,
            "tools[0].codeExecution",
        ),
        (
            r#""tools":[{"functionDeclarations":[]},{"urlContext":{}}]"#,
            "tools[1].urlContext",
        ),
        (
            r#""tools":[{"functionDeclarations":[{"name":"f","behavior":"NON_BLOCKING"}]}]"#,
            "tools[0].functionDeclarations[0].behavior",
        ),
        (
            r#""toolConfig":{"retrievalConfig":{}}"#,
            "toolConfig.retrievalConfig",
        ),
        (
            r#""toolConfig":{"functionCallingConfig":{"mode":"MAYBE"}}"#,
            "toolConfig.functionCallingConfig.mode",
        ),
        (
            r#""toolConfig":{"functionCallingConfig":{"mode":"AUTO","allowedFunctionNames":["f"]}}"#,
            "toolConfig.functionCallingConfig.allowedFunctionNames",
        ),
    ] {
        assert_eq!(refused(&with(members)).field, field, "{members}");
    }
    assert_eq!(refused("{}").field, "contents");
    assert_eq!(refused("[]").why, "must be an object, and is an array");
}

#[test]
fn what_draws_another_answer_is_refused_by_name() {
    for (members, field) in [
        (
            r#""generationConfig":{"candidateCount":2}"#,
            "generationConfig.candidateCount",
        ),
        (
            r#""generationConfig":{"responseModalities":["TEXT","IMAGE"]}"#,
            "generationConfig.responseModalities",
        ),
        (
            r#""generationConfig":{"responseLogprobs":true}"#,
            "generationConfig.responseLogprobs",
        ),
        (
            r#""generationConfig":{"logprobs":3}"#,
            "generationConfig.logprobs",
        ),
        (
            r#""generationConfig":{"speechConfig":{}}"#,
            "generationConfig.speechConfig",
        ),
        (
            r#""generationConfig":{"responseMimeType":"text/x.enum"}"#,
            "generationConfig.responseMimeType",
        ),
        (
            r#""generationConfig":{"responseSchema":{"type":"STRING"}}"#,
            "generationConfig.responseSchema",
        ),
        (
            r#""generationConfig":{"maxOutputTokens":"many"}"#,
            "generationConfig.maxOutputTokens",
        ),
        (
            r#""generationConfig":{"topK":1.5}"#,
            "generationConfig.topK",
        ),
        (
            r#""generationConfig":{"thinkingConfig":{"thinkingBudget":-2}}"#,
            "generationConfig.thinkingConfig.thinkingBudget",
        ),
        (
            r#""generationConfig":{"thinkingConfig":{"thinkingLevel":"utmost"}}"#,
            "generationConfig.thinkingConfig.thinkingLevel",
        ),
        (r#""systemInstruction":"be brief""#, "systemInstruction"),
        (
            r#""systemInstruction":{"parts":[{"inlineData":{}}]}"#,
            "systemInstruction.parts[0].inlineData",
        ),
        (r#""somethingNew":1"#, "somethingNew"),
    ] {
        assert_eq!(refused(&with(members)).field, field, "{members}");
    }
}

#[test]
fn what_is_off_or_only_advises_is_left_out() {
    let body = with(
        r#""model":"models/gemini-2.5-pro","serviceTier":"flex","store":false,"cachedContent":null,
        "generationConfig":{"candidateCount":1,"responseModalities":["TEXT"],"responseLogprobs":false,
            "mediaResolution":"MEDIA_RESOLUTION_LOW","enableEnhancedCivicAnswers":true,
            "responseMimeType":"text/plain","thinkingConfig":{"thinkingLevel":"THINKING_LEVEL_UNSPECIFIED"}}"#,
    );
    assert_eq!(
        written(&read(&body)),
        json!({"contents": [{"role": "user", "parts": [{"text": "hi"}]}]})
    );
}

#[test]
fn openapi_schemas_become_json_schema() {
    let body = with(
        r#""tools":[{"functionDeclarations":[{"name":"f","response":{"type":"STRING"},"parameters":{
            "type":"OBJECT","required":["my_name"],"propertyOrdering":["b","my_name"],"min_properties":"1",
            "properties":{
                "my_name":{"type":"STRING","format":"enum","enum":["x","y"],"nullable":true,"example":"x"},
                "b":{"type":"ARRAY","maxItems":"3","items":{"type":"INTEGER","format":"int32","nullable":false}},
                "nullable":{"any_of":[{"type":"NUMBER"},{"type":"BOOLEAN"}],"nullable":true},
                "type":{"type":"string","default":null,"description":"TYPE"}}}}]}]"#,
    );
    let request = read(&body);
    let schema: Value =
        serde_json::from_str(&request.tools[0].schema.as_ref().unwrap().text()).unwrap();
    assert_eq!(
        schema,
        json!({
            "type": "object", "required": ["my_name"], "minProperties": 1,
            "properties": {
                "my_name": {"type": ["string", "null"], "enum": ["x", "y", null], "examples": ["x"]},
                "b": {"type": "array", "maxItems": 3, "items": {"type": "integer", "format": "int32"}},
                "nullable": {"anyOf": [{"type": "number"}, {"type": "boolean"}, {"type": "null"}]},
                "type": {"type": "string", "default": null, "description": "TYPE"},
            },
        })
    );
    let both = with(
        r#""tools":[{"functionDeclarations":[{"name":"f","parameters":{},"parametersJsonSchema":{}}]}]"#,
    );
    assert_eq!(
        refused(&both).field,
        "tools[0].functionDeclarations[0].parameters"
    );
    let wrong = with(
        r#""tools":[{"functionDeclarations":[{"name":"f","parameters":{"properties":{"a":1}}}]}]"#,
    );
    assert_eq!(
        refused(&wrong).field,
        "tools[0].functionDeclarations[0].parameters.properties.a"
    );
}

#[test]
fn formats_and_choices() {
    let config = |members: &str| with(&format!(r#""generationConfig":{{{members}}}"#));
    let body = config(r#""responseMimeType":"application/json""#);
    assert!(matches!(read(&body).format, Format::Json));
    let body =
        config(r#""responseMimeType":"application/json","responseSchema":{"type":"OBJECT"}"#);
    let request = read(&body);
    let Format::Schema { schema, strict, .. } = &request.format else {
        panic!("{:?}", request.format);
    };
    assert_eq!(
        (schema.text().as_str(), strict),
        (r#"{"type":"object"}"#, &None)
    );

    let choice = |config: &str| {
        let tools = r#""tools":[{"functionDeclarations":[{"name":"f"},{"name":"g"}]}]"#;
        let calling = format!(r#"{tools},"toolConfig":{{"functionCallingConfig":{{{config}}}}}"#);
        let body = with(&calling);
        let request = read(&body);
        let chosen = format!("{:?}", request.tool_choice);
        (chosen, request.tools.len())
    };
    for (config, chosen, tools) in [
        ("", "None", 2),
        (r#""mode":"MODE_UNSPECIFIED""#, "None", 2),
        (r#""mode":"NONE""#, "Some(None)", 2),
        (r#""mode":"ANY""#, "Some(Required)", 2),
        (
            r#""mode":"ANY","allowedFunctionNames":["f"]"#,
            r#"Some(Tool("f"))"#,
            2,
        ),
        (r#""mode":"VALIDATED""#, "Some(Auto)", 2),
        (
            r#""mode":"VALIDATED","allowedFunctionNames":["g"]"#,
            "Some(Auto)",
            1,
        ),
    ] {
        assert_eq!(choice(config), (chosen.to_owned(), tools), "{config}");
    }
}

#[test]
fn thinking_switched_off_and_bounded() {
    for (config, on, budget) in [
        (r#""thinkingBudget":0"#, Some(false), None),
        (r#""thinkingBudget":"512""#, Some(true), Some(512)),
        (r#""includeThoughts":false"#, None, None),
    ] {
        let body = with(&format!(
            r#""generationConfig":{{"thinkingConfig":{{{config}}}}}"#
        ));
        let thinking = read(&body).thinking.unwrap();
        assert_eq!((thinking.on, thinking.budget), (on, budget), "{config}");
    }
}
