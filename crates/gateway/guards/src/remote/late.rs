//! Services whose word is not waited for: the answer passes, and ends when one of them objects.

use std::{
    future::Future,
    mem,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use tidegate_engines::Verdict;
use tidegate_governance::guardrail::Phase;
use tidegate_pipeline::guard::Stop;
use tidegate_texts::{
    Protocol,
    stream::{Framing, Rewriter},
};

use super::{
    LONGEST, Services, TOO_LONG, UNREADABLE,
    asking::{Asking, Said},
    collect::Collected,
    shown::Shown,
    texts::{Cut, Texts},
};
use crate::policy::Ready;

/// How often a service may be asked about one answer at once.
const AT_ONCE: usize = 8;
const CROWDED: &str = "the answer came faster than the service looked";
const OVER: &str = "the call was over before the service had looked";

/// What a service said about some texts.
struct Heard {
    ready: Arc<Ready>,
    texts: Arc<[Collected]>,
    said: Result<Verdict, &'static str>,
}

struct Pending {
    ready: Arc<Ready>,
    hearing: Pin<Box<dyn Future<Output = Heard> + Send>>,
}

/// What is asked about one answer beside it.
pub(super) struct Late {
    ready: Vec<Arc<Ready>>,
    cut: Cut,
    texts: Texts,
    reader: Rewriter<Texts>,
    /// Shared with nobody: the lock only makes it so that it could be.
    pending: Mutex<Vec<Pending>>,
    /// Nobody looks any more.
    blind: bool,
}

impl std::fmt::Debug for Late {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Late")
            .field("ready", &self.ready)
            .finish_non_exhaustive()
    }
}

fn put(
    services: Arc<dyn Services>,
    ready: Arc<Ready>,
    texts: Arc<[Collected]>,
    model: Arc<str>,
) -> Pin<Box<dyn Future<Output = Heard> + Send>> {
    Box::pin(async move {
        let said = {
            let shown = Shown::new(&texts);
            let content = shown.content(Phase::Answer, &model);
            services.ask(ready.service(), &content).await
        };
        Heard { ready, texts, said }
    })
}

impl Late {
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
            texts,
            pending: Mutex::default(),
            blind: false,
        }
    }

    /// Takes a piece, or the end, which passes whatever is said of it later; hears what was said of others.
    ///
    /// # Errors
    /// A service objects to what has passed, or cannot look.
    pub(super) fn take(&mut self, asking: &mut Asking, piece: Option<&Bytes>) -> Result<(), Stop> {
        if self.blind {
            return Ok(());
        }
        let read = match piece {
            Some(piece) => self.reader.push(piece.clone()),
            None => self.reader.end(),
        };
        let error = match read {
            Err(_) => Some(UNREADABLE),
            Ok(_) if self.texts.length() > LONGEST => Some(TOO_LONG),
            Ok(_) => None,
        };
        if let Some(error) = error {
            self.blind = true;
            return asking.unseen_by(Phase::Answer, &self.ready, error);
        }
        if self.texts.are_due(self.cut) {
            self.put_all(asking)?;
        }
        self.hear(asking)
    }

    fn put_all(&mut self, asking: &mut Asking) -> Result<(), Stop> {
        let texts: Arc<[Collected]> = self.texts.take(self.cut).into();
        if texts.is_empty() {
            return Ok(());
        }
        let pending = self
            .pending
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        for ready in &self.ready {
            let theirs = pending
                .iter()
                .filter(|other| Arc::ptr_eq(&other.ready, ready));
            if theirs.count() >= AT_ONCE {
                asking.unseen(Phase::Answer, ready, CROWDED)?;
                continue;
            }
            let (services, model) = (Arc::clone(&asking.services), Arc::clone(&asking.model));
            let (ready, texts) = (Arc::clone(ready), Arc::clone(&texts));
            let hearing = put(services, Arc::clone(&ready), texts, model);
            pending.push(Pending { ready, hearing });
        }
        Ok(())
    }

    /// Hears those that have spoken. They are asked again with the next piece, so that nobody need wake us.
    fn hear(&mut self, asking: &mut Asking) -> Result<(), Stop> {
        let pending = self
            .pending
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let mut context = Context::from_waker(Waker::noop());
        let (mut heard, mut waiting) = (Vec::new(), Vec::new());
        for mut one in mem::take(pending) {
            match one.hearing.as_mut().poll(&mut context) {
                Poll::Ready(said) => heard.push(said),
                Poll::Pending => waiting.push(one),
            }
        }
        *pending = waiting;
        heard
            .into_iter()
            .try_for_each(|heard| Self::obey(asking, heard))
    }

    fn obey(asking: &mut Asking, heard: Heard) -> Result<(), Stop> {
        match heard.said {
            Ok(verdict) => {
                let shown = Shown::new(&heard.texts);
                let mut said = Said::default();
                asking.obey(Phase::Answer, &heard.ready, &shown, verdict, &mut said)
            }
            Err(error) => asking.unseen(Phase::Answer, &heard.ready, error),
        }
    }

    /// Whether a service may still object: what came has passed, but the call is not over.
    pub(super) fn waits(&self) -> bool {
        let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        !pending.is_empty()
    }

    /// The end: waits for all that were asked.
    ///
    /// # Errors
    /// As [`Late::take`].
    pub(super) async fn end(&mut self, asking: &mut Asking) -> Result<(), Stop> {
        self.take(asking, None)?;
        loop {
            let pending = self
                .pending
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner);
            let Some(one) = pending.pop() else {
                return Ok(());
            };
            let heard = one.hearing.await;
            Self::obey(asking, heard)?;
        }
    }

    /// The call is over: notes what was never heard.
    pub(super) fn over(&mut self, asking: &mut Asking) {
        let pending = self
            .pending
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        for one in mem::take(pending) {
            asking.not_looked(Phase::Answer, &one.ready, "bypassed", OVER);
        }
    }
}
