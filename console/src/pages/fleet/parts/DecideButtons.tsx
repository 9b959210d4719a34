/** The decisions that are not the present one, for the fleet, at once and with Undo. */
import { Check, Clock, X } from 'lucide-react';
import { Button } from '@/ui';
import type { Target } from './plan';
import { useDecide } from './useDecide';
import { DECIDE, type Decision } from './words';

const ALL: readonly Decision[] = ['pending', 'denied', 'approved'];
const ICON = { approved: Check, pending: Clock, denied: X } as const;

export function DecideButtons({ target, decision }: { target: Target; decision: Decision }) {
  const decide = useDecide();
  return ALL.filter((next) => next !== decision).map((next) => {
    const Icon = ICON[next];
    return (
      <Button
        key={next}
        look={next === 'denied' ? 'danger' : next === 'approved' ? 'primary' : 'default'}
        pending={decide.pending}
        onClick={() => decide.act({ targets: [target], decision: next, audience: 'fleet' })}
      >
        <Icon size={14} aria-hidden /> {DECIDE[next]}
      </Button>
    );
  });
}
