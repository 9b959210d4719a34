//! The rows of the table: how many connections, which prompt, how it is sent.

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
}

const fn row(name: &'static str, shape: Shape, connections: usize, body: usize) -> Row {
    Row {
        name,
        shape,
        connections,
        body,
    }
}

const ROWS: [Row; 10] = [
    row("120 B x 1", Shape::Closed, 1, 120),
    row("120 B x 32", Shape::Closed, 32, 120),
    row("20 KB x 1", Shape::Closed, 1, 20_000),
    row("20 KB x 32", Shape::Closed, 32, 20_000),
    row("200 KB x 1", Shape::Closed, 1, 200_000),
    row("200 KB x 32", Shape::Closed, 32, 200_000),
    row("20 KB x 32, open 1000/s", Shape::Open(1000), 32, 20_000),
    row("stream x 1", Shape::Burst, 1, 160),
    row("stream x 32", Shape::Burst, 32, 160),
    row("stream paced x 32", Shape::Paced, 32, 160),
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

impl Row {
    /// A chat request whose body is exactly as long as the row says.
    pub(super) fn request(&self, host: &str, path: &str, secret: &str) -> Vec<u8> {
        let (stream, marks) = match self.shape {
            Shape::Burst => (r#""stream":true,"#, "[[size:900]] "),
            Shape::Paced => (r#""stream":true,"#, "[[size:240]][[pause:0.005]] "),
            Shape::Closed | Shape::Open(_) => ("", ""),
        };
        let mut body = format!(
            r#"{{"model":"gpt-4o-mini",{stream}"max_tokens":256,"messages":[{{"role":"user","content":"{marks}"#
        );
        let end = r#""}]}"#;
        let words = "The quick tide turns at the old gate while nobody counts the water. ";
        let fill = self.body.saturating_sub(body.len() + end.len());
        body.extend(words.chars().cycle().take(fill));
        body.push_str(end);
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {host}\r\naccept: application/json\r\n\
             authorization: Bearer {secret}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nuser-agent: tidegate-bench\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body.as_bytes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_valid_json_of_the_promised_length() {
        for row in rows(None) {
            let request = String::from_utf8(row.request("h", "/p", "k")).unwrap();
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            assert_eq!(body.len(), row.body, "{}", row.name);
            assert!(head.contains(&format!("content-length: {}", body.len())));
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!(body["stream"] == true, row.shape.streamed(), "{}", row.name);
        }
    }
}
