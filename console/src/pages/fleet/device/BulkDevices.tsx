/** What can be done with several devices at once. */
import { FolderInput, RefreshCw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useAct } from '@/api/act';
import { call, http } from '@/api/client';
import { plural } from '@/format/format';
import { Button, ConfirmDialog } from '@/ui';
import { MoveDialog } from './MoveDialog';

export function BulkDevices({
  selected,
  clear,
}: {
  selected: ReadonlySet<string>;
  clear: () => void;
}) {
  const [removing, setRemoving] = useState(false);
  const [moving, setMoving] = useState(false);
  const devices = [...selected];
  const scan = useAct({
    run: async () => {
      let asked = 0;
      for (let at = 0; at < devices.length; at += 200) {
        const body = { devices: devices.slice(at, at + 200) };
        asked += (await call(http.POST('/api/v1/devices/scan', { body }))).devices;
      }
      return asked;
    },
    done: (asked) => `${plural(asked, 'device')} will sync and scan at the next check-in`,
    topics: ['devices'],
    then: clear,
  });
  const remove = useAct({
    run: async () => {
      for (const id of devices) {
        await call(http.DELETE('/api/v1/devices/{id}', { params: { path: { id } } }));
      }
    },
    done: () => `${plural(devices.length, 'device')} removed`,
    topics: ['devices', 'keys', 'audit'],
    then: () => {
      setRemoving(false);
      clear();
    },
  });
  return (
    <>
      <Button small onClick={() => scan.act()} pending={scan.pending}>
        <RefreshCw size={13} aria-hidden /> Sync and scan
      </Button>
      <Button small onClick={() => setMoving(true)}>
        <FolderInput size={13} aria-hidden /> Move to group…
      </Button>
      <Button small look="danger" onClick={() => setRemoving(true)}>
        <Trash2 size={13} aria-hidden /> Remove…
      </Button>
      {moving && <MoveDialog devices={devices} onClose={() => setMoving(false)} onMoved={clear} />}
      <ConfirmDialog
        open={removing}
        onClose={() => setRemoving(false)}
        title={`Remove ${plural(devices.length, 'device')}?`}
        action={`Remove ${plural(devices.length, 'device')}`}
        danger
        devices={devices.length}
        word={devices.length > 20 ? String(devices.length) : undefined}
        pending={remove.pending}
        onConfirm={() => remove.act()}
      >
        Their keys and certificates stop working at once, and the agents take their changes back.
        The log keeps their calls. A removed machine comes back only by enrolling anew.
      </ConfirmDialog>
    </>
  );
}
