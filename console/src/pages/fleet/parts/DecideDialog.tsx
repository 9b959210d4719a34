/** A decision with everything it can say: about one thing or many, for whom, and what people are told. */
import { useState } from 'react';
import { useGet } from '@/api/query';
import { plural } from '@/format/format';
import { Button, Combobox, Dialog, Field, Form, Select, StatusDot, TextArea } from '@/ui';
import type { Target } from './plan';
import { useTeams } from './useChoices';
import { useDecide } from './useDecide';
import { DECIDE, type Decision, KIND, identityParts, itemFilter, middle } from './words';
import styles from './fleet.module.css';

type Whom = 'device' | 'fleet' | 'team';
type Binding = 'identity' | 'arguments' | 'launch';

interface Props {
  targets: readonly Target[];
  decision: Decision;
  device?: { id: string; hostname: string };
  note?: string | null;
  /** Where a single way to start a server was chosen. */
  launch?: { arguments: string; launch: string };
  /** Devices that have the targets, where the page knows. */
  devices?: number;
  onClose: () => void;
  onDone?: () => void;
}

const CHOICES: readonly Decision[] = ['approved', 'pending', 'denied'];

const BINDINGS: readonly { value: Binding; label: string }[] = [
  { value: 'identity', label: 'This server, however it is started' },
  { value: 'arguments', label: 'Only with these arguments' },
  { value: 'launch', label: 'Only this exact launch' },
];

export function DecideDialog(props: Props) {
  const { device, launch, onClose, onDone } = props;
  const [decision, setDecision] = useState(props.decision);
  const [whom, setWhom] = useState<Whom>(device ? 'device' : 'fleet');
  const [team, setTeam] = useState<string | null>(null);
  const [note, setNote] = useState(props.note ?? '');
  const [binding, setBinding] = useState<Binding>(launch ? 'arguments' : 'identity');
  const teams = useTeams();
  const decide = useDecide(() => {
    onDone?.();
    onClose();
  });
  const targets = props.targets.map((target) =>
    launch && binding !== 'identity' ? { ...target, [binding]: launch[binding] } : target,
  );
  const [only] = targets;
  const what =
    targets.length === 1 && only
      ? middle(identityParts(only.item).name, 48)
      : plural(targets.length, 'item');
  const audience =
    whom === 'device' && device
      ? `device:${device.id}`
      : whom === 'team'
        ? `team:${team}`
        : 'fleet';
  const ready = whom !== 'team' || team !== null;
  const save = () => {
    const name = whom === 'device' ? device?.hostname : (teams.name(team) ?? undefined);
    decide.act({ targets, decision, audience, note: note.trim() || null, whom: name });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Decide about ${what}`}
      about={only && targets.length === 1 ? KIND[only.kind] : undefined}
      width={480}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look={decision === 'denied' ? 'dangerFill' : 'primary'}
            type="submit"
            form="decide"
            disabled={!ready}
            pending={decide.pending}
          >
            {DECIDE[decision]}
          </Button>
        </>
      }
    >
      <Form id="decide" onSubmit={save} problem={decide.problem} shown={['/note']}>
        <fieldset className={styles.fieldset}>
          <legend>Decision</legend>
          <div className={styles.segments}>
            {CHOICES.map((choice) => (
              <label key={choice}>
                <input
                  type="radio"
                  name="decision"
                  checked={choice === decision}
                  onChange={() => setDecision(choice)}
                />
                <StatusDot of={choice} />
              </label>
            ))}
          </div>
        </fieldset>
        <Field
          label="For whom"
          hint="The tightest decision holds: device before team before fleet."
        >
          <Select<Whom>
            value={whom}
            onChange={setWhom}
            options={[
              ...(device ? [{ value: 'device' as const, label: `Only ${device.hostname}` }] : []),
              { value: 'fleet', label: 'The whole fleet' },
              { value: 'team', label: 'A team' },
            ]}
          />
        </Field>
        {whom === 'team' && (
          <Field label="Team">
            <Combobox label="Team" choices={teams.choices} value={team} onChange={setTeam} />
          </Field>
        )}
        {launch && (
          <Field
            label="What it is bound to"
            hint="Bound more tightly, a changed start asks for a new decision."
          >
            <Select<Binding> value={binding} onChange={setBinding} options={BINDINGS} />
          </Field>
        )}
        <Field
          label="Note"
          hint="People at the machines read this; empty for none."
          error={decide.problem?.field('/note')}
        >
          <TextArea
            rows={2}
            maxLength={500}
            value={note}
            placeholder={
              decision === 'denied' ? 'Not reviewed yet. Ask it@example.com.' : undefined
            }
            onChange={(event) => setNote(event.target.value)}
          />
        </Field>
        {ready && <Reach targets={targets} whom={whom} team={team} known={props.devices} />}
      </Form>
    </Dialog>
  );
}

interface ReachProps {
  targets: readonly Target[];
  whom: Whom;
  team: string | null;
  known?: number;
}

/** How many devices a decision touches; of several things an upper bound, as devices may have more than
 * one of them. */
function Reach({ targets, whom, team, known }: ReachProps) {
  const [only] = targets;
  const single = only && targets.length === 1;
  const query = {
    ...(single ? itemFilter(only.kind, only.item) : {}),
    ...(whom === 'team' && team ? { team } : {}),
  };
  const counts = useGet(
    '/api/v1/devices/facets',
    { params: { query } },
    { enabled: whom !== 'device' },
  );
  const total = counts.data?.total;
  const devices =
    whom === 'device' || total === undefined ? 1 : single ? total : Math.min(total, known ?? total);
  const bound = !single || only.arguments || only.launch;
  return (
    <p className={styles.reach} role="status">
      {whom !== 'device' && total === undefined
        ? 'Counting devices…'
        : `It reaches ${bound && whom !== 'device' ? 'up to ' : ''}${plural(devices, 'device')} at the next check-in.`}
    </p>
  );
}
