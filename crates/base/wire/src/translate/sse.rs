//! Server-sent events, whole (WHATWG HTML §9.2.6).

use super::Broken;

/// A longer event than any provider sends, in bytes: images come in one.
const LONGEST: usize = 32 << 20;

/// Puts events together from pieces of any length.
#[derive(Debug, Default)]
pub(crate) struct Events {
    /// What was read of a line that is not over.
    line: Vec<u8>,
    after_cr: bool,
    begun: bool,
    name: String,
    data: Vec<u8>,
    has_data: bool,
}

impl Events {
    /// Reads on; each whole event with data goes to `take` (name, data).
    ///
    /// # Errors
    /// An event is longer than any, or `take` does not go on.
    pub(crate) fn push(
        &mut self,
        mut piece: &[u8],
        mut take: impl FnMut(&str, &[u8]) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        while let Some(&first) = piece.first() {
            if std::mem::take(&mut self.after_cr) && first == b'\n' {
                piece = &piece[1..];
                continue;
            }
            let end = memchr::memchr2(b'\n', b'\r', piece);
            let taken = end.unwrap_or(piece.len());
            if self.line.len() + self.data.len() + taken > LONGEST {
                return Err(Broken("an event is too long"));
            }
            self.line.extend_from_slice(&piece[..taken]);
            let Some(end) = end else { break };
            self.after_cr = piece[end] == b'\r';
            piece = &piece[end + 1..];
            self.line_is_over(&mut take)?;
        }
        Ok(())
    }

    fn line_is_over(
        &mut self,
        take: &mut impl FnMut(&str, &[u8]) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        let whole = std::mem::take(&mut self.line);
        let line = match whole.strip_prefix(b"\xEF\xBB\xBF") {
            Some(rest) if !self.begun => rest,
            _ => &whole,
        };
        self.begun = true;
        if line.is_empty() {
            if std::mem::take(&mut self.has_data) {
                take(&self.name, &self.data)?;
            }
            self.data.clear();
            self.name.clear();
        } else if let Some(value) = value(line, b"data") {
            if std::mem::replace(&mut self.has_data, true) {
                self.data.push(b'\n');
            }
            self.data.extend_from_slice(value);
        } else if let Some(value) = value(line, b"event") {
            self.name = String::from_utf8_lossy(value).into_owned();
        }
        // The buffer is kept.
        self.line = whole;
        self.line.clear();
        Ok(())
    }
}

/// A field's value, without the space that is no part of it.
fn value<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let rest = line.strip_prefix(name)?;
    match rest.strip_prefix(b":") {
        Some(value) => Some(value.strip_prefix(b" ").unwrap_or(value)),
        None if rest.is_empty() => Some(rest),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut events = Events::default();
        for piece in pieces {
            let took = events.push(piece, |name, data| {
                found.push((name.to_owned(), String::from_utf8_lossy(data).into_owned()));
                Ok(())
            });
            took.unwrap();
        }
        found
    }

    #[test]
    fn events_are_whole_wherever_they_are_cut() {
        let text = b"\xEF\xBB\xBFevent: a\ndata: 1\r\ndata:2\r\n\r\n: note\nid: 7\n\ndata\n\nevent:b\rdata:  x\r\rdata: cut";
        let whole = read(&[text]);
        let wanted = [("a", "1\n2"), ("", ""), ("b", " x")];
        assert_eq!(whole.len(), wanted.len());
        for (found, wanted) in whole.iter().zip(wanted) {
            assert_eq!((found.0.as_str(), found.1.as_str()), wanted);
        }
        for at in 0..text.len() {
            assert_eq!(read(&[&text[..at], &text[at..]]), whole, "{at}");
        }
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(read(&bytes), whole);
    }
}
