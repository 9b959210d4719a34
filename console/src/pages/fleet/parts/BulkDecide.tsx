/** A decision about all rows that are selected: at once with Undo, or with a note. */
import { Check, Clock, X } from 'lucide-react';
import { useState } from 'react';
import { plural } from '@/format/format';
import { Button } from '@/ui';
import { DecideDialog } from './DecideDialog';
import type { Target } from './plan';
import { useDecide } from './useDecide';
import { DECIDE, type Decision } from './words';

interface Props {
  targets: readonly Target[];
  /** How many devices have one of them at most: the sum over all. */
  devices: number;
  clear: () => void;
}

/** The API takes so many at once. */
const MOST = 200;

const ICON = { approved: Check, pending: Clock, denied: X } as const;
const ALL: readonly Decision[] = ['approved', 'pending', 'denied'];

export function BulkDecide({ targets, devices, clear }: Props) {
  const [asking, setAsking] = useState(false);
  const decide = useDecide(clear);
  const many = targets.length > MOST;
  return (
    <>
      {ALL.map((decision) => {
        const Icon = ICON[decision];
        return (
          <Button
            key={decision}
            small
            look={decision === 'denied' ? 'danger' : 'default'}
            pending={decide.pending}
            disabled={many}
            title={
              many
                ? `${MOST} at once at most`
                : `For the whole fleet: they are on up to ${plural(devices, 'device')}`
            }
            onClick={() => decide.act({ targets, decision, audience: 'fleet' })}
          >
            <Icon size={13} aria-hidden /> {DECIDE[decision]}
          </Button>
        );
      })}
      <Button small disabled={many} onClick={() => setAsking(true)}>
        With a note…
      </Button>
      {asking && (
        <DecideDialog
          targets={targets}
          decision="denied"
          devices={devices}
          onClose={() => setAsking(false)}
          onDone={clear}
        />
      )}
    </>
  );
}
