/** The people whose keys and devices call models. Who may sign in to the console is under Settings. */
import { useState } from 'react';
import { useAct } from '@/api/act';
import { type Schema, call, http } from '@/api/client';
import { useGet, useList } from '@/api/query';
import { useMay } from '@/api/session';
import {
  Button,
  ButtonLink,
  type Column,
  Copy,
  Drawer,
  EmptyState,
  FilterBar,
  KeyValue,
  Load,
  PageHeader,
  RelativeTime,
  StatusBadge,
  StatusDot,
  Table,
} from '@/ui';
import { href, text, useSearch } from '@/url/search';
import { useTeams } from '../fleet/parts/useChoices';
import { Two } from '../fleet/parts/Identity';
import { middle } from '../fleet/parts/words';
import { Allowances } from './budget/Allowances';
import { UserDialog } from './people/UserDialog';

type User = Schema<'User'>;

const PARAMS = { team: text, user: text };
const idOf = ({ id }: User) => id;

export default function Users() {
  const [search, setSearch] = useSearch(PARAMS);
  const teams = useTeams();
  const may = useMay('keys');
  const [editing, setEditing] = useState<User | 'new' | null>(null);
  const list = useList('/api/v1/users', { params: { query: { team: search.team } } });
  const columns: readonly Column<User>[] = [
    {
      id: 'name',
      header: 'Person',
      width: 'minmax(180px, 2fr)',
      cell: ({ name, email }) => <Two first={name} second={email} />,
    },
    {
      id: 'team',
      header: 'Team',
      width: 'minmax(120px, 1fr)',
      from: 480,
      cell: ({ team }) => teams.name(team) ?? <span className="muted">none</span>,
    },
    {
      id: 'state',
      header: 'State',
      width: '120px',
      cell: ({ disabled }) => <StatusDot of={disabled ? 'disabled' : 'active'} />,
    },
    {
      id: 'created',
      header: 'Since',
      width: '110px',
      align: 'end',
      from: 640,
      cell: ({ created_at }) => <RelativeTime at={created_at} />,
    },
  ];
  return (
    <>
      <PageHeader
        title="Users"
        about="The people whose keys and devices call models. They come by SCIM, by signing in on a device, or are made here."
        actions={
          may && (
            <Button look="primary" onClick={() => setEditing('new')}>
              Add user
            </Button>
          )
        }
      />
      <FilterBar page="users" filters={[{ name: 'team', label: 'Team', choices: teams.choices }]} />
      <Table
        fill
        label="Users"
        list={list}
        rowKey={idOf}
        rowHeight={52}
        columns={columns}
        onOpen={({ id }) => setSearch({ user: id })}
        empty={
          <EmptyState title="Nobody yet">
            Connect the identity provider by SCIM under Settings, or let people sign in on their
            devices with <code>tidegate-edge login</code>.
          </EmptyState>
        }
      />
      {search.user && (
        <Panel
          id={search.user}
          may={may}
          onEdit={setEditing}
          onClose={() => setSearch({ user: null })}
        />
      )}
      {editing && (
        <UserDialog stored={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
    </>
  );
}

interface PanelProps {
  id: string;
  may: boolean;
  onEdit: (user: User) => void;
  onClose: () => void;
}

function Panel({ id, may, onEdit, onClose }: PanelProps) {
  const teams = useTeams();
  const user = useGet('/api/v1/users/{id}', { params: { path: { id } } });
  const patch = (off: boolean) =>
    call(http.PATCH('/api/v1/users/{id}', { params: { path: { id } }, body: { disabled: off } }));
  const disable = useAct({
    run: patch,
    done: (_, off) => (off ? 'Disabled: their keys are refused' : 'Enabled'),
    undo: (_, off) => patch(!off),
    topics: ['users', 'keys', 'audit'],
  });
  return (
    <Drawer
      open
      onClose={onClose}
      title={user.data?.name ?? 'User'}
      foot={
        user.data && (
          <>
            <ButtonLink to={href('/requests', { user: id })}>Requests</ButtonLink>
            <ButtonLink to={href('/keys', { user: id })}>Keys</ButtonLink>
            <ButtonLink to={href('/devices', { user: id })}>Devices</ButtonLink>
            {may && <Button onClick={() => user.data && onEdit(user.data)}>Change</Button>}
            {may && (
              <Button onClick={() => disable.act(!user.data.disabled)}>
                {user.data.disabled ? 'Enable' : 'Disable'}
              </Button>
            )}
          </>
        )
      }
    >
      <Load query={user}>
        {({ email, team, disabled, created_at }) => (
          <KeyValue
            rows={[
              ['State', <StatusBadge key="state" of={disabled ? 'disabled' : 'active'} />],
              ['E-mail address', <Copy key="email" text={email} />],
              ['Team', teams.name(team)],
              ['Since', <RelativeTime key="since" at={created_at} />],
              ['Id', <Copy key="id" text={id} shown={middle(id, 24)} />],
            ]}
          />
        )}
      </Load>
      <Allowances scope={id} />
    </Drawer>
  );
}
