/** Groups of devices: guardrails can be for some of them only, and a device is in one at most. */
import { useState } from 'react';
import { Link } from 'react-router';
import { useAct } from '@/api/act';
import { type Schema, call, http } from '@/api/client';
import { useList } from '@/api/query';
import { useMay } from '@/api/session';
import { plural } from '@/format/format';
import { Button, type Column, ConfirmDialog, EmptyState, RelativeTime, Table } from '@/ui';
import { href } from '@/url/search';
import { NameDialog } from '../../parts/NameDialog';

type Group = Schema<'DeviceGroup'>;

const idOf = ({ id }: Group) => id;

export function DeviceGroups() {
  const list = useList('/api/v1/device-groups');
  const may = useMay('devices');
  const [naming, setNaming] = useState<Group | 'new' | null>(null);
  const [deleting, setDeleting] = useState<Group | null>(null);
  const remove = useAct({
    run: ({ id }: Group) =>
      call(http.DELETE('/api/v1/device-groups/{id}', { params: { path: { id } } })),
    done: (_, { name }) => `${name} deleted`,
    topics: ['device_groups', 'devices', 'audit'],
    then: () => setDeleting(null),
  });
  const acts: Column<Group> = {
    id: 'acts',
    header: 'Actions',
    width: '150px',
    align: 'end',
    cell: (group) => (
      <span className="row">
        <Button
          small
          look="quiet"
          aria-label={`Rename ${group.name}`}
          onClick={() => setNaming(group)}
        >
          Rename
        </Button>
        <Button
          small
          look="quiet"
          aria-label={`Delete ${group.name}`}
          onClick={() => setDeleting(group)}
        >
          Delete
        </Button>
      </span>
    ),
  };
  return (
    <section className="section">
      <div className="row">
        <h2 className="grow">Groups of devices</h2>
        {may && <Button onClick={() => setNaming('new')}>Create group</Button>}
      </div>
      <Table
        label="Groups of devices"
        list={list}
        rowKey={idOf}
        columns={may ? [...COLUMNS, acts] : COLUMNS}
        empty={
          <EmptyState title="No group yet">
            A guardrail can be for the devices of some groups only. Devices are moved into a group
            on the page of devices, or join the one that their enrolment token names.
          </EmptyState>
        }
      />
      {naming && <Name group={naming === 'new' ? null : naming} onClose={() => setNaming(null)} />}
      <ConfirmDialog
        open={deleting !== null}
        onClose={() => setDeleting(null)}
        title={`Delete ${deleting?.name ?? ''}?`}
        action="Delete group"
        danger
        devices={deleting?.devices}
        pending={remove.pending}
        onConfirm={() => deleting && remove.act(deleting)}
      >
        Its devices are in no group then. A group that a guardrail names stays until none does.
      </ConfirmDialog>
    </section>
  );
}

const COLUMNS: readonly Column<Group>[] = [
  { id: 'name', header: 'Group', width: 'minmax(140px, 1.5fr)', cell: ({ name }) => name },
  {
    id: 'devices',
    header: 'Devices',
    width: '110px',
    align: 'end',
    cell: ({ id, devices }) => (
      <Link to={href('/devices', { group: id })}>{plural(devices, 'device')}</Link>
    ),
  },
  {
    id: 'created',
    header: 'Created',
    width: '96px',
    align: 'end',
    from: 640,
    cell: ({ created_at }) => <RelativeTime at={created_at} />,
  },
];

function Name({ group, onClose }: { group: Group | null; onClose: () => void }) {
  const put = (typed: string) => {
    const name = typed.trim();
    return group
      ? call(
          http.PATCH('/api/v1/device-groups/{id}', {
            params: { path: { id: group.id } },
            body: { name },
          }),
        )
      : call(http.POST('/api/v1/device-groups', { body: { name } }));
  };
  return (
    <NameDialog
      what="group"
      before={group?.name ?? null}
      put={put}
      topics={['device_groups', 'devices', 'audit']}
      placeholder="Finance laptops"
      maxLength={64}
      onClose={onClose}
    />
  );
}
