//! The rows of the table: how many connections, which prompt, how it is sent.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

/// How requests follow each other, and what kind of answer they ask for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Shape {
    /// Each connection sends its next request when the last is answered.
    Closed,
    /// Requests are due at a fixed rate (per second, over all connections), and latency
    /// counts from when they were due.
    Open(u32),
    /// Closed, streamed, events as fast as they come.
    Burst,
    /// Closed, streamed, 5 ms between events.
    Paced,
}

/// One row.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) connections: usize,
    /// Length of the request's body in bytes.
    pub(super) body: usize,
    pub(super) text: Text,
    /// The caller has the call traced: the gateway makes and exports a span of it. Of the other rows it does not.
    pub(super) traced: bool,
    /// Generator, stand-in and target share one processor: none waits for another to wake, which takes longer than
    /// what is measured, and more in one minute than in the next.
    pub(super) alone: bool,
}

/// What the prompt says.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Text {
    /// The same sentence again and again, in every request.
    Sentence,
    /// What agents send: words, code, logs and numbers, the same in every request.
    Mixed,
    /// The same words in another order in each request: nothing that was found in it before can be known, and no
    /// processor can foretell it.
    Fresh,
}

const fn row(name: &'static str, shape: Shape, connections: usize, body: usize) -> Row {
    Row {
        name,
        shape,
        connections,
        body,
        text: Text::Sentence,
        traced: false,
        alone: false,
    }
}

/// What a span costs is the difference to the row of the same name without it.
const fn traced(name: &'static str, shape: Shape, connections: usize, body: usize) -> Row {
    Row {
        traced: true,
        ..row(name, shape, connections, body)
    }
}

/// What guardrails cost has to be seen by.
const fn guarded(name: &'static str, body: usize, text: Text) -> Row {
    Row {
        text,
        ..row(name, Shape::Closed, 1, body)
    }
}

const fn alone(row: Row) -> Row {
    Row { alone: true, ..row }
}

/// Without a finding, and with much that looks like one at first.
const MIXED: &str = "Please look at the failing build of 2026-11-24 and say what to change. fn parse(input: &str) -> \
    Result<Vec<u32>, ParseError> { input.split(',').map(|part| part.trim().parse().map_err(ParseError::from)).collect() } \
    2026-11-24T09:14:07.201Z WARN api::retry request_id=7f3c9a10-5b8e-4c1d-9a42-0d6be1f0c3aa attempt=2 status=503 took=1204ms \
    commit 9fceb02d0ae598e95dc970b74767f19372d61af8 changed 14 files, 302 insertions(+), 87 deletions(-). \
    The list of 1,204 entries holds 18 that are longer than 4096 bytes; see docs/limits.md, section 3.2, for the reason. ";
/// The caller's span, sampled (W3C Trace Context §3.2).
const TRACED: &str = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n";
/// Where a fresh prompt differs: letters, so that no rule for numbers is met by it.
const MARK: &str = "aaaaaaaaaaaa";

/// Bytes of prompts of which each is another one: more than a processor remembers the branches of.
const TOGETHER: usize = 2 << 20;

/// What translation may add is seen by this row.
pub(super) const TRANSLATION: &str = "20 KB x 1, one processor";
/// And by these what guardrails may add.
pub(super) const SMALL: &str = "4 KB, new text, one processor";
pub(super) const LARGE: &str = "200 KB, new text, one processor";
pub(super) const KNOWN: &str = "200 KB, known text, one processor";

const ROWS: [Row; 21] = [
    row("120 B x 1", Shape::Closed, 1, 120),
    row("120 B x 32", Shape::Closed, 32, 120),
    traced("120 B x 1, traced", Shape::Closed, 1, 120),
    traced("120 B x 32, traced", Shape::Closed, 32, 120),
    row("20 KB x 1", Shape::Closed, 1, 20_000),
    row("20 KB x 32", Shape::Closed, 32, 20_000),
    row("200 KB x 1", Shape::Closed, 1, 200_000),
    row("200 KB x 32", Shape::Closed, 32, 200_000),
    row("20 KB x 32, open 1000/s", Shape::Open(1000), 32, 20_000),
    row("stream x 1", Shape::Burst, 1, 160),
    traced("stream x 1, traced", Shape::Burst, 1, 160),
    row("stream x 32", Shape::Burst, 32, 160),
    row("stream paced x 32", Shape::Paced, 32, 160),
    guarded("4 KB, new text", 4_096, Text::Fresh),
    guarded("4 KB, known text", 4_096, Text::Mixed),
    guarded("200 KB, new text", 204_800, Text::Fresh),
    guarded("200 KB, known text", 204_800, Text::Mixed),
    alone(row(TRANSLATION, Shape::Closed, 1, 20_000)),
    alone(guarded(SMALL, 4_096, Text::Fresh)),
    alone(guarded(LARGE, 204_800, Text::Fresh)),
    alone(guarded(KNOWN, 204_800, Text::Mixed)),
];

/// The rows whose name contains `only`.
pub(super) fn rows(only: Option<&str>) -> Vec<Row> {
    ROWS.into_iter()
        .filter(|row| only.is_none_or(|only| row.name.contains(only)))
        .collect()
}

impl Shape {
    pub(super) fn streamed(self) -> bool {
        matches!(self, Self::Burst | Self::Paced)
    }
}

/// The model that is asked for where nothing else is said.
pub(super) const MODEL: &str = "gpt-4o-mini";

/// The head of a request with a JSON body of that many bytes.
pub(super) fn head(host: &str, path: &str, secret: &str, more: &str, length: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\naccept: application/json\r\n{more}\
         authorization: Bearer {secret}\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\nuser-agent: tidegate-bench\r\n\r\n"
    )
}

/// A request to be sent again and again.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// One; or where the text is another one each time, several of one length, whose texts differ.
    each: Vec<Vec<u8>>,
    /// The one that was sent last.
    last: usize,
    /// What makes even these another text each time.
    mark: Option<usize>,
}

impl Request {
    /// The next one to send. No two requests of a run have the same mark.
    pub(super) fn next(&mut self) -> &[u8] {
        static SENT: AtomicU64 = AtomicU64::new(0);
        self.last = (self.last + 1) % self.each.len();
        let bytes = &mut self.each[self.last];
        if let Some(at) = self.mark {
            let mut rest = SENT.fetch_add(1, Ordering::Relaxed);
            for byte in bytes.iter_mut().skip(at).take(MARK.len()) {
                *byte = b'a' + u8::try_from(rest % 26).unwrap_or_default();
                rest /= 26;
            }
        }
        bytes
    }
}

/// The words of a text in an order of their own, again and again. Numbers do not stand side by side: they might be
/// somebody's.
struct Shuffled<'a> {
    words: Vec<&'a str>,
    state: u64,
}

impl<'a> Shuffled<'a> {
    fn new(text: &'a str, seed: usize) -> Self {
        Self {
            words: text.split_whitespace().collect(),
            state: seed as u64,
        }
    }
}

impl<'a> Iterator for Shuffled<'a> {
    type Item = &'a str;

    /// By Knuth's linear congruential generator (MMIX).
    fn next(&mut self) -> Option<&'a str> {
        let next = self.state.wrapping_mul(6_364_136_223_846_793_005);
        self.state = next.wrapping_add(1_442_695_040_888_963_407);
        self.words
            .get((self.state >> 33) as usize % self.words.len().max(1))
            .copied()
    }
}

impl Row {
    /// A chat request whose body is exactly as long as the row says, with `more` lines in its head.
    pub(super) fn request(
        &self,
        host: &str,
        path: &str,
        secret: &str,
        more: &str,
        model: &str,
    ) -> Request {
        let (stream, marks) = match self.shape {
            Shape::Burst => (r#""stream":true,"#, "[[size:900]] "),
            Shape::Paced => (r#""stream":true,"#, "[[size:240]][[pause:0.005]] "),
            Shape::Closed | Shape::Open(_) => ("", ""),
        };
        let mut body = format!(
            r#"{{"model":"{model}",{stream}"max_tokens":256,"messages":[{{"role":"user","content":"{marks}"#
        );
        let end = r#""}]}"#;
        let mark = (self.text == Text::Fresh).then_some(body.len());
        if mark.is_some() {
            body.push_str(MARK);
        }
        let fill = self.body.saturating_sub(body.len() + end.len());
        let mut head = head(host, path, secret, more, self.body);
        if self.traced {
            head.insert_str(head.len() - 2, TRACED);
        }
        let with = |text: String| [&head, &body, &text, end].concat().into_bytes();
        Request {
            each: self.texts(fill).map(with).collect(),
            last: 0,
            mark: mark.map(|at| head.len() + at),
        }
    }

    /// What the prompt says, in so many bytes.
    fn texts(&self, fill: usize) -> Box<dyn Iterator<Item = String>> {
        const SENTENCE: &str =
            "The quick tide turns at the old gate while nobody counts the water. ";
        let again = move |words: &str| words.chars().cycle().take(fill).collect();
        match self.text {
            Text::Sentence => Box::new(std::iter::once(again(SENTENCE))),
            Text::Mixed => Box::new(std::iter::once(again(MIXED))),
            Text::Fresh => Box::new((0..TOGETHER.div_ceil(self.body)).map(move |seed| {
                let words = Shuffled::new(MIXED, seed).flat_map(|word| [" so ", word]);
                words.flat_map(str::chars).take(fill).collect()
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_valid_json_of_the_promised_length() {
        for row in rows(None) {
            let mut request = row.request("h", "/p", "k", "x: y\r\n", MODEL);
            let first = request.next().to_vec();
            let fresh = row.text == Text::Fresh;
            assert_eq!(request.next() != first, fresh, "{}", row.name);
            let request = String::from_utf8(request.next().to_vec()).unwrap();
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            assert_eq!(head.ends_with("-01"), row.traced, "{}", row.name);
            assert_eq!(body.len(), row.body, "{}", row.name);
            assert!(head.contains(&format!("content-length: {}", body.len())));
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!(body["stream"] == true, row.shape.streamed(), "{}", row.name);
        }
    }
}
