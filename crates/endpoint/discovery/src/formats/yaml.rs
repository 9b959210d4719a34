//! YAML 1.2, its first document, read as events so that neither depth nor aliases can blow it up.

use std::collections::{BTreeMap, HashMap};

use granit_parser::{Event, Parser, ScalarStyle};

use crate::tree::{DEEPEST, Fault, MOST_VALUES, Parsed, Tree};

pub(super) fn parse(text: &str) -> Parsed {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let step = match event {
            Ok((Event::DocumentEnd | Event::StreamEnd, _)) => break,
            Ok((event, _)) => builder.take(event),
            Err(error) => Err(Fault::Syntax(error.marker().line())),
        };
        if let Err(fault) = step {
            let cut = builder.keys();
            return Parsed {
                tree: builder.close(),
                fault: Some(fault),
                cut: Some(cut),
            };
        }
    }
    let fault = builder.twice.then_some(Fault::Twice);
    Parsed {
        tree: builder.close(),
        fault,
        cut: None,
    }
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Tree,
    /// What aliases point to, how many values that is and how deep.
    anchors: HashMap<usize, (Tree, usize, usize)>,
    values: usize,
    twice: bool,
}

struct Open {
    holds: Holds,
    anchor: usize,
}

enum Holds {
    List(Vec<Tree>),
    /// The key whose value comes next. A key that is no text is `None` inside.
    Map(BTreeMap<String, Tree>, Option<Option<String>>),
}

impl Builder {
    fn take(&mut self, event: Event<'_>) -> Result<(), Fault> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let tree = scalar(text.into_owned(), style);
                self.remember(anchor, &tree)?;
                self.put(tree)
            }
            Event::Alias(anchor) => {
                // An alias to a list of aliases to lists of aliases: each copy counts, and is as deep
                // as what it stands for.
                let Some((tree, size, depth)) = self.anchors.get(&anchor) else {
                    return self.put(Tree::Null);
                };
                if self.open.len() + depth > DEEPEST {
                    return Err(Fault::Deep);
                }
                self.values += size;
                if self.values > MOST_VALUES {
                    return Err(Fault::Many);
                }
                let tree = tree.clone();
                self.put(tree)
            }
            Event::SequenceStart(_, anchor, _) => self.open(Holds::List(Vec::new()), anchor),
            Event::MappingStart(_, anchor, _) => {
                self.open(Holds::Map(BTreeMap::new(), None), anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(open) => {
                    let tree = open.holds.tree();
                    self.remember(open.anchor, &tree)?;
                    self.put(tree)
                }
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn remember(&mut self, anchor: usize, tree: &Tree) -> Result<(), Fault> {
        if anchor != 0 {
            let (size, depth) = measure(tree);
            self.values += size;
            if self.values > MOST_VALUES {
                return Err(Fault::Many);
            }
            self.anchors.insert(anchor, (tree.clone(), size, depth));
        }
        Ok(())
    }

    fn open(&mut self, holds: Holds, anchor: usize) -> Result<(), Fault> {
        if self.open.len() > DEEPEST {
            return Err(Fault::Deep);
        }
        self.open.push(Open { holds, anchor });
        Ok(())
    }

    fn put(&mut self, tree: Tree) -> Result<(), Fault> {
        self.values += 1;
        if self.values > MOST_VALUES {
            return Err(Fault::Many);
        }
        match self.open.last_mut().map(|open| &mut open.holds) {
            None => self.root = tree,
            Some(Holds::List(list)) => list.push(tree),
            Some(Holds::Map(map, key)) => match key.take() {
                None => *key = Some(name(tree)),
                Some(Some(name)) if name == "<<" => merge(map, tree),
                Some(Some(name)) => self.twice |= map.insert(name, tree).is_some(),
                Some(None) => {}
            },
        }
        Ok(())
    }

    fn keys(&self) -> Vec<String> {
        let key = |open: &Open| match &open.holds {
            Holds::List(list) => Some(list.len().to_string()),
            Holds::Map(_, key) => key.clone().flatten(),
        };
        self.open.iter().map_while(key).collect()
    }

    /// The tree, what is still open closed.
    fn close(mut self) -> Tree {
        while let Some(open) = self.open.pop() {
            // It was counted as it came; nothing is added.
            self.values = 0;
            let tree = open.holds.tree();
            if self.put(tree).is_err() {
                break;
            }
        }
        self.root
    }
}

impl Holds {
    fn tree(self) -> Tree {
        match self {
            Self::List(list) => Tree::List(list),
            Self::Map(map, _) => Tree::Map(map),
        }
    }
}

/// A merge key (YAML 1.1, which most readers still know): what the map says itself stays.
fn merge(map: &mut BTreeMap<String, Tree>, from: Tree) {
    match from {
        Tree::Map(more) => more.into_iter().for_each(|(key, value)| {
            map.entry(key).or_insert(value);
        }),
        Tree::List(list) => list.into_iter().for_each(|more| {
            if let more @ Tree::Map(_) = more {
                merge(map, more);
            }
        }),
        _ => {}
    }
}

fn name(tree: Tree) -> Option<String> {
    match tree {
        Tree::Text(text) => Some(text),
        Tree::Bool(value) => Some(value.to_string()),
        Tree::Number(number) => Some(number.to_string()),
        Tree::Null => Some("null".into()),
        Tree::List(_) | Tree::Map(_) => None,
    }
}

/// The core schema of YAML 1.2, as far as switches need it.
fn scalar(text: String, style: ScalarStyle) -> Tree {
    if style != ScalarStyle::Plain {
        return Tree::Text(text);
    }
    match text.as_str() {
        "" | "~" | "null" | "Null" | "NULL" => Tree::Null,
        "true" | "True" | "TRUE" => Tree::Bool(true),
        "false" | "False" | "FALSE" => Tree::Bool(false),
        other => match other.parse::<f64>() {
            Ok(number) if other.bytes().any(|byte| byte.is_ascii_digit()) => Tree::Number(number),
            _ => Tree::Text(text),
        },
    }
}

/// How many values a tree has, and how deep it is.
fn measure(tree: &Tree) -> (usize, usize) {
    let sum = |(size, depth): (usize, usize), tree: &Tree| {
        let (more, deep) = measure(tree);
        (size + more, depth.max(deep + 1))
    };
    match tree {
        Tree::List(list) => list.iter().fold((1, 1), sum),
        Tree::Map(map) => map.values().fold((1, 1), sum),
        _ => (1, 0),
    }
}
