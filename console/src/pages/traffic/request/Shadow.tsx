/** A call and its copy for a shadow target, one beside the other. */
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { count, micros } from '@/format/format';
import { KeyValue, Money } from '@/ui';
import { type Call, tokensOf } from './columns';

const pair = (one: ReactNode, other: ReactNode) => (
  <>
    {one} <span className="muted">beside</span> {other}
  </>
);

const tokens = (call: Call) => {
  const { prompt, answer } = tokensOf(call);
  return `${count(prompt)} + ${count(answer)}`;
};

const first = ({ ttft_us }: Call) => (ttft_us == null ? '–' : micros(ttft_us));

/** Who answered what, how soon, for how much: the call's own first. */
export function Shadow({ call, copy }: { call: Call; copy: Call }) {
  const place = ({ provider, model }: Call) => [provider, model].filter(Boolean).join('/');
  return (
    <KeyValue
      rows={[
        ['Where', pair(place(call), <Link to={`/requests/${copy.id}`}>{place(copy)}</Link>)],
        ['Status', pair(call.status, copy.code ? `${copy.status} (${copy.code})` : copy.status)],
        ['First byte', pair(first(call), first(copy))],
        ['Took', pair(micros(call.duration_us), micros(copy.duration_us))],
        ['Tokens', pair(tokens(call), tokens(copy))],
        [
          'Cost',
          pair(
            <Money key="call" micro={call.cost_micro_usd} />,
            <Money key="copy" micro={copy.cost_micro_usd} />,
          ),
        ],
      ]}
    />
  );
}
