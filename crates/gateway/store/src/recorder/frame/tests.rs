//! Frames come back as they went in, and bytes that are no frame are told apart.

use proptest::{option, prelude::*};
use tidegate_governance::record::{Content, RequestRow};
use tidegate_types::{KeyId, TeamId, UserId};

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
        };
        Record { row, charges: charges.into_iter().collect() }
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
