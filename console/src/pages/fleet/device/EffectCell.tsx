/** What came of a decision about one thing on a device. */
import { StatusDot } from '@/ui';
import { type Decision, meansWords } from '../parts/words';
import type { Effect } from './effectOf';

export function EffectCell({ effect, decision }: { effect?: Effect; decision: Decision }) {
  // What was reported about the decision before says nothing about this one.
  const current = effect?.decision === decision ? effect : undefined;
  if (!current) {
    if (decision !== 'denied') {
      return (
        <span className="muted" title="Nothing has to be enforced.">
          –
        </span>
      );
    }
    return <StatusDot of="unreported">Waits for device</StatusDot>;
  }
  const by = current.means.length > 0 ? `By ${meansWords(current.means)}.` : '';
  return (
    <span title={[by, current.detail].filter(Boolean).join(' ')}>
      <StatusDot of={current.state} />
    </span>
  );
}
