/** Teams: what people, keys, budgets, limits and devices belong to. */
import { useState } from 'react';
import { useAct } from '@/api/act';
import { type Schema, call, http } from '@/api/client';
import { useList } from '@/api/query';
import { useMay } from '@/api/session';
import {
  Button,
  ButtonLink,
  type Column,
  Copy,
  Drawer,
  EmptyState,
  KeyValue,
  PageHeader,
  RelativeTime,
  StatusBadge,
  StatusDot,
  Table,
} from '@/ui';
import { href, text, useSearch } from '@/url/search';
import { middle } from '../fleet/parts/words';
import { NameDialog } from '../parts/NameDialog';
import { Allowances } from './budget/Allowances';

type Team = Schema<'Team'>;

const PARAMS = { team: text };
const idOf = ({ id }: Team) => id;

const COLUMNS: readonly Column<Team>[] = [
  { id: 'name', header: 'Team', width: 'minmax(160px, 2fr)', cell: ({ name }) => name },
  {
    id: 'state',
    header: 'State',
    width: '120px',
    cell: ({ disabled }) => <StatusDot of={disabled ? 'disabled' : 'active'} />,
  },
  {
    id: 'created',
    header: 'Created',
    width: '110px',
    align: 'end',
    from: 480,
    cell: ({ created_at }) => <RelativeTime at={created_at} />,
  },
];

export default function Teams() {
  const [search, setSearch] = useSearch(PARAMS);
  const list = useList('/api/v1/teams');
  const may = useMay('administer');
  const [naming, setNaming] = useState<Team | 'new' | null>(null);
  const open = list.items.find(({ id }) => id === search.team);
  return (
    <>
      <PageHeader
        title="Teams"
        about="What people, keys, budgets, limits and devices belong to. Disabling a team refuses all its keys."
        actions={
          may && (
            <Button look="primary" onClick={() => setNaming('new')}>
              Create team
            </Button>
          )
        }
      />
      <Table
        fill
        label="Teams"
        list={list}
        rowKey={idOf}
        columns={COLUMNS}
        onOpen={({ id }) => setSearch({ team: id })}
        empty={
          <EmptyState title="No team yet">
            A team has a budget and limits of its own, an administrator of its own, and decisions
            about apps and MCP servers that hold for its devices only.
          </EmptyState>
        }
      />
      {open && (
        <Panel
          team={open}
          may={may}
          onRename={() => setNaming(open)}
          onClose={() => setSearch({ team: null })}
        />
      )}
      {naming && <Name team={naming === 'new' ? null : naming} onClose={() => setNaming(null)} />}
    </>
  );
}

interface PanelProps {
  team: Team;
  may: boolean;
  onRename: () => void;
  onClose: () => void;
}

function Panel({ team, may, onRename, onClose }: PanelProps) {
  const { id, name, disabled, created_at } = team;
  const patch = (off: boolean) =>
    call(http.PATCH('/api/v1/teams/{id}', { params: { path: { id } }, body: { disabled: off } }));
  const disable = useAct({
    run: patch,
    done: (_, off) => `${name} ${off ? 'disabled: its keys are refused' : 'enabled'}`,
    undo: (_, off) => patch(!off),
    topics: ['teams', 'keys', 'audit'],
  });
  return (
    <Drawer
      open
      onClose={onClose}
      title={name}
      foot={
        <>
          <ButtonLink to={href('/users', { team: id })}>People</ButtonLink>
          <ButtonLink to={href('/keys', { team: id })}>Keys</ButtonLink>
          <ButtonLink to={href('/devices', { team: id })}>Devices</ButtonLink>
          <ButtonLink to={href('/budgets', { scope: id })}>Budgets</ButtonLink>
          {may && <Button onClick={onRename}>Rename</Button>}
          {may && (
            <Button onClick={() => disable.act(!disabled)}>
              {disabled ? 'Enable' : 'Disable'}
            </Button>
          )}
        </>
      }
    >
      <KeyValue
        rows={[
          ['State', <StatusBadge key="state" of={disabled ? 'disabled' : 'active'} />],
          ['Created', <RelativeTime key="created" at={created_at} />],
          ['Id', <Copy key="id" text={id} shown={middle(id, 24)} />],
        ]}
      />
      <Allowances scope={id} />
    </Drawer>
  );
}

function Name({ team, onClose }: { team: Team | null; onClose: () => void }) {
  const put = (name: string) =>
    team
      ? call(
          http.PATCH('/api/v1/teams/{id}', {
            params: { path: { id: team.id } },
            body: { name },
          }),
        )
      : call(http.POST('/api/v1/teams', { body: { name } }));
  return (
    <NameDialog
      what="team"
      before={team?.name ?? null}
      put={put}
      topics={['teams', 'audit']}
      onClose={onClose}
    />
  );
}
