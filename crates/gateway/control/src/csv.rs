//! Lists as CSV (RFC 4180), for spreadsheets. A text that a spreadsheet would take for a formula gets an
//! apostrophe before it: names come from machines that anybody may have named.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};
use tidegate_policy::Decision;

/// Whether the caller asks for CSV.
pub(crate) fn wanted(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT);
    let accept = accept.and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| {
        accept.split(',').any(|kind| {
            let kind = kind.split(';').next().unwrap_or_default();
            kind.trim().eq_ignore_ascii_case("text/csv")
        })
    })
}

/// A table.
#[derive(Debug)]
pub(crate) struct Csv(String);

impl Csv {
    /// With its header.
    pub(crate) fn new(header: &[&str]) -> Self {
        let mut csv = Self(String::new());
        csv.row(header.iter().map(|name| (*name).to_owned()));
        csv
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        for (column, cell) in cells.into_iter().enumerate() {
            if column > 0 {
                self.0.push(',');
            }
            self.cell(&cell);
        }
        self.0.push_str("\r\n");
    }

    fn cell(&mut self, text: &str) {
        let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let quoted = formula || text.contains(['"', ',', '\r', '\n']);
        if !quoted {
            self.0.push_str(text);
            return;
        }
        self.0.push('"');
        if formula {
            self.0.push('\'');
        }
        self.0.push_str(&text.replace('"', "\"\""));
        self.0.push('"');
    }
}

impl IntoResponse for Csv {
    fn into_response(self) -> Response {
        let kind = [(header::CONTENT_TYPE, "text/csv; charset=utf-8")];
        (kind, self.0).into_response()
    }
}

/// What may be there, as a cell.
pub(crate) fn some<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// The word of a decision.
pub(crate) const fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Approved => "approved",
        Decision::Pending => "pending",
        Decision::Denied => "denied",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_no_formula_is_left() {
        let mut csv = Csv::new(&["a", "b"]);
        csv.row(["plain".into(), "with, comma".into()]);
        csv.row(["=1+1".into(), "say \"x\"\nnow".into()]);
        csv.row(["-2".into(), "@sum".into()]);
        let expected = "a,b\r\nplain,\"with, comma\"\r\n\"'=1+1\",\"say \"\"x\"\"\nnow\"\r\n\
             \"'-2\",\"'@sum\"\r\n";
        assert_eq!(csv.0, expected);
    }

    #[test]
    fn csv_is_asked_for_by_name() {
        let asks = |accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            wanted(&headers)
        };
        assert!(asks("text/csv") && asks("application/json;q=0.1, Text/CSV; q=1"));
        assert!(!asks("*/*") && !asks("application/json") && !wanted(&HeaderMap::new()));
    }
}
