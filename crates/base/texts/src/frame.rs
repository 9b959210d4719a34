//! One frame of a body: its bytes, where its texts stand, and what is to be changed in it.

use std::ops::Range;

use smallvec::SmallVec;

use crate::{codec::State, walk::Finish};

/// Bytes of a frame that others replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Splice {
    pub(crate) span: Range<usize>,
    pub(crate) with: Vec<u8>,
}

/// A value that repeats a text by its tokens: it goes when the text beside it is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Echo {
    pub(crate) span: Range<usize>,
    /// The object whose texts it repeats.
    pub(crate) scope: Range<usize>,
    pub(crate) with: &'static [u8],
}

/// A piece of a text that goes on in other frames.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// Its place among the open texts.
    pub(crate) channel: usize,
    /// Where it stands.
    pub(crate) raw: Range<usize>,
    /// The decoder before it.
    pub(crate) state: State,
    /// The text's offsets at its beginning and end.
    pub(crate) span: Range<u64>,
    /// It ends inside a character.
    pub(crate) open: bool,
}

/// What was found in a frame.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    pub(crate) parts: SmallVec<[Part; 2]>,
    /// Of texts that end in this frame: decided already.
    pub(crate) splices: Vec<Splice>,
    pub(crate) echoes: SmallVec<[Echo; 1]>,
    /// Texts that this frame ends.
    pub(crate) finishes: SmallVec<[Finish; 1]>,
}

impl Marks {
    /// The splices in their order, with those of echoes whose text changed.
    pub(crate) fn settle(&mut self) -> Vec<Splice> {
        let mut splices = std::mem::take(&mut self.splices);
        if splices.is_empty() {
            return splices;
        }
        splices.sort_by_key(|splice| splice.span.start);
        let touched = |echo: &Echo| {
            let from = splices.partition_point(|splice| splice.span.start < echo.scope.start);
            splices
                .get(from)
                .is_some_and(|splice| splice.span.start < echo.scope.end)
        };
        let gone: Vec<Splice> = self
            .echoes
            .iter()
            .filter(|echo| touched(echo))
            .map(|echo| Splice {
                span: echo.span.clone(),
                with: echo.with.to_vec(),
            })
            .collect();
        splices.extend(gone);
        splices.sort_by_key(|splice| splice.span.start);
        splices
    }
}

/// Writes `bytes` with the splices made, which must be in order.
pub(crate) fn apply(bytes: &[u8], splices: &[Splice], out: &mut Vec<u8>) {
    let mut from = 0;
    for splice in splices {
        out.extend_from_slice(bytes.get(from..splice.span.start).unwrap_or_default());
        out.extend_from_slice(&splice.with);
        from = splice.span.end;
    }
    out.extend_from_slice(bytes.get(from..).unwrap_or_default());
}
