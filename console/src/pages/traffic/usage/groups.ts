/** The points of a usage report as one row of values for each group, with every bucket filled. */
import type { Schema } from '@/api/client';

type Amount = Schema<'UsageAmount'>;

export const MEASURES = {
  cost: ({ cost_micro_usd }: Amount) => cost_micro_usd,
  requests: ({ requests }: Amount) => requests,
  tokens: (sum: Amount) =>
    sum.input_tokens +
    sum.cached_tokens +
    sum.cache_write_tokens +
    sum.output_tokens +
    sum.audio_tokens +
    sum.image_tokens,
  errors: ({ errors }: Amount) => errors,
} as const;

export interface Group {
  /** Empty for calls that have none. */
  id: string;
  sum: Amount;
  /** One for each of the times. */
  values: number[];
}

const HOUR = 3_600_000;

interface Range {
  from: string;
  to: string;
  bucket: 'hour' | 'day';
}

/** The last so many days, hour by hour for up to two. Whole buckets, the present one included (UTC). */
export function rangeOf(now: Date, days: number): Range {
  const bucket = days <= 2 ? 'hour' : 'day';
  const width = bucket === 'hour' ? HOUR : 24 * HOUR;
  const to = (Math.floor(now.getTime() / width) + 1) * width;
  const from = to - days * 24 * HOUR;
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), bucket };
}

/** Groups, those with the most first. */
export function groupsOf(
  report: Schema<'UsageReport'>,
  range: Range,
  value: (amount: Amount) => number,
): { times: string[]; groups: Group[] } {
  const width = range.bucket === 'hour' ? HOUR : 24 * HOUR;
  const from = new Date(range.from).getTime();
  const many = Math.round((new Date(range.to).getTime() - from) / width);
  const times = Array.from({ length: many }, (_, at) => new Date(from + at * width).toISOString());
  const groups = new Map<string, Group>();
  for (const { start, group, usage } of report.points) {
    const id = group ?? '';
    const found = groups.get(id);
    const into = found ?? { id, sum: { ...usage }, values: times.map(() => 0) };
    if (found) add(found.sum, usage);
    else groups.set(id, into);
    const at = Math.floor((new Date(start).getTime() - from) / width);
    if (at >= 0 && at < many) into.values[at] = (into.values[at] ?? 0) + value(usage);
  }
  const sorted = [...groups.values()].sort((a, b) => value(b.sum) - value(a.sum));
  return { times, groups: sorted };
}

function add(to: Amount, more: Amount): void {
  for (const name of Object.keys(to) as (keyof Amount)[]) to[name] += more[name];
}
