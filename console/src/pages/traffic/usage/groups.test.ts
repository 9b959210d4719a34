import { describe, expect, it } from 'vitest';
import { MEASURES, groupsOf, rangeOf } from './groups';

const amount = (requests: number, cost_micro_usd: number) => ({
  audio_tokens: 0,
  cache_write_tokens: 0,
  cached_tokens: 1,
  cost_micro_usd,
  errors: 0,
  image_tokens: 0,
  input_tokens: 10,
  output_tokens: 5,
  reasoning_tokens: 2,
  requests,
});

describe('rangeOf', () => {
  it('ends with the present bucket', () => {
    const now = new Date('2026-11-26T12:34:56Z');
    expect(rangeOf(now, 1)).toEqual({
      from: '2026-11-25T13:00:00.000Z',
      to: '2026-11-26T13:00:00.000Z',
      bucket: 'hour',
    });
    expect(rangeOf(now, 7)).toEqual({
      from: '2026-11-20T00:00:00.000Z',
      to: '2026-11-27T00:00:00.000Z',
      bucket: 'day',
    });
  });
});

describe('groupsOf', () => {
  const range = rangeOf(new Date('2026-11-26T12:00:00Z'), 7);
  const report = {
    total: amount(4, 10),
    points: [
      { start: '2026-11-20T00:00:00Z', group: 'small', usage: amount(1, 1) },
      { start: '2026-11-20T00:00:00Z', group: 'large', usage: amount(1, 4) },
      { start: '2026-11-26T00:00:00Z', group: 'large', usage: amount(1, 5) },
      { start: '2026-11-26T00:00:00Z', group: null, usage: amount(1, 0) },
    ],
  };
  it('fills the buckets that had no call, and puts the largest group first', () => {
    const { times, groups } = groupsOf(report, range, MEASURES.cost);
    expect(times).toHaveLength(7);
    expect(groups.map(({ id, values }) => [id, values])).toEqual([
      ['large', [4, 0, 0, 0, 0, 0, 5]],
      ['small', [1, 0, 0, 0, 0, 0, 0]],
      ['', [0, 0, 0, 0, 0, 0, 0]],
    ]);
    expect(groups[0]?.sum).toEqual({
      ...amount(2, 9),
      cached_tokens: 2,
      input_tokens: 20,
      output_tokens: 10,
      reasoning_tokens: 4,
    });
    expect(report.points[1]?.usage.requests).toBe(1);
  });
  it('counts reasoning once, as a part of the answer', () => {
    expect(MEASURES.tokens(amount(1, 1))).toBe(16);
  });
});
