//! A finished call as bytes: what the journal holds, and what waits in memory for the database.
//!
//! A frame is its body's length and CRC-32, four bytes each, little-endian, and the body. Numbers
//! in the body are LEB128, times and money zigzag before that; ids are their 16 bytes, texts and
//! bodies are their length and bytes; one flag word says which optional fields follow.

use smallvec::SmallVec;
use tidegate_governance::{
    guardrail::Applied,
    ledger::Charge,
    record::{Attempt, CacheUse, CostBasis, Outcome, Record},
};
use tidegate_types::{BudgetId, MicroUsd, RequestId, ServiceTier, Timestamp, Usage, UsageSource};
use uuid::Uuid;

use crate::codes::{Code, cache_columns, cache_of};

use super::wire::{Reader, Writer};

/// Bytes before the body.
pub(crate) const HEADER: usize = 8;

/// The longest body that is read back: two contents at their bound, and room.
pub(crate) const MAX_BODY: usize = 2 * MAX_CONTENT + 128 * 1024;

/// Prompts and answers are cut here, each, whatever bound the caller has.
const MAX_CONTENT: usize = 4 * 1024 * 1024;

/// The most entries about guardrails that a log row keeps; each has a few short names.
const MAX_APPLIED: usize = 64;

/// The most attempts that a log row keeps.
const MAX_ATTEMPTS: usize = 32;

/// The fewest bytes of a charge: no count of charges is believed that would not fit the body.
const SHORTEST_CHARGE: usize = 18;

/// A finished call, read from its frame: texts and contents lie in the frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry<'a> {
    pub(crate) id: RequestId,
    pub(crate) started_at: Timestamp,
    pub(crate) duration_us: u64,
    pub(crate) overhead_us: u64,
    pub(crate) ttft_us: Option<u64>,
    pub(crate) key: Option<Uuid>,
    pub(crate) team: Option<Uuid>,
    pub(crate) user: Option<Uuid>,
    pub(crate) operation: &'a str,
    pub(crate) provider: Option<&'a str>,
    pub(crate) model: Option<&'a str>,
    pub(crate) status: u16,
    pub(crate) code: Option<&'a str>,
    pub(crate) outcome: Outcome,
    pub(crate) streamed: bool,
    pub(crate) usage: Usage,
    pub(crate) cost: MicroUsd,
    pub(crate) cost_basis: CostBasis,
    pub(crate) request_bytes: u64,
    pub(crate) response_bytes: u64,
    pub(crate) trace_id: Option<[u8; 16]>,
    pub(crate) content: Option<(&'a [u8], &'a [u8])>,
    pub(crate) edge: Option<Edge<'a>>,
    /// What guardrails did, as JSON.
    pub(crate) guardrails: Option<&'a str>,
    pub(crate) cache: Option<CacheUse>,
    /// Where it was tried, as JSON.
    pub(crate) attempts: Option<&'a str>,
    pub(crate) shadow_of: Option<Uuid>,
    pub(crate) charges: SmallVec<[Charge; 4]>,
}

/// Where a relayed call came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edge<'a> {
    pub(crate) device: Uuid,
    pub(crate) app: &'a str,
    pub(crate) os_user: &'a str,
    pub(crate) process: &'a str,
    pub(crate) host: &'a str,
}

impl Entry<'_> {
    /// Whether the rollup counts it as an error.
    pub(crate) fn is_error(&self) -> bool {
        self.status >= 400 || self.outcome == Outcome::UpstreamBroken
    }
}

mod flag {
    pub(super) const TTFT: u64 = 1;
    pub(super) const KEY: u64 = 1 << 1;
    pub(super) const TEAM: u64 = 1 << 2;
    pub(super) const USER: u64 = 1 << 3;
    pub(super) const PROVIDER: u64 = 1 << 4;
    pub(super) const MODEL: u64 = 1 << 5;
    pub(super) const CODE: u64 = 1 << 6;
    pub(super) const STREAMED: u64 = 1 << 7;
    pub(super) const TRACE: u64 = 1 << 8;
    pub(super) const CONTENT: u64 = 1 << 9;
    /// Since schema 5; a frame without it is as it was before.
    pub(super) const EDGE: u64 = 1 << 10;
    /// Since schema 16.
    pub(super) const GUARDRAILS: u64 = 1 << 11;
    /// Since schema 19.
    pub(super) const CACHE: u64 = 1 << 13;
    /// Since schema 18.
    pub(super) const ATTEMPTS: u64 = 1 << 12;
    /// Since schema 20.
    pub(super) const SHADOW: u64 = 1 << 14;
}

fn flags(record: &Record) -> u64 {
    let row = &record.row;
    let mut flags = 0;
    for (present, bit) in [
        (row.ttft_us.is_some(), flag::TTFT),
        (row.key.is_some(), flag::KEY),
        (row.team.is_some(), flag::TEAM),
        (row.user.is_some(), flag::USER),
        (row.provider.is_some(), flag::PROVIDER),
        (row.model.is_some(), flag::MODEL),
        (row.code.is_some(), flag::CODE),
        (row.streamed, flag::STREAMED),
        (row.trace_id.is_some(), flag::TRACE),
        (row.content.is_some(), flag::CONTENT),
        (row.edge.is_some(), flag::EDGE),
        (!row.guardrails.is_empty(), flag::GUARDRAILS),
        (row.cache.is_some(), flag::CACHE),
        (!row.attempts.is_empty(), flag::ATTEMPTS),
        (row.shadow_of.is_some(), flag::SHADOW),
    ] {
        if present {
            flags |= bit;
        }
    }
    flags
}

/// Appends the frame of `record` to `out`.
pub(crate) fn encode(record: &Record, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(&[0; HEADER]);
    body(record, &mut Writer(out));
    let length = u32::try_from(out.len() - start - HEADER).unwrap_or(u32::MAX);
    let crc = crc32fast::hash(&out[start + HEADER..]);
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
    out[start + 4..start + 8].copy_from_slice(&crc.to_le_bytes());
}

fn body(record: &Record, out: &mut Writer<'_>) {
    let row = &record.row;
    out.number(flags(record));
    out.uuid(row.id.uuid());
    out.signed(row.started_at.micros());
    out.number(row.duration_us);
    out.number(row.overhead_us);
    row.ttft_us.into_iter().for_each(|ttft| out.number(ttft));
    row.key.into_iter().for_each(|key| out.uuid(key.uuid()));
    row.team.into_iter().for_each(|team| out.uuid(team.uuid()));
    row.user.into_iter().for_each(|user| out.uuid(user.uuid()));
    out.bytes(row.operation.as_bytes());
    row.provider
        .iter()
        .for_each(|name| out.bytes(name.as_str().as_bytes()));
    row.model
        .iter()
        .for_each(|name| out.bytes(name.as_str().as_bytes()));
    row.code
        .into_iter()
        .for_each(|code| out.bytes(code.as_bytes()));
    out.number(row.status.into());
    out.byte(row.outcome.code());
    out.byte(row.cost_basis.code());
    usage(&row.usage, out);
    out.signed(row.cost.micros());
    out.number(row.request_bytes);
    out.number(row.response_bytes);
    row.trace_id.iter().for_each(|id| out.raw(id));
    if let Some(content) = &row.content {
        out.bytes(&content.prompt[..content.prompt.len().min(MAX_CONTENT)]);
        out.bytes(&content.answer[..content.answer.len().min(MAX_CONTENT)]);
    }
    if let Some(edge) = &row.edge {
        out.uuid(edge.device().uuid());
        [edge.app(), edge.os_user(), edge.process(), edge.host()]
            .iter()
            .for_each(|text| out.bytes(text.as_bytes()));
    }
    if !row.guardrails.is_empty() {
        out.bytes(&guardrails(&row.guardrails));
    }
    if !row.attempts.is_empty() {
        out.bytes(&attempts(&row.attempts));
    }
    if let Some((word, saved)) = row.cache.map(cache_columns) {
        out.byte(word);
        out.signed(saved.unwrap_or(0));
    }
    row.shadow_of
        .into_iter()
        .for_each(|call| out.uuid(call.uuid()));
    out.number(record.charges.len() as u64);
    for charge in &record.charges {
        out.uuid(charge.budget.uuid());
        out.signed(charge.window_start.micros());
        out.signed(charge.amount.micros());
    }
}

/// As JSON, which the log keeps as it is. A call has few of them; were there more than are read back, the
/// last ones are left out.
fn guardrails(applied: &[Applied]) -> Vec<u8> {
    let kept = applied.get(..MAX_APPLIED).unwrap_or(applied);
    serde_json::to_vec(kept).unwrap_or_else(|_| b"[]".to_vec())
}

/// The same.
fn attempts(made: &[Attempt]) -> Vec<u8> {
    let kept = made.get(..MAX_ATTEMPTS).unwrap_or(made);
    serde_json::to_vec(kept).unwrap_or_else(|_| b"[]".to_vec())
}

fn usage(usage: &Usage, out: &mut Writer<'_>) {
    for number in [
        usage.input,
        usage.cached,
        usage.cache_write_5m,
        usage.cache_write_1h,
        usage.input_audio,
        usage.output,
        usage.reasoning,
        usage.output_audio,
        usage.output_image,
        usage.web_searches,
    ] {
        out.number(number);
    }
    out.byte(usage.tier.code());
    out.byte(usage.source.code());
}

/// What lies at the start of `bytes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    /// A whole frame: its body, and the length of the frame.
    Frame(&'a [u8], usize),
    /// The start of a frame whose end is missing: the process was killed while it wrote.
    Torn,
    /// Something else: its length is impossible or its sum is wrong.
    Damage,
}

/// Looks at the frame at the start of `bytes`, which are not empty.
pub(crate) fn next(bytes: &[u8]) -> Found<'_> {
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else {
        return Found::Torn;
    };
    let [a, b, c, d, crc @ ..] = *header;
    let length = u32::from_le_bytes([a, b, c, d]) as usize;
    if length == 0 || length > MAX_BODY {
        return Found::Damage;
    }
    let Some(body) = rest.get(..length) else {
        return Found::Torn;
    };
    if crc32fast::hash(body) == u32::from_le_bytes(crc) {
        Found::Frame(body, HEADER + length)
    } else {
        Found::Damage
    }
}

/// Reads a body; nothing when it is not one that [`encode`] wrote.
pub(crate) fn decode(body: &[u8]) -> Option<Entry<'_>> {
    let mut from = Reader(body);
    let flags = from.number()?;
    let has = |bit: u64| flags & bit != 0;
    let entry = Entry {
        id: RequestId::from_uuid(from.uuid()?),
        started_at: Timestamp::from_micros(from.signed()?),
        duration_us: from.number()?,
        overhead_us: from.number()?,
        ttft_us: from.optional(has(flag::TTFT), Reader::number)?,
        key: from.optional(has(flag::KEY), Reader::uuid)?,
        team: from.optional(has(flag::TEAM), Reader::uuid)?,
        user: from.optional(has(flag::USER), Reader::uuid)?,
        operation: from.text()?,
        provider: from.optional(has(flag::PROVIDER), Reader::text)?,
        model: from.optional(has(flag::MODEL), Reader::text)?,
        code: from.optional(has(flag::CODE), Reader::text)?,
        status: u16::try_from(from.number()?).ok()?,
        outcome: Outcome::from_code(from.byte()?.into())?,
        streamed: has(flag::STREAMED),
        cost_basis: CostBasis::from_code(from.byte()?.into())?,
        usage: read_usage(&mut from)?,
        cost: MicroUsd::from_micros(from.signed()?),
        request_bytes: from.number()?,
        response_bytes: from.number()?,
        trace_id: from.optional(has(flag::TRACE), Reader::array)?,
        content: from.optional(has(flag::CONTENT), |from| {
            Some((from.bytes()?, from.bytes()?))
        })?,
        edge: from.optional(has(flag::EDGE), edge)?,
        guardrails: from.optional(has(flag::GUARDRAILS), Reader::text)?,
        attempts: from.optional(has(flag::ATTEMPTS), Reader::text)?,
        cache: from.optional(has(flag::CACHE), |from| {
            let word = from.byte()?;
            cache_of(word.into(), Some(from.signed()?))
        })?,
        shadow_of: from.optional(has(flag::SHADOW), Reader::uuid)?,
        charges: charges(&mut from)?,
    };
    from.0.is_empty().then_some(entry)
}

fn read_usage(from: &mut Reader<'_>) -> Option<Usage> {
    Some(Usage {
        input: from.number()?,
        cached: from.number()?,
        cache_write_5m: from.number()?,
        cache_write_1h: from.number()?,
        input_audio: from.number()?,
        output: from.number()?,
        reasoning: from.number()?,
        output_audio: from.number()?,
        output_image: from.number()?,
        web_searches: from.number()?,
        tier: ServiceTier::from_code(from.byte()?.into())?,
        source: UsageSource::from_code(from.byte()?.into())?,
    })
}

fn edge<'a>(from: &mut Reader<'a>) -> Option<Edge<'a>> {
    Some(Edge {
        device: from.uuid()?,
        app: from.text()?,
        os_user: from.text()?,
        process: from.text()?,
        host: from.text()?,
    })
}

fn charges(from: &mut Reader<'_>) -> Option<SmallVec<[Charge; 4]>> {
    let count = usize::try_from(from.number()?).ok()?;
    if count > from.0.len() / SHORTEST_CHARGE {
        return None;
    }
    let mut charges = SmallVec::with_capacity(count);
    for _ in 0..count {
        charges.push(Charge {
            budget: BudgetId::from_uuid(from.uuid()?),
            window_start: Timestamp::from_micros(from.signed()?),
            amount: MicroUsd::from_micros(from.signed()?),
        });
    }
    Some(charges)
}

#[cfg(test)]
mod tests;
