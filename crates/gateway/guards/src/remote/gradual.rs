//! An answer that passes part by part, each when services have seen it.

use std::{mem, sync::Arc};

use bytes::Bytes;
use tidegate_governance::guardrail::Phase;
use tidegate_pipeline::guard::Stop;
use tidegate_texts::{
    Fault, Protocol,
    stream::{Framing, Rewriter},
};
use tidegate_wire::answer::Forward;

use super::{
    LONGEST, TOO_LONG, UNREADABLE,
    asking::{Asking, CHANGED},
    texts::{Cut, Decided, Texts},
};
use crate::policy::Ready;

/// An answer on its way: read as it comes, written as it may pass.
#[derive(Debug)]
pub(super) struct Gradual {
    ready: Vec<Arc<Ready>>,
    cut: Cut,
    texts: Texts,
    reader: Rewriter<Texts>,
    writer: Rewriter<Decided>,
    /// What the writer has not got yet: the end of a text may be in it that nobody has seen.
    held: Vec<Bytes>,
    /// Nobody looks any more.
    passing: bool,
}

impl Gradual {
    pub(super) fn new(
        protocol: Protocol,
        framing: &Framing,
        ready: Vec<Arc<Ready>>,
        cut: Cut,
    ) -> Self {
        let texts = Texts::default();
        Self {
            ready,
            cut,
            reader: Rewriter::new(protocol, framing.clone(), texts.clone()),
            writer: Rewriter::new(protocol, framing.clone(), Decided(texts.clone())),
            texts,
            held: Vec::new(),
            passing: false,
        }
    }

    pub(super) fn holds(&self) -> bool {
        !self.held.is_empty() || self.writer.holds()
    }

    /// Takes a piece, or the end. `None`: services must be asked first, by [`Gradual::ask`].
    ///
    /// # Errors
    /// It cannot be read, and that is no way past a guardrail.
    pub(super) fn take(
        &mut self,
        asking: &mut Asking,
        piece: Option<Bytes>,
    ) -> Result<Option<Forward>, Stop> {
        if self.passing {
            return Ok(Some(piece.into_iter().collect()));
        }
        let read = match &piece {
            Some(piece) => self.reader.push(piece.clone()),
            None => self.reader.end(),
        };
        self.held.extend(piece);
        if read.is_err() {
            return self.give_up(asking, UNREADABLE).map(Some);
        }
        if self.texts.length() > LONGEST {
            return self.give_up(asking, TOO_LONG).map(Some);
        }
        if self.texts.are_due(self.cut) {
            return Ok(None);
        }
        if self.texts.are_decided() {
            return self.write().map(Some);
        }
        Ok(Some(Forward::new()))
    }

    /// Asks services about what is due; gives what may pass then.
    ///
    /// # Errors
    /// Nothing passes any more.
    pub(super) async fn ask(&mut self, asking: &mut Asking) -> Result<Forward, Stop> {
        while self.texts.are_due(self.cut) {
            let taken = self.texts.take(self.cut);
            if taken.is_empty() {
                break;
            }
            let said = asking.ask(Phase::Answer, &self.ready, &taken).await?;
            self.texts.note(said);
        }
        self.write()
    }

    /// The end: what is left.
    ///
    /// # Errors
    /// As [`Gradual::ask`].
    pub(super) async fn end(&mut self, asking: &mut Asking) -> Result<Forward, Stop> {
        let mut passed = match self.take(asking, None)? {
            Some(passed) => passed,
            None => self.ask(asking).await?,
        };
        if !self.passing {
            passed.extend(self.writer.end().map_err(|_| Stop::Failed(CHANGED))?);
        }
        Ok(passed)
    }

    /// Writes what was held.
    fn write(&mut self) -> Result<Forward, Stop> {
        let mut passed = Forward::new();
        for piece in mem::take(&mut self.held) {
            let written: Result<Forward, Fault> = self.writer.push(piece);
            passed.extend(written.map_err(|_| Stop::Failed(CHANGED))?);
        }
        Ok(passed)
    }

    /// Nobody can look: it passes as it is from here on, or not at all.
    fn give_up(&mut self, asking: &mut Asking, error: &'static str) -> Result<Forward, Stop> {
        asking.unseen_by(Phase::Answer, &self.ready, error)?;
        self.passing = true;
        let mut passed = self.writer.release();
        passed.extend(mem::take(&mut self.held));
        Ok(passed)
    }
}
