/** What guardrails did on a call, each with its rule and where. What they found is kept nowhere. */
import { count } from '@/format/format';
import { Badge, KeyValue } from '@/ui';
import { type Applied, appliedWords } from '../../guardrails/words';

export function Guarded({ applied }: { applied: readonly Applied[] }) {
  return (
    <KeyValue
      rows={applied.map((done) => [
        done.guardrail,
        <span key={`${done.guardrail} ${done.phase} ${done.detector} ${done.action}`}>
          {appliedWords(done)} <Badge>{done.phase === 'prompt' ? 'Prompt' : 'Answer'}</Badge>{' '}
          <span className="secondary">
            {done.places.join(', ').replaceAll('_', ' ')} · {count(done.micros)} µs
          </span>
        </span>,
      ])}
    />
  );
}
