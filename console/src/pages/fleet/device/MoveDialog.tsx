/** Moving devices into a group, or out of any. */
import { useState } from 'react';
import { Link } from 'react-router';
import { useAct } from '@/api/act';
import { call, http } from '@/api/client';
import { plural } from '@/format/format';
import { Button, Dialog, Form } from '@/ui';
import { GroupField } from '../parts/GroupField';
import { useDeviceGroups } from '../parts/useChoices';

/** What the gateway takes at once. */
const MOST = 200;

interface Props {
  devices: readonly string[];
  /** Where it is now, when it is one. */
  from?: string | null;
  onClose: () => void;
  onMoved?: () => void;
}

export function MoveDialog({ devices, from = null, onClose, onMoved }: Props) {
  const [group, setGroup] = useState<string | null>(from);
  const groups = useDeviceGroups();
  const name = groups.find(({ value }) => value === group)?.label ?? group;
  const move = useAct({
    run: async () => {
      let moved = 0;
      for (let at = 0; at < devices.length; at += MOST) {
        const body = { devices: devices.slice(at, at + MOST), group };
        moved += (await call(http.POST('/api/v1/devices/move', { body }))).moved;
      }
      return moved;
    },
    done: (moved) =>
      moved === 0
        ? 'All of them were there already'
        : group
          ? `${plural(moved, 'device')} moved to ${name}`
          : `${plural(moved, 'device')} taken out of any group`,
    topics: ['devices', 'device_groups', 'audit'],
    form: true,
    then: () => {
      onClose();
      onMoved?.();
    },
  });
  const { problem } = move;
  return (
    <Dialog
      open
      onClose={onClose}
      title={devices.length === 1 ? 'Move to group' : `Move ${plural(devices.length, 'device')}`}
      about="A device is in one group at most. Guardrails for a group hold for its devices’ next calls."
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="move" pending={move.pending}>
            Move
          </Button>
        </>
      }
    >
      <Form id="move" onSubmit={() => move.act()} problem={problem} shown={['/group']}>
        <GroupField
          hint={
            <>
              Groups are made in <Link to="/settings">the settings</Link>.
            </>
          }
          error={problem?.field('/group')}
          value={group}
          onChange={setGroup}
        />
      </Form>
    </Dialog>
  );
}
