//! Where texts and watches meet: which texts are open, how far each is decided, what is to be changed
//! in it.

mod reading;

pub(crate) use reading::Reading;

use crate::{
    channel::Channel,
    codec::{self, Codec, Pending, State},
    fault::{Fault, Limits, Report},
    frame::{Marks, Part, Splice},
    protocol::Direction,
    walk::{Finish, Patched, Slot, Spot},
    watch::{Edit, Watch, Watcher, Written},
};

/// A text that goes on over several frames.
struct Open {
    slot: Slot,
    codec: Codec,
    signed: bool,
    /// `None`: nobody cares.
    watch: Option<Box<dyn Watch>>,
    state: State,
    length: u64,
    decided: u64,
    finished: bool,
    pending: Pending,
    /// Where the last edit ended.
    edited: u64,
    /// Frames that are held and have a part of it.
    parts: usize,
    /// Frames since its last piece.
    idle: u32,
}

/// The texts of one body.
pub(crate) struct Desk {
    direction: Direction,
    limits: Limits,
    number: u32,
    open: Vec<Option<Open>>,
    scratch: String,
    pub(crate) report: Report,
    pub(crate) stopped: bool,
    fault: Option<Fault>,
    /// Of a stream of patches.
    pub(crate) patched: Patched,
}

impl Desk {
    pub(crate) const fn new(direction: Direction, limits: Limits) -> Self {
        Self {
            direction,
            limits,
            number: 0,
            open: Vec::new(),
            scratch: String::new(),
            report: Report {
                unscanned_bytes: 0,
                refused_edits: 0,
                signed_edits: 0,
            },
            stopped: false,
            fault: None,
            patched: Patched::NOTHING,
        }
    }

    /// What went wrong while a frame was read.
    pub(crate) fn check(&mut self) -> Result<(), Fault> {
        self.fault.take().map_or(Ok(()), Err)
    }

    fn channel(&mut self, spot: &Spot) -> Channel {
        let number = self.number;
        self.number = number.saturating_add(1);
        Channel {
            kind: spot.kind,
            role: spot.role,
            number,
            signed: spot.signed,
        }
    }

    /// Whether these edits may be made; counts those that may not.
    fn may_edit(&mut self, signed: bool, edits: usize) -> bool {
        let count = u32::try_from(edits).unwrap_or(u32::MAX);
        let (report, request) = (&mut self.report, self.direction == Direction::Request);
        match (signed, request) {
            (false, _) => return true,
            (true, true) => report.refused_edits = report.refused_edits.saturating_add(count),
            (true, false) => report.signed_edits = report.signed_edits.saturating_add(count),
        }
        !request
    }

    /// A text that is whole in its frame.
    fn one(&mut self, watcher: &mut dyn Watcher, raw: &[u8], spot: &Spot) -> Vec<Splice> {
        let Some(mut watch) = watcher.watch(self.channel(spot)) else {
            return Vec::new();
        };
        let written = Written {
            raw,
            manner: spot.codec as u8,
        };
        if !spot.grows && watch.knows(written) {
            return Vec::new();
        }
        let mut state = State::default();
        let text = codec::text(spot.codec, &mut state, raw, &mut self.scratch);
        let mut edits = if spot.grows {
            as_it_grows(&mut *watch, text)
        } else {
            watch.whole(text)
        };
        self.stopped |= watch.stopped();
        if edits.is_empty() || self.stopped {
            return Vec::new();
        }
        let mut edited = 0;
        if !in_order(&mut edits, &mut edited, u64::MAX) {
            self.fault = Some(Fault::Watch);
        }
        if !self.may_edit(spot.signed, edits.len()) {
            return Vec::new();
        }
        let mut pending = Pending::default();
        pending.extend(edits);
        let mut splices = Vec::new();
        let at = (spot.raw.start, raw);
        codec::rewrite(
            spot.codec,
            State::default(),
            0,
            at,
            &mut pending,
            &mut splices,
        );
        splices
    }

    /// A text that cannot be changed where it stands: it is shown, and may stop the body.
    fn only(&mut self, watcher: &mut dyn Watcher, spot: &Spot, text: &str) {
        let Some(mut watch) = watcher.watch(self.channel(spot)) else {
            return;
        };
        let edits = watch.whole(text).len();
        self.stopped |= watch.stopped();
        let refused = u32::try_from(edits).unwrap_or(u32::MAX);
        self.report.refused_edits = self.report.refused_edits.saturating_add(refused);
    }

    fn find(&mut self, watcher: &mut dyn Watcher, spot: &Spot, slot: Slot) -> Option<usize> {
        let found = self.open.iter().position(|open| {
            let open = open.as_ref();
            open.is_some_and(|open| open.slot == slot && !open.finished)
        });
        if found.is_some() {
            return found;
        }
        let free = self.open.iter().position(Option::is_none);
        let at = free.unwrap_or(self.open.len());
        if at >= self.limits.channels {
            let limit = self.limits.channels;
            self.fault = Some(Fault::Channels { limit });
            return None;
        }
        let watch = watcher.watch(self.channel(spot));
        let open = Some(Open {
            slot,
            codec: spot.codec,
            signed: spot.signed,
            watch,
            state: State::default(),
            length: 0,
            decided: 0,
            finished: false,
            pending: Pending::default(),
            edited: 0,
            parts: 0,
            idle: 0,
        });
        match self.open.get_mut(at) {
            Some(place) => *place = open,
            None => self.open.push(open),
        }
        Some(at)
    }

    /// A piece of a text that goes on.
    fn live(
        &mut self,
        watcher: &mut dyn Watcher,
        raw: &[u8],
        spot: &Spot,
        slot: Slot,
    ) -> Option<Part> {
        let channel = self.find(watcher, spot, slot)?;
        let open = self.open.get_mut(channel)?.as_mut()?;
        let watch = open.watch.as_mut()?;
        let (from, before) = (open.length, open.state);
        let text = codec::text(open.codec, &mut open.state, raw, &mut self.scratch);
        if !text.is_empty() {
            watch.push(text);
            open.length += text.len() as u64;
            self.stopped |= watch.stopped();
        }
        let part = Part {
            channel,
            raw: spot.raw.clone(),
            state: before,
            span: from..open.length,
            open: open.state.open,
        };
        open.parts += 1;
        open.idle = 0;
        self.take(channel);
        Some(part)
    }

    /// Takes what the watch of an open text decided.
    fn take(&mut self, channel: usize) {
        let Some(open) = self.open.get_mut(channel).and_then(Option::as_mut) else {
            return;
        };
        let Some(watch) = open.watch.as_mut() else {
            return;
        };
        open.edited = open.edited.max(open.decided);
        open.decided = if open.finished {
            u64::MAX
        } else {
            watch.decided().min(open.length)
        };
        let mut edits = watch.edits();
        if edits.is_empty() {
            return;
        }
        if !in_order(&mut edits, &mut open.edited, open.decided) {
            self.fault = Some(Fault::Watch);
        }
        let signed = open.signed;
        if self.may_edit(signed, edits.len())
            && let Some(open) = self.open.get_mut(channel).and_then(Option::as_mut)
        {
            open.pending.extend(edits);
        }
    }

    /// These texts have no more to come.
    pub(crate) fn finish(&mut self, which: Finish) {
        for channel in 0..self.open.len() {
            let Some(open) = self.open.get_mut(channel).and_then(Option::as_mut) else {
                continue;
            };
            if open.finished || !which.covers(open.slot) {
                continue;
            }
            open.finished = true;
            if let Some(watch) = open.watch.as_mut()
                && !self.stopped
            {
                watch.finish();
                self.stopped |= watch.stopped();
            }
            if !self.stopped {
                self.take(channel);
            }
            self.free(channel);
        }
    }

    /// The members of the slots whose texts go on.
    pub(crate) fn going_on(&self) -> Vec<u64> {
        let open = self.open.iter().flatten();
        let open = open.filter(|open| !open.finished);
        open.map(|open| open.slot.member).collect()
    }

    /// A frame was read: ends the texts that had no piece in the last `most` frames.
    pub(crate) fn tick(&mut self, most: u32) {
        for at in 0..self.open.len() {
            let open = self.open.get_mut(at).and_then(Option::as_mut);
            let Some(open) = open.filter(|open| !open.finished) else {
                continue;
            };
            open.idle += 1;
            if open.idle > most {
                let slot = open.slot;
                self.finish(Finish::Slot(slot));
            }
        }
    }

    fn free(&mut self, channel: usize) {
        if let Some(place) = self.open.get_mut(channel)
            && place
                .as_ref()
                .is_some_and(|open| open.finished && open.parts == 0)
        {
            *place = None;
        }
    }

    /// Whether every text of a frame is decided.
    pub(crate) fn decided(&self, marks: &Marks) -> bool {
        marks.parts.iter().all(|part| {
            let open = self.open.get(part.channel).and_then(Option::as_ref);
            open.is_none_or(|open| {
                open.decided > part.span.end || (open.decided == part.span.end && !part.open)
            })
        })
    }

    /// The frame leaves: makes the edits of its texts. `body` is what its marks count in.
    pub(crate) fn leave(&mut self, body: &[u8], marks: &mut Marks) -> Vec<Splice> {
        for part in std::mem::take(&mut marks.parts) {
            let Some(open) = self.open.get_mut(part.channel).and_then(Option::as_mut) else {
                continue;
            };
            if open.pending.touches(part.span.end, part.open) {
                let raw = body.get(part.raw.clone()).unwrap_or_default();
                let at = (part.raw.start, raw);
                let (state, from) = (part.state, part.span.start);
                let splices = &mut marks.splices;
                codec::rewrite(open.codec, state, from, at, &mut open.pending, splices);
            }
            open.parts = open.parts.saturating_sub(1);
            self.free(part.channel);
        }
        marks.settle()
    }
}

/// The edits of a text whose rest may come later: what is not decided is cut off.
fn as_it_grows(watch: &mut dyn Watch, text: &str) -> Vec<Edit> {
    let length = text.len() as u64;
    watch.push(text);
    let decided = watch.decided();
    if decided >= length {
        watch.finish();
        return watch.edits();
    }
    let mut edits = watch.edits();
    edits.push(Edit {
        span: decided..length,
        with: "".into(),
    });
    edits
}

/// Drops empty edits; whether the others are in order, after the last one, and before `decided`.
fn in_order(edits: &mut Vec<Edit>, edited: &mut u64, decided: u64) -> bool {
    edits.retain(|edit| !edit.span.is_empty());
    edits.iter().all(|edit| {
        let fits = edit.span.start >= *edited && edit.span.end <= decided;
        *edited = edit.span.end;
        fits
    })
}
