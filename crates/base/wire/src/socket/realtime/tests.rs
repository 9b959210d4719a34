//! Messages and events of the Realtime API are known for what they are.

use super::*;

fn read(message: &str) -> Result<ClientMessage, MessageError> {
    client_message(message.as_bytes())
}

fn kind(message: &str) -> Result<ClientKind, MessageError> {
    read(message).map(|read| read.kind)
}

#[test]
fn what_a_client_may_say_is_a_closed_list() {
    for (name, known) in [
        ("response.create", ClientKind::Create),
        ("session.update", ClientKind::Session),
        ("conversation.item.create", ClientKind::Item),
        ("input_audio_buffer.append", ClientKind::Audio),
        ("input_audio_buffer.commit", ClientKind::Audio),
        ("input_audio_buffer.clear", ClientKind::Control),
        ("output_audio_buffer.clear", ClientKind::Control),
        ("response.cancel", ClientKind::Control),
        ("conversation.item.delete", ClientKind::Control),
        ("conversation.item.retrieve", ClientKind::Control),
        ("conversation.item.truncate", ClientKind::Control),
    ] {
        assert_eq!(kind(&format!(r#"{{"type":"{name}"}}"#)), Ok(known));
    }
    for other in [
        "transcription_session.update",
        "session.close",
        "response.create ",
        "Response.create",
    ] {
        let refused = Err(MessageError::Kind(other.to_owned()));
        assert_eq!(kind(&format!(r#"{{"type":"{other}"}}"#)), refused);
    }
    let long = format!(
        r#"{{"type":"response.cancel","x":"{}"}}"#,
        "a".repeat(5_000)
    );
    assert!(matches!(kind(&long), Err(MessageError::Kind(_))));
}

#[test]
fn a_message_that_two_servers_would_read_differently_is_refused() {
    for message in [
        "{}",
        r#"{"type":null}"#,
        r#"{"type":"response.cancel","type":"response.create"}"#,
        r#"{"type":"response.cancel","Type":"response.create"}"#,
    ] {
        assert_eq!(kind(message), Err(MessageError::NoKind), "{message}");
    }
    for message in [
        r#"{"type":"session.update","session":{},"session":{"model":"m"}}"#,
        r#"{"type":"session.update","session":{"model":"a","model":"b"}}"#,
        r#"{"type":"session.update","session":{"Model":"b"}}"#,
        r#"{"type":"session.update","Session":{"model":"b"}}"#,
    ] {
        let refused = kind(message);
        assert!(
            matches!(refused, Err(MessageError::NotServed(_))),
            "{message}"
        );
    }
    assert!(matches!(kind("[]"), Err(MessageError::Body(_))));
}

#[test]
fn the_model_of_a_session_is_read_wherever_the_type_stands() {
    let update = r#"{"session":{"type":"realtime","mod\u0065l":"m"},"type":"session.update"}"#;
    assert_eq!(read(update).unwrap().model.as_deref(), Some("m"));
    let item = r#"{"type":"conversation.item.create","item":{"model":"m"}}"#;
    assert_eq!(read(item).unwrap().model, None);
}

#[test]
fn a_second_model_that_transcribes_is_not_served() {
    for session in [
        r#"{"type":"transcription"}"#,
        r#"{"audio":{"input":{"transcription":{"model":"whisper-1"}}}}"#,
        r#"{"input_audio_transcription":{"model":"whisper-1"}}"#,
    ] {
        let refused = kind(&format!(
            r#"{{"type":"session.update","session":{session}}}"#
        ));
        assert!(
            matches!(refused, Err(MessageError::NotServed(_))),
            "{session}"
        );
    }
    for session in [
        r#"{"type":"realtime","audio":{"input":{"transcription":null,"turn_detection":{"type":"server_vad"}}}}"#,
        r#"{"input_audio_transcription":null,"audio":null}"#,
        r#"{"type":"realtime","tools":[{"type":"function","name":"f"}]}"#,
    ] {
        let passed = kind(&format!(
            r#"{{"type":"session.update","session":{session}}}"#
        ));
        assert_eq!(passed, Ok(ClientKind::Session), "{session}");
    }
}

#[test]
fn a_servers_events_are_told_apart_with_their_responses() {
    for (message, kind, response) in [
        (
            r#"{"type":"response.created","response":{"object":"x","id":"r"}}"#,
            EventKind::Created,
            Some("r"),
        ),
        (
            r#"{"response":{"id":"r"},"type":"response.done"}"#,
            EventKind::Done,
            Some("r"),
        ),
        (
            r#"{"type":"response.output_audio.delta","response_id":"r"}"#,
            EventKind::Part,
            Some("r"),
        ),
        (
            r#"{"type":"response.audio_transcript.delta","response_id":"r"}"#,
            EventKind::Part,
            Some("r"),
        ),
        (
            r#"{"type":"conversation.item.retrieved","item":{}}"#,
            EventKind::Item,
            None,
        ),
        (
            r#"{"type":"conversation.item.deleted"}"#,
            EventKind::Session,
            None,
        ),
        (
            r#"{"type":"session.created","session":{"id":"s"}}"#,
            EventKind::Session,
            None,
        ),
        (r#"{"type":"error","error":{}}"#, EventKind::Error, None),
        (r#"{"type":"rate_limits.updated"}"#, EventKind::Other, None),
        (
            r#"{"type":"session.created","type":"response.done"}"#,
            EventKind::Other,
            None,
        ),
        ("no JSON", EventKind::Other, None),
    ] {
        let event = server_event(message.as_bytes());
        assert_eq!(
            (event.kind, event.response.as_deref()),
            (kind, response),
            "{message}"
        );
    }
}
