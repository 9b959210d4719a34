/** Limits in words. */
import type { Schema } from '@/api/client';
import { short } from '@/format/format';

type Rates = Pick<Schema<'Limit'>, 'requests_per_minute' | 'tokens_per_minute' | 'concurrency'>;

/** `600 req/min, 400k tok/min, 40 at once`, without what is not limited. */
export function limitWords({ requests_per_minute, tokens_per_minute, concurrency }: Rates): string {
  return [
    requests_per_minute != null && `${short(requests_per_minute)} req/min`,
    tokens_per_minute != null && `${short(tokens_per_minute)} tok/min`,
    concurrency != null && `${short(concurrency)} at once`,
  ]
    .filter(Boolean)
    .join(', ');
}
