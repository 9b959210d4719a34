//! One batch, one transaction: log rows, usage, and what the calls cost their budgets.

use std::{ops::Range, sync::Arc};

use tidegate_types::NodeId;

use super::{
    frame::{self, Entry, Found},
    queue::Charges,
};
use crate::{
    StoreError,
    engine::Engine,
    ledger,
    sql::Sql,
    usage::{facets, rollup},
};

/// Bytes of one transaction at most; contents can be long.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Some frames in a row, to be committed together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) range: Range<usize>,
    pub(super) frames: u64,
}

impl Slice {
    /// Its two halves, if it has more than one frame.
    pub(super) fn halves(&self, bytes: &[u8]) -> Option<(Self, Self)> {
        let first = self.frames / 2;
        let mut middle = self.range.start;
        for _ in 0..first {
            let Found::Frame(_, length) = frame::next(&bytes[middle..self.range.end]) else {
                return None;
            };
            middle += length;
        }
        (first > 0).then(|| {
            let left = Self {
                range: self.range.start..middle,
                frames: first,
            };
            (
                left,
                Self {
                    range: middle..self.range.end,
                    frames: self.frames - first,
                },
            )
        })
    }
}

/// Cuts frames into slices of at most `batch`; and where the frames end.
pub(super) fn cut(bytes: &[u8], start: usize, batch: usize) -> (Vec<Slice>, usize) {
    let mut slices: Vec<Slice> = Vec::new();
    let mut at = start;
    while at < bytes.len()
        && let Found::Frame(_, length) = frame::next(&bytes[at..])
    {
        match slices.last_mut() {
            Some(last) if last.frames < batch as u64 && last.range.len() + length <= MAX_BYTES => {
                last.range.end += length;
                last.frames += 1;
            }
            _ => slices.push(Slice {
                range: at..at + length,
                frames: 1,
            }),
        }
        at += length;
    }
    (slices, at)
}

/// Commits a slice.
pub(super) async fn slice(
    engine: &Engine,
    node: NodeId,
    bytes: &Arc<Vec<u8>>,
    slice: &Slice,
) -> Result<(), StoreError> {
    let (bytes, range) = (Arc::clone(bytes), slice.range.clone());
    engine
        .write(move |sql| entries(sql, node, &decode(&bytes[range])?))
        .await
}

/// Commits charges whose log rows were dropped.
pub(super) async fn charges(
    engine: &Engine,
    node: NodeId,
    charges: Charges,
) -> Result<(), StoreError> {
    engine
        .write(move |sql| ledger::settle(sql, node, charges))
        .await
}

pub(super) fn decode(mut bytes: &[u8]) -> Result<Vec<Entry<'_>>, StoreError> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let Found::Frame(body, length) = frame::next(bytes) else {
            return Err(unreadable());
        };
        entries.push(frame::decode(body).ok_or_else(unreadable)?);
        bytes = &bytes[length..];
    }
    Ok(entries)
}

fn unreadable() -> StoreError {
    StoreError::Broken("a journal frame is of another version".into())
}

/// Rows first, budgets last: their locks are then held for the shortest time. Calls that are in
/// the log already (the journal is replayed after a crash between commit and deletion) count for
/// nothing, neither in the usage nor in the ledger.
fn entries(sql: &mut dyn Sql, node: NodeId, batch: &[Entry<'_>]) -> Result<(), StoreError> {
    let new = sql.insert_requests(batch)?;
    let added = || {
        batch
            .iter()
            .zip(&new)
            .filter(|(_, new)| **new)
            .map(|(entry, _)| entry)
    };
    rollup::add(sql, added())?;
    facets::add(sql, added())?;
    let mut charges = Charges::new();
    for charge in added().flat_map(|entry| &entry.charges) {
        let sum = charges
            .entry((charge.budget, charge.window_start))
            .or_default();
        *sum = sum.saturating_add(charge.amount.micros());
    }
    ledger::settle(sql, node, charges)
}
