/** What a call used and what that cost. */
import { Link } from 'react-router';
import type { Schema } from '@/api/client';
import { count } from '@/format/format';
import { Badge, KeyValue, Money } from '@/ui';
import { type Call, tokensOf } from './columns';
import styles from './request.module.css';

const KINDS: Record<string, string> = {
  input: 'Prompt',
  cached: 'Prompt, from a cache',
  cache_write_5m: 'Prompt, written to a five-minute cache',
  cache_write_1h: 'Prompt, written to a one-hour cache',
  input_audio: 'Prompt, audio',
  output: 'Answer',
  output_audio: 'Answer, audio',
  output_image: 'Answer, images',
  web_searches: 'Web searches',
};

const SOURCES: Record<string, string> = {
  reported: 'Reported by the provider',
  partial: 'Reported in part, the rest estimated by the gateway',
  estimated: 'Estimated by the gateway: the provider reported none',
};

export function Cost({
  call,
  breakdown,
}: {
  call: Call;
  breakdown: Schema<'CostBreakdown'> | null;
}) {
  const { usage, cost_basis, cost_micro_usd } = call;
  const { prompt, answer } = tokensOf(call);
  return (
    <>
      <KeyValue
        rows={[
          ['Cost', <Price key="cost" basis={cost_basis} micro={cost_micro_usd} />],
          [
            'Saved by the cache',
            call.saved_micro_usd == null ? null : (
              <Money key="saved" micro={call.saved_micro_usd} />
            ),
          ],
          ['Prompt tokens', count(prompt)],
          ['Answer tokens', count(answer)],
          ['Of them reasoning', usage.reasoning > 0 ? count(usage.reasoning) : null],
          ['Tier', usage.tier],
          ['Usage', SOURCES[usage.source] ?? usage.source],
        ]}
      />
      {breakdown && (
        <table className={styles.parts}>
          <caption className="sr-only">Cost by kind of token</caption>
          <thead>
            <tr>
              <th scope="col">Kind</th>
              <th scope="col">Tokens</th>
              <th scope="col">Cost</th>
            </tr>
          </thead>
          <tbody>
            {breakdown.parts.map(({ kind, tokens, cost_micro_usd }) => (
              <tr key={kind}>
                <td>{KINDS[kind] ?? kind}</td>
                <td>{count(tokens)}</td>
                <td>
                  <Money micro={cost_micro_usd} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {breakdown && !breakdown.matches && (
        <p className="small secondary">
          At today’s prices it would cost <Money micro={breakdown.cost_micro_usd} />: the price has
          changed since.
        </p>
      )}
    </>
  );
}

function Price({ basis, micro }: { basis: string; micro: number }) {
  if (basis !== 'unpriced') return <Money micro={micro} />;
  return (
    <span className="row">
      <Badge tone="warn">Unpriced</Badge>
      <span className="secondary">
        No price is known for this model; <Link to="/settings?tab=prices">set one</Link>.
      </span>
    </span>
  );
}
