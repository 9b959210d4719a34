//! Messages are known for what they are, and come out of the stream as they went in.

use proptest::prelude::*;

use super::*;

fn read(message: &str) -> Result<ResponsesMessage, MessageError> {
    responses_message(message.as_bytes())
}

#[test]
fn what_a_client_may_say_is_a_closed_list() {
    let create = r#"{"type":"response.create","model":"m","input":[]}"#;
    assert_eq!(read(create), Ok(ResponsesMessage::Create));
    let escaped = r#"{"model":"m","ty\u0070e":"response\u002ecreate"}"#;
    assert_eq!(read(escaped), Ok(ResponsesMessage::Create));
    let processed = r#"{"type":"response.processed","response_id":"resp_1"}"#;
    assert_eq!(read(processed), Ok(ResponsesMessage::Processed));
    let long = format!(
        r#"{{"type":"response.processed","x":"{}"}}"#,
        "a".repeat(5_000)
    );
    assert!(matches!(read(&long), Err(MessageError::Kind(_))));
    for other in [
        "response.steer",
        "response.append",
        "session.update",
        "response.create ",
    ] {
        let refused = read(&format!(r#"{{"type":"{other}"}}"#));
        assert_eq!(refused, Err(MessageError::Kind(other.to_owned())));
    }
}

#[test]
fn a_message_that_two_servers_would_read_differently_is_refused() {
    for message in [
        "{}",
        r#"{"type":1}"#,
        r#"{"type":null}"#,
        r#"{"type":"response.processed","type":"response.create"}"#,
        r#"{"type":"response.processed","Type":"response.create"}"#,
        r#"{"TYPE":"response.create"}"#,
    ] {
        assert_eq!(read(message), Err(MessageError::NoKind), "{message}");
    }
    for message in ["", "[]", "{", r#"{"type":"response.create"} x"#, "\"type\""] {
        assert!(
            matches!(read(message), Err(MessageError::Body(_))),
            "{message}"
        );
    }
    let nested = r#"{"type":"response.create","model":"a","response":{"model":"b"}}"#;
    assert_eq!(read(nested), Err(MessageError::Nested));
}

#[test]
fn a_servers_events_are_told_apart() {
    for (message, event) in [
        (
            r#"{"type":"response.created","response":{}}"#,
            ServerEvent::Part,
        ),
        (
            r#"{"sequence_number":1,"type":"response.completed"}"#,
            ServerEvent::Last,
        ),
        (r#"{"type":"response.incomplete"}"#, ServerEvent::Last),
        (r#"{"type":"response.failed"}"#, ServerEvent::Last),
        (
            r#"{"type":"codex.rate_limits","status":200}"#,
            ServerEvent::Other,
        ),
        (
            r#"{"type":"error","status":429,"error":{"status":1}}"#,
            ServerEvent::Error(Some(429)),
        ),
        (
            r#"{"status_code":503,"type":"error"}"#,
            ServerEvent::Error(Some(503)),
        ),
        (
            r#"{"type":"error","status":"429"}"#,
            ServerEvent::Error(None),
        ),
        (
            r#"{"type":"error","status":99999}"#,
            ServerEvent::Error(None),
        ),
        ("no JSON", ServerEvent::Part),
        ("{}", ServerEvent::Part),
    ] {
        assert_eq!(server_event(message.as_bytes()), event, "{message}");
    }
}

#[test]
fn events_that_others_put_in_come_out_too() {
    let mut unframed = Unframed::default();
    let found =
        unframed.push(b"event: error\ndata: {\"a\":1}\n\n: a note\n\ndata: x\ndata: y\n\nda");
    assert_eq!(
        found,
        [
            Bytes::from_static(b"{\"a\":1}"),
            Bytes::from_static(b"x\ny")
        ]
    );
    assert!(!unframed.is_empty());
    assert_eq!(unframed.push(b"ta:z\n\n"), [Bytes::from_static(b"z")]);
    assert!(unframed.is_empty());
}

#[test]
fn line_ends_between_values_are_no_line_ends_of_the_stream() {
    let message = Bytes::from_static(b"{\r\n \"a\": 1\n}");
    let whole = framed(message).concat();
    assert_eq!(whole, b"data: {   \"a\": 1 }\n\n");
}

proptest! {
    #[test]
    fn messages_come_out_as_they_went_in_however_they_are_cut(
        messages in prop::collection::vec("[^\r\n]{0,40}", 0..6),
        step in 1_usize..50,
    ) {
        let mut stream = Vec::new();
        for message in &messages {
            for piece in framed(Bytes::from(message.clone())) {
                stream.extend_from_slice(&piece);
            }
        }
        let mut unframed = Unframed::default();
        let mut found = Vec::new();
        for piece in stream.chunks(step) {
            found.extend(unframed.push(piece));
        }
        prop_assert!(unframed.is_empty());
        let found: Vec<_> = found.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
        prop_assert_eq!(found, messages);
    }
}
