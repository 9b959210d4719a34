//! Pieces of conversations, for tests.

use super::talk::{Block, Media, MediaKind, Outcome, Source};

pub(crate) fn text(text: &str) -> Block<'_> {
    Block::Text {
        text: text.into(),
        cache: None,
    }
}

pub(crate) fn result<'a>(id: &'a str, blocks: Vec<Block<'a>>, failed: bool) -> Block<'a> {
    Block::Result(Outcome {
        id: id.into(),
        name: None,
        blocks,
        failed,
        cache: None,
    })
}

pub(crate) fn media<'a>(kind: MediaKind, source: Source<'a>) -> Block<'a> {
    Block::Media(Media {
        kind,
        source,
        name: None,
        detail: None,
        cache: None,
    })
}
