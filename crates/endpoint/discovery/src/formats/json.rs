//! JSON (RFC 8259) with comments and trailing commas, as editors and clients write it. Of a broken file
//! the part before the break is kept, and it is known which values are not whole.

use std::collections::BTreeMap;

use crate::tree::{DEEPEST, Fault, MOST_VALUES, Parsed, Tree};

pub(super) fn parse(text: &str) -> Parsed {
    let mut reader = Reader {
        bytes: text.as_bytes(),
        text,
        at: 0,
        keys: Vec::new(),
        values: 0,
        twice: false,
    };
    let (tree, end) = reader.value(0);
    let end = end.and_then(|()| reader.end());
    let twice = reader.twice.then_some(Fault::Twice);
    Parsed {
        tree,
        fault: end.err().or(twice),
        cut: end.is_err().then_some(reader.keys),
    }
}

struct Reader<'t> {
    bytes: &'t [u8],
    text: &'t str,
    at: usize,
    /// Where the reader is: at a break it says what is not whole.
    keys: Vec<String>,
    values: usize,
    twice: bool,
}

/// What was read up to a break, and the break.
type Read = (Tree, Result<(), Fault>);

impl Reader<'_> {
    fn syntax(&self) -> Fault {
        let read = self.bytes.get(..self.at).unwrap_or(self.bytes);
        Fault::Syntax(1 + read.iter().filter(|byte| **byte == b'\n').count())
    }

    fn next(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn starts(&self, with: &str) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        rest.starts_with(with.as_bytes())
    }

    /// Past spaces and comments.
    fn gap(&mut self) -> Result<(), Fault> {
        loop {
            while matches!(self.next(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
                self.at += 1;
            }
            if self.starts("//") {
                while !matches!(self.next(), None | Some(b'\n')) {
                    self.at += 1;
                }
            } else if self.starts("/*") {
                let rest = self.text.get(self.at + 2..).unwrap_or_default();
                let Some(length) = rest.find("*/") else {
                    return Err(self.syntax());
                };
                self.at += length + 4;
            } else {
                return Ok(());
            }
        }
    }

    fn end(&mut self) -> Result<(), Fault> {
        self.gap()?;
        match self.next() {
            None => Ok(()),
            Some(_) => Err(self.syntax()),
        }
    }

    fn value(&mut self, depth: usize) -> Read {
        if let Err(fault) = self.gap() {
            return (Tree::Null, Err(fault));
        }
        self.values += 1;
        if self.values > MOST_VALUES {
            return (Tree::Null, Err(Fault::Many));
        }
        match self.next() {
            Some(b'{' | b'[') if depth >= DEEPEST => (Tree::Null, Err(Fault::Deep)),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => match self.string() {
                Ok(text) => (Tree::Text(text), Ok(())),
                Err(fault) => (Tree::Null, Err(fault)),
            },
            _ => self.word(),
        }
    }

    fn object(&mut self, depth: usize) -> Read {
        let mut map = BTreeMap::new();
        let end = self.members(depth, &mut map);
        (Tree::Map(map), end)
    }

    fn members(&mut self, depth: usize, map: &mut BTreeMap<String, Tree>) -> Result<(), Fault> {
        self.at += 1;
        loop {
            self.gap()?;
            if self.next() == Some(b'}') {
                self.at += 1;
                return Ok(());
            }
            let key = self.string()?;
            self.gap()?;
            if self.next() != Some(b':') {
                return Err(self.syntax());
            }
            self.at += 1;
            self.keys.push(key.clone());
            let (value, end) = self.value(depth + 1);
            self.twice |= map.insert(key, value).is_some();
            end?;
            self.keys.pop();
            self.gap()?;
            match self.next() {
                Some(b',') => self.at += 1,
                Some(b'}') => {}
                _ => return Err(self.syntax()),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Read {
        let mut list = Vec::new();
        let end = self.items(depth, &mut list);
        (Tree::List(list), end)
    }

    fn items(&mut self, depth: usize, list: &mut Vec<Tree>) -> Result<(), Fault> {
        self.at += 1;
        loop {
            self.gap()?;
            if self.next() == Some(b']') {
                self.at += 1;
                return Ok(());
            }
            self.keys.push(list.len().to_string());
            let (value, end) = self.value(depth + 1);
            list.push(value);
            end?;
            self.keys.pop();
            self.gap()?;
            match self.next() {
                Some(b',') => self.at += 1,
                Some(b']') => {}
                _ => return Err(self.syntax()),
            }
        }
    }

    /// A string. What stands between its quotes is read by `serde_json`, escapes and all.
    fn string(&mut self) -> Result<String, Fault> {
        if self.next() != Some(b'"') {
            return Err(self.syntax());
        }
        let start = self.at;
        self.at += 1;
        loop {
            match self.next() {
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(_) => self.at += 1,
                None => return Err(self.syntax()),
            }
        }
        self.at += 1;
        let quoted = self.bytes.get(start..self.at).unwrap_or_default();
        serde_json::from_slice(quoted).map_err(|_| self.syntax())
    }

    /// `true`, `false`, `null` or a number.
    fn word(&mut self) -> Read {
        let start = self.at;
        let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        while self.next().is_some_and(part) {
            self.at += 1;
        }
        let tree = match self.bytes.get(start..self.at).unwrap_or_default() {
            b"true" => Some(Tree::Bool(true)),
            b"false" => Some(Tree::Bool(false)),
            b"null" => Some(Tree::Null),
            number => serde_json::from_slice(number).ok().map(Tree::Number),
        };
        match tree {
            Some(tree) => (tree, Ok(())),
            None => (Tree::Null, Err(self.syntax())),
        }
    }
}
