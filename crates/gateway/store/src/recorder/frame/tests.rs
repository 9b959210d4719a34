//! Frames come back as they went in, and bytes that are no frame are told apart.

use proptest::{option, prelude::*};
use tidegate_governance::{
    guardrail::Phase,
    record::{Content, EdgeRow, RequestRow},
};
use tidegate_types::{DeviceId, KeyId, TeamId, UserId};

use super::*;

prop_compose! {
    fn a_usage()(
        numbers in prop::array::uniform10(any::<u64>()),
        tier in 0..ServiceTier::CODES.len(),
        source in 0..UsageSource::CODES.len(),
    ) -> Usage {
        let [input, cached, cache_write_5m, cache_write_1h, input_audio, output, reasoning,
            output_audio, output_image, web_searches] = numbers;
        Usage {
            input, cached, cache_write_5m, cache_write_1h, input_audio, output, reasoning,
            output_audio, output_image, web_searches,
            tier: ServiceTier::CODES[tier].0,
            source: UsageSource::CODES[source].0,
        }
    }
}

prop_compose! {
    fn a_charge()(budget: u128, start: i64, amount: i64) -> Charge {
        Charge {
            budget: BudgetId::from_uuid(Uuid::from_u128(budget)),
            window_start: Timestamp::from_micros(start),
            amount: MicroUsd::from_micros(amount),
        }
    }
}

prop_compose! {
    fn a_record()(
        (id, started, numbers) in any::<(u128, i64, [u64; 4])>(),
        (ttft, key, team, user) in any::<(Option<u64>, Option<u128>, Option<u128>, Option<u128>)>(),
        provider in option::of("[a-z]{1,9}"),
        model in option::of("[!-~]{1,40}"),
        code in option::of(Just("budget_exceeded")),
        (status, streamed, cost, trace_id) in any::<(u16, bool, i64, Option<[u8; 16]>)>(),
        outcome in 0..Outcome::CODES.len(),
        cost_basis in 0..CostBasis::CODES.len(),
        usage in a_usage(),
        content in option::of((any::<Vec<u8>>(), any::<Vec<u8>>())),
        edge in option::of((any::<u128>(), "[a-z]{0,70}", "\\PC{0,20}", "\\PC{0,20}", "[a-z.]{0,30}")),
        charges in prop::collection::vec(a_charge(), 0..6),
    ) -> Record {
        let uuid = Uuid::from_u128;
        let row = RequestRow {
            id: RequestId::from_uuid(uuid(id)),
            started_at: Timestamp::from_micros(started),
            duration_us: numbers[0],
            overhead_us: numbers[1],
            ttft_us: ttft,
            key: key.map(|key| KeyId::from_uuid(uuid(key))),
            team: team.map(|team| TeamId::from_uuid(uuid(team))),
            user: user.map(|user| UserId::from_uuid(uuid(user))),
            operation: "chat.completions",
            provider: provider.map(|name| name.parse().unwrap()),
            model: model.map(|name| name.parse().unwrap()),
            status,
            code,
            outcome: Outcome::CODES[outcome].0,
            streamed,
            usage,
            cost: MicroUsd::from_micros(cost),
            cost_basis: CostBasis::CODES[cost_basis].0,
            request_bytes: numbers[2],
            response_bytes: numbers[3],
            trace_id,
            content: content.map(|(prompt, answer)| Box::new(Content { prompt, answer })),
            edge: edge.map(|(device, app, os_user, process, host)| {
                let device = DeviceId::from_uuid(uuid(device));
                Box::new(EdgeRow::new(device, &app, &os_user, &process, &host))
            }),
            guardrails: vec![Applied {
                guardrail: "keys".into(),
                detector: "github-pat".into(),
                phase: Phase::Answer,
                action: "redact".into(),
                shadow: streamed,
                count: 3,
                places: Vec::new(),
                error: None,
                micros: numbers[3],
            }; usize::from(streamed)],
            cache: match status % 4 {
                0 => Some(CacheUse::Hit(MicroUsd::from_micros(cost))),
                1 => Some(CacheUse::Semantic(MicroUsd::from_micros(cost))),
                2 => Some(CacheUse::Miss),
                _ => None,
            },
            attempts: vec![Attempt {
                provider: "openai".parse().unwrap(),
                model: None,
                key: Some("eu".into()),
                status,
                failure: streamed.then(|| "status".into()),
                began_us: numbers[2],
                took_us: numbers[3],
            }; usize::from(status % 3)],
            shadow_of: key.map(|id| RequestId::from_uuid(uuid(id))),
        };
        Record { row, charges: charges.into_iter().collect() }
    }
}

fn edge_of(row: &EdgeRow) -> Edge<'_> {
    Edge {
        device: row.device().uuid(),
        app: row.app(),
        os_user: row.os_user(),
        process: row.process(),
        host: row.host(),
    }
}

fn same(entry: &Entry<'_>, record: &Record) -> bool {
    let row = &record.row;
    let content = row
        .content
        .as_ref()
        .map(|c| (c.prompt.as_slice(), c.answer.as_slice()));
    (entry.id, entry.started_at, entry.status) == (row.id, row.started_at, row.status)
        && [entry.duration_us, entry.overhead_us] == [row.duration_us, row.overhead_us]
        && [entry.request_bytes, entry.response_bytes] == [row.request_bytes, row.response_bytes]
        && entry.ttft_us == row.ttft_us
        && entry.key == row.key.map(KeyId::uuid)
        && entry.team == row.team.map(TeamId::uuid)
        && entry.user == row.user.map(UserId::uuid)
        && entry.operation == row.operation
        && entry.provider == row.provider.as_ref().map(|name| name.as_str())
        && entry.model == row.model.as_ref().map(|name| name.as_str())
        && (entry.code, entry.outcome, entry.streamed) == (row.code, row.outcome, row.streamed)
        && (entry.usage, entry.cost, entry.cost_basis) == (row.usage, row.cost, row.cost_basis)
        && (entry.trace_id, entry.content) == (row.trace_id, content)
        && entry.edge == row.edge.as_ref().map(|edge| edge_of(edge))
        && entry.guardrails.map(str::to_owned)
            == (!row.guardrails.is_empty()).then(|| serde_json::to_string(&row.guardrails).unwrap())
        && entry.cache == row.cache
        && entry.attempts.map(str::to_owned)
            == (!row.attempts.is_empty()).then(|| serde_json::to_string(&row.attempts).unwrap())
        && entry.shadow_of == row.shadow_of.map(RequestId::uuid)
        && entry.charges == record.charges
}

proptest! {
    #[test]
    fn a_frame_comes_back_as_it_went_in(record in a_record(), before: Vec<u8>) {
        let mut bytes = before.clone();
        encode(&record, &mut bytes);
        let Found::Frame(body, length) = next(&bytes[before.len()..]) else {
            return Err(TestCaseError::fail("no frame"));
        };
        prop_assert_eq!(before.len() + length, bytes.len());
        prop_assert!(same(&decode(body).unwrap(), &record));
    }

    #[test]
    fn every_cut_is_torn_and_every_flipped_bit_is_seen(record in a_record(), at: prop::sample::Index, bit in 0..8_u32) {
        let mut bytes = Vec::new();
        encode(&record, &mut bytes);
        let cut = 1 + at.index(bytes.len() - 1);
        prop_assert_eq!(next(&bytes[..cut]), Found::Torn);
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        prop_assert!(!matches!(next(&bytes), Found::Frame(..)));
    }

    #[test]
    fn any_bytes_are_read_without_harm(bytes: Vec<u8>) {
        if let Some(entry) = decode(&bytes) {
            prop_assert!(entry.charges.len() <= bytes.len());
        }
        next(&bytes);
    }
}

/// A frame as it was written before there were devices, by hand.
const BEFORE_DEVICES: &str = concat!(
    "9200000019b94402b307000102030405060708090a0b0c0d0e0f80c0a7acf092ac06dc0b11840711",
    "111111111111111111111111111111086d6573736167657309616e7468726f70696308636c617564",
    "652d78c801000078000000001e000000000000ee41f4038407ababababababababababababababab",
    "ab027b7d026869012222222222222222222222222222222280c0a7acf092ac06ee41"
);

#[test]
fn a_journal_of_the_version_before_is_read() {
    let digits = BEFORE_DEVICES.as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    let bytes: Vec<u8> = digits.chunks(2).map(byte).collect();
    let Found::Frame(body, length) = next(&bytes) else {
        panic!("no frame");
    };
    assert_eq!(length, bytes.len());
    let entry = decode(body).unwrap();
    assert_eq!(
        (entry.operation, entry.provider),
        ("messages", Some("anthropic"))
    );
    assert_eq!((entry.model, entry.status), (Some("claude-x"), 200));
    assert_eq!((entry.usage.input, entry.usage.output), (120, 30));
    assert_eq!(entry.content, Some((&b"{}"[..], &b"hi"[..])));
    assert_eq!((entry.edge, entry.guardrails), (None, None));
    assert_eq!(entry.charges[0].amount, MicroUsd::from_micros(4_215));
}
