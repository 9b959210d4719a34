//! Betas of Anthropic's API: features that a client switches on by name, beside the request. Messages has them in the
//! header `anthropic-beta`, Invoke in `anthropic_beta`, Converse in that of `additionalModelRequestFields`. Models of
//! others have none: what a beta switches on is then asked for in the body, and is understood or refused there.

use std::borrow::Cow;

use super::{
    Json, Refused, Translation,
    fields::{Fields, wrong},
};

/// More of them, or longer ones, nobody asks for.
const MOST: usize = 64;
const LONGEST: usize = 128;

/// Those that Converse takes. It refuses the whole call for one that it does not know
/// (<https://github.com/BerriAI/litellm/blob/main/litellm/anthropic_beta_headers_config.json>; AWS has no list).
const CONVERSE: &[&str] = &[
    "computer-use-2025-01-24",
    "computer-use-2025-11-24",
    "context-1m-2025-08-07",
    "effort-2025-11-24",
    "fine-grained-tool-streaming-2025-05-14",
    "structured-outputs-2025-11-13",
    "thinking-binding-controls-2026-08-01",
    "thinking-display-updates-2026-08-18",
];

/// What clouds call one, and what Anthropic calls it.
const TOOL_SEARCH: [&str; 2] = [
    "tool-search-tool-2025-10-19",
    "advanced-tool-use-2025-11-20",
];

/// Betas by their names, in the order asked for.
pub(super) type Betas<'a> = Vec<Cow<'a, str>>;

/// A call, as far as its body does not say.
#[derive(Debug, Clone, Copy, Default)]
pub struct About<'a> {
    /// What the gateway calls it.
    pub id: &'a str,
    /// The header `anthropic-beta` of a client of Messages; empty if there is none.
    pub betas: &'a str,
}

impl<'a> From<&'a str> for About<'a> {
    fn from(id: &'a str) -> Self {
        Self { id, betas: "" }
    }
}

impl Translation {
    /// What the provider is to be told in its header `anthropic-beta`, if anything.
    #[must_use]
    pub fn betas(&self) -> Option<&str> {
        self.betas.as_deref()
    }
}

fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=LONGEST).contains(&name.len()) && name.bytes().all(plain)
}

/// Reads the member of a body that names them.
///
/// # Errors
/// It is no list of names.
pub(super) fn read<'a>(fields: &mut Fields<'a>) -> Result<Betas<'a>, Refused> {
    let mut betas = Vec::new();
    for (path, value) in fields.list("anthropic_beta")? {
        match value {
            Json::String(name) if is_name(&name) && betas.len() < MOST => betas.push(name),
            other => return Err(wrong(&path, "the name of a beta", &other)),
        }
    }
    Ok(betas)
}

/// Reads a header that names them. What is no name is left out, as providers of Anthropic's take it for none.
pub(super) fn of_header(header: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let names = header.split(',').map(str::trim);
    names.filter(|name| is_name(name)).take(MOST).map(Cow::from)
}

/// As Converse takes them.
pub(super) fn of_converse<'r>(betas: &'r Betas<'_>) -> Option<Json<'r>> {
    let taken = betas.iter().filter(|name| CONVERSE.contains(&&***name));
    let taken: Vec<_> = taken
        .map(|name| Json::String(Cow::Borrowed(name)))
        .collect();
    (!taken.is_empty()).then_some(Json::Array(taken))
}

/// As the header of Messages.
pub(super) fn header(betas: &Betas<'_>) -> Option<String> {
    let [of_clouds, of_anthropic] = TOOL_SEARCH;
    let named = betas.iter().map(|name| match &**name {
        name if name == of_clouds => of_anthropic,
        name => name,
    });
    let mut header: Vec<&str> = Vec::new();
    for name in named {
        if !header.contains(&name) {
            header.push(name);
        }
    }
    (!header.is_empty()).then(|| header.join(","))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{
        Operation,
        translate::{About, Language, Refused, Translated, request},
    };

    const NAMES: (&str, &str) = ("p/m", "anthropic.claude-sonnet-4-5-20250929-v1:0");
    const ASKED: [&str; 3] = [
        "claude-code-20250219",
        "context-1m-2025-08-07",
        "tool-search-tool-2025-10-19",
    ];

    fn ask(
        client: Operation,
        upstream: Language,
        header: &str,
        body: &Value,
    ) -> Result<Translated, Refused> {
        let about = About {
            id: "req_1",
            betas: header,
        };
        request(client, upstream, NAMES, about, body.to_string().as_bytes())
    }

    fn invoke(betas: &Value) -> Value {
        json!({"anthropic_version": "bedrock-2023-05-31", "anthropic_beta": betas, "max_tokens": 64,
            "messages": [{"role": "user", "content": "Hi."}]})
    }

    fn converse(betas: &Value) -> Value {
        json!({"messages": [{"role": "user", "content": [{"text": "Hi."}]}],
            "additionalModelRequestFields": {"anthropic_beta": betas}})
    }

    fn messages() -> Value {
        json!({"model": "p/m", "max_tokens": 64, "messages": [{"role": "user", "content": "Hi."}]})
    }

    fn extra(done: &Translated) -> Value {
        let body: Value = serde_json::from_slice(&done.body).unwrap();
        body.get("additionalModelRequestFields")
            .cloned()
            .unwrap_or_default()
    }

    #[test]
    fn anthropics_api_is_told_of_them_in_its_header_by_its_names() {
        let betas = json!(ASKED);
        for (client, body) in [
            (Operation::InvokeModel, invoke(&betas)),
            (Operation::Converse, converse(&betas)),
        ] {
            let done = ask(client, Language::Messages, "", &body).unwrap();
            let header = "claude-code-20250219,context-1m-2025-08-07,advanced-tool-use-2025-11-20";
            assert_eq!(done.back.betas(), Some(header), "{client:?}");
            let none = ask(client, Language::Chat, "", &body).unwrap();
            assert_eq!(none.back.betas(), None);
        }
        let body = invoke(&json!([]));
        let done = ask(Operation::InvokeModel, Language::Messages, "", &body).unwrap();
        assert_eq!(done.back.betas(), None);
    }

    #[test]
    fn converse_is_told_of_those_that_it_takes() {
        let taken = json!({"anthropic_beta": ["context-1m-2025-08-07"]});
        let body = invoke(&json!(ASKED));
        let of_body = ask(Operation::InvokeModel, Language::Converse, "", &body).unwrap();
        let header = format!(" {},no name\u{7f}, ", ASKED.join(", "));
        let of_header = ask(
            Operation::Messages,
            Language::Converse,
            &header,
            &messages(),
        )
        .unwrap();
        for done in [of_body, of_header] {
            assert_eq!((extra(&done), done.back.betas()), (taken.clone(), None));
        }
        let none = ask(
            Operation::Messages,
            Language::Converse,
            "oauth-2025-04-20",
            &messages(),
        );
        assert_eq!(extra(&none.unwrap()), Value::Null);
        // Of models of others none is Anthropic's.
        let body = messages().to_string();
        let about = About {
            id: "req_1",
            betas: ASKED[1],
        };
        let nova = ("p/m", "amazon.nova-pro-v1:0");
        let done = request(
            Operation::Messages,
            Language::Converse,
            nova,
            about,
            body.as_bytes(),
        );
        assert_eq!(extra(&done.unwrap()), Value::Null);
    }

    #[test]
    fn what_is_no_name_is_refused_by_its_place() {
        let long = "a".repeat(129);
        for bad in ["", "a,b", "a\r\nx-api-key: b", "é", &long] {
            let betas = json!(["fine-1", bad]);
            let refused = ask(
                Operation::InvokeModel,
                Language::Messages,
                "",
                &invoke(&betas),
            )
            .unwrap_err();
            assert_eq!(refused.field, "anthropic_beta[1]");
            let refused = ask(
                Operation::Converse,
                Language::Messages,
                "",
                &converse(&betas),
            )
            .unwrap_err();
            assert_eq!(
                refused.field,
                "additionalModelRequestFields.anthropic_beta[1]"
            );
        }
        let many = json!(vec!["a"; 65]);
        let refused = ask(
            Operation::InvokeModel,
            Language::Messages,
            "",
            &invoke(&many),
        )
        .unwrap_err();
        assert_eq!(refused.field, "anthropic_beta[64]");
    }
}
