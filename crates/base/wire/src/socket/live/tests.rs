//! Messages as `google-genai` writes them and as Google's servers do.

use super::*;

fn kind(message: &str) -> Option<ClientKind> {
    client_message(message.as_bytes())
        .ok()
        .map(|known| known.kind)
}

#[test]
fn a_client_says_one_known_thing_at_a_time() {
    use ClientKind as K;
    for (message, expected) in [
        (
            r#"{"setup":{"model":"models/gemini-live"}}"#,
            Some(K::Setup),
        ),
        (
            r#"{"client_content":{"turns":[],"turnComplete":true}}"#,
            Some(K::Content),
        ),
        (r#"{"clientContent":{"turns":[]}}"#, Some(K::Content)),
        (
            r#"{"realtime_input":{"audio":{"data":"AA==","mimeType":"audio/pcm"}}}"#,
            Some(K::Media),
        ),
        (r#"{"realtimeInput":{"activityEnd":{}}}"#, Some(K::Media)),
        (r#"{"realtimeInput":{"text":"hello"}}"#, Some(K::Text)),
        (
            r#"{"tool_response":{"functionResponses":[]}}"#,
            Some(K::ToolResponse),
        ),
        (r#"{"realtimeInput":{"words":"hello"}}"#, None),
        (r#"{"contextUpdate":{}}"#, None),
        (r#"{"Setup":{"model":"x"}}"#, None),
        (r#"{"clientContent":{},"toolResponse":{}}"#, None),
        (r#"{"setup":{"model":"a","model":"b"}}"#, None),
        (r#"{"setup":{"model":1}}"#, None),
        (r"{}", None),
        (r#""setup""#, None),
    ] {
        assert_eq!(kind(message), expected, "{message}");
    }
}

#[test]
fn the_model_of_a_setup_is_found_and_replaced_in_place() {
    let message = br#"{"setup":{"tools":[{"model":"x"}],"model":"models\/gemini-live","generationConfig":{}}}"#;
    let known = client_message(message).unwrap();
    let (model, at) = known.model.unwrap();
    assert_eq!(model, "gemini-live");
    assert_eq!(
        with_model(message, at, "gemini-2.5-live"),
        br#"{"setup":{"tools":[{"model":"x"}],"model":"models/gemini-2.5-live","generationConfig":{}}}"#[..]
    );
    let plain = client_message(br#"{"setup":{"model":"gemini-live"}}"#).unwrap();
    assert_eq!(plain.model.unwrap().0, "gemini-live");
}

#[test]
fn a_servers_message_is_a_part_of_an_answer_unless_it_is_known_to_be_none() {
    use EventKind as E;
    for (message, kind, usage) in [
        (r#"{"setupComplete":{}}"#, E::Session, false),
        (r#"{"goAway":{"timeLeft":"1s"}}"#, E::Session, false),
        (
            r#"{"serverContent":{"interrupted":true}}"#,
            E::Session,
            false,
        ),
        (
            r#"{"serverContent":{"modelTurn":{"parts":[{"text":"a"}]}}}"#,
            E::Content,
            false,
        ),
        (
            r#"{"serverContent":{"outputTranscription":{"text":"a"}}}"#,
            E::Content,
            false,
        ),
        (
            r#"{"serverContent":{"inputTranscription":{"text":"a"}}}"#,
            E::Heard,
            false,
        ),
        (
            r#"{"serverContent":{"whatComesNext":{"text":"a"}}}"#,
            E::Content,
            false,
        ),
        (
            r#"{"serverContent":{"turnComplete":true},"usageMetadata":{}}"#,
            E::TurnComplete,
            true,
        ),
        (
            r#"{"serverContent":{"turnComplete":false}}"#,
            E::Session,
            false,
        ),
        (
            r#"{"toolCall":{"functionCalls":[]},"usageMetadata":{"totalTokenCount":1}}"#,
            E::ToolCall,
            true,
        ),
        (
            r#"{"goAway":{},"serverContent":{"modelTurn":{}}}"#,
            E::Content,
            false,
        ),
        (r#"{"usageMetadata":{"totalTokenCount":1}}"#, E::Usage, true),
        (r#"{"whatComesNext":{}}"#, E::Other, false),
        (r"{}", E::Other, false),
        ("hello", E::Other, false),
    ] {
        let read = server_message(message.as_bytes());
        assert_eq!((read.kind, read.usage), (kind, usage), "{message}");
    }
}
