//! An answer that is being kept while it passes.

use std::{fmt, sync::Arc};

use tidegate_types::Timestamp;

use crate::{Answer, Asking, Bill, Cache, Meaning, Vector};

/// Takes down one answer on its way to the client. It is kept once it has come to its end and its bill says
/// that it is whole; dropped before that, nothing is.
pub struct Recording {
    cache: Arc<Cache>,
    asking: Asking,
    body: Vec<u8>,
    /// It is over: nothing more comes.
    ended: bool,
    bill: Option<(Bill, Timestamp)>,
    /// What it may be found by besides.
    meaning: Option<(Meaning, Vector)>,
    /// How often answers were let go when it began: what is let go does not come back by it.
    purges: u64,
    /// It grew too large, there was no memory for it, or it is kept.
    over: bool,
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.forget();
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What it says is a person's text: not shown.
        write!(f, "Recording({} bytes)", self.body.len())
    }
}

impl Recording {
    pub(crate) fn new(cache: Arc<Cache>, asking: Asking) -> Self {
        Self {
            purges: cache.purges(),
            cache,
            asking,
            body: Vec::new(),
            ended: false,
            bill: None,
            meaning: None,
            over: false,
        }
    }

    /// What was asked.
    #[must_use]
    pub const fn asking(&self) -> &Asking {
        &self.asking
    }

    /// Lets it be found by what was asked, once it is kept.
    pub fn mean(&mut self, meaning: Meaning, vector: Vector) {
        self.meaning = Some((meaning, vector));
    }

    /// A piece went by.
    pub fn push(&mut self, piece: &[u8]) {
        if self.over {
            return;
        }
        let fits = self.body.len() + piece.len() <= self.cache.settings().largest;
        if !fits || !self.cache.hold(piece.len() as u64) {
            self.over = true;
            self.forget();
            return;
        }
        self.body.extend_from_slice(piece);
    }

    fn forget(&mut self) {
        let body = std::mem::take(&mut self.body);
        self.cache.release(body.len() as u64);
    }

    /// The last piece went by.
    pub fn end(&mut self) {
        self.ended = true;
        self.keep();
    }

    /// The provider said all it had to say, and this is its bill.
    pub fn settle(&mut self, bill: Bill, now: Timestamp) {
        self.bill = Some((bill, now));
        self.keep();
    }

    fn keep(&mut self) {
        if self.over || !self.ended {
            return;
        }
        let Some((bill, at)) = self.bill.take() else {
            return;
        };
        self.over = true;
        if self.purges != self.cache.purges() {
            self.forget();
            return;
        }
        let mut body = std::mem::take(&mut self.body);
        self.cache.release(body.len() as u64);
        body.shrink_to_fit();
        self.cache.keep(Answer {
            key: self.asking.key,
            tenant: self.asking.tenant,
            at,
            body: body.into(),
            shape: self.asking.shape,
            bill,
        });
        if let Some((meaning, vector)) = self.meaning.take() {
            self.cache.note(&self.asking, &meaning, vector);
        }
    }
}
