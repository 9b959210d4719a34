/** A decision that can be changed where it is shown: the usual ones at once and with Undo, the rest
 * (team, note, tools) in a dialog. */
import { useState } from 'react';
import { useMay } from '@/api/session';
import { Menu, MenuItem, MenuLabel, MenuLine, StatusDot } from '@/ui';
import { DecideDialog } from './DecideDialog';
import type { Target } from './plan';
import { useDecide } from './useDecide';
import { DECIDE, type Decision } from './words';
import styles from './fleet.module.css';

interface Props {
  target: Target;
  decision: Decision;
  /** Offers decisions for this device before those for the fleet. */
  device?: { id: string; hostname: string };
  /** For those who listen: what is decided about. */
  label: string;
}

const ALL: readonly Decision[] = ['approved', 'pending', 'denied'];

/** As the icons are, which are components of three others each: a list has one in every row. */
const DOWN = (
  <svg width="13" height="13" viewBox="0 0 24 24" aria-hidden>
    <path
      d="m6 9 6 6 6-6"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  </svg>
);

export function DecisionMenu({ target, decision, device, label }: Props) {
  const may = useMay('decide');
  const [asking, setAsking] = useState(false);
  const decide = useDecide();
  if (!may) return <StatusDot of={decision} />;
  const item = (next: Decision, audience: string, whom?: string) => (
    <MenuItem
      key={`${audience}${next}`}
      danger={next === 'denied'}
      checked={audience.startsWith('device') || !device ? next === decision : undefined}
      onSelect={() => decide.act({ targets: [target], decision: next, audience, whom })}
    >
      {DECIDE[next]}
    </MenuItem>
  );
  return (
    <>
      <Menu
        align="start"
        trigger={
          <button
            type="button"
            className={styles.trigger}
            aria-label={`Decision about ${label}: ${decision}. Change`}
            aria-busy={decide.pending || undefined}
          >
            <StatusDot of={decision} />
            {DOWN}
          </button>
        }
      >
        {device && <MenuLabel>On this device</MenuLabel>}
        {device && ALL.map((next) => item(next, `device:${device.id}`, device.hostname))}
        {device && <MenuLine />}
        <MenuLabel>For the whole fleet</MenuLabel>
        {ALL.map((next) => item(next, 'fleet'))}
        <MenuLine />
        <MenuItem onSelect={() => window.setTimeout(() => setAsking(true))}>
          For a team, or with a note…
        </MenuItem>
      </Menu>
      {asking && (
        <DecideDialog
          targets={[target]}
          decision={decision === 'pending' ? 'denied' : decision}
          device={device}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
