//! Answers that say a value in an encoding or in disguise.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{guardrail, planted, post};

const REDACT: &str =
    r#"{"detect":{"kind":"rules","groups":["secrets","personal"]},"action":{"do":"redact"}}"#;

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn encoded_values_do_not_arrive_however_an_answer_is_cut() {
    let said = format!("the key is {} and the mail is ada@example.org", planted());
    let hidden = planted().replace('A', "\u{410}").replace('I', "\u{200b}I");
    for (text, labels) in [
        ("see ada%40example.org, 100% sure".to_owned(), 1),
        (format!("so: {}.", STANDARD.encode(&said)), 2),
        (format!("so: {} and", hex(&said)), 2),
        (format!("twice {}", STANDARD.encode(hex(&said))), 2),
        (format!("it – is {hidden}, well"), 1),
    ] {
        let whole = post(&[guardrail("r", REDACT)]).answer(&[&text]).unwrap();
        assert_eq!(whole.matches('[').count(), labels, "{text}: {whole}");
        for (at, _) in text.char_indices().skip(1) {
            let (one, other) = text.split_at(at);
            let cut = post(&[guardrail("r", REDACT)]).answer(&[one, other]);
            assert_eq!(cut.unwrap(), whole, "cut at {at}");
        }
    }
}
