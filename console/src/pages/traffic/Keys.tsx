/** Virtual keys: what services call the gateway with, whose they are, and what they may be used for. */
import { useState } from 'react';
import { useGet, useList } from '@/api/query';
import { useMay } from '@/api/session';
import {
  Badge,
  Button,
  type Column,
  EmptyState,
  type Filter,
  FilterBar,
  PageHeader,
  RelativeTime,
  StatusDot,
  Table,
} from '@/ui';
import { flag, text, useSearch } from '@/url/search';
import { useTeams } from '../fleet/parts/useChoices';
import { Secret } from '../trust/settings/Secret';
import { KeyDialog } from './key/KeyDialog';
import { KeyPanel } from './key/KeyPanel';
import { type Key, keyState } from './key/state';
import { useUsers } from './people/useUsers';

const PARAMS = { name: text, team: text, user: text, revoked: flag, devices: flag, key: text };

const idOf = ({ id }: Key) => id;

export default function Keys() {
  const [search, setSearch] = useSearch(PARAMS);
  const { key: open, ...query } = search;
  const list = useList('/api/v1/keys', { params: { query } });
  const may = useMay('keys');
  const teams = useTeams();
  const users = useUsers();
  const [creating, setCreating] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const filters: readonly Filter[] = [
    { name: 'team', label: 'Team', choices: teams.choices },
    { name: 'user', label: 'User', choices: users.choices },
    { name: 'revoked', label: 'Revoked', choices: [{ value: 'true', label: 'Listed too' }] },
    { name: 'devices', label: 'Of devices', choices: [{ value: 'true', label: 'Listed too' }] },
  ];
  const columns: readonly Column<Key>[] = [
    {
      id: 'name',
      header: 'Key',
      width: 'minmax(140px, 1.6fr)',
      cell: ({ name, device }) => (
        <span className="row">
          <span className="truncate">{name}</span>
          {device && <Badge>Device</Badge>}
        </span>
      ),
    },
    {
      id: 'hint',
      header: 'Secret',
      width: '150px',
      from: 860,
      cell: ({ hint }) => <span className="mono secondary">{hint}</span>,
    },
    {
      id: 'owner',
      header: 'Belongs to',
      width: 'minmax(130px, 1fr)',
      from: 520,
      cell: ({ user_name, team_name }) => user_name ?? team_name ?? 'The organization',
    },
    {
      id: 'may',
      header: 'May use',
      width: '150px',
      from: 1000,
      about: 'Models and providers that it is confined to.',
      cell: ({ allow }) =>
        [...(allow.models ?? []), ...(allow.providers ?? [])].join(', ') || 'Everything',
    },
    {
      id: 'content',
      header: 'Content',
      width: '110px',
      from: 1100,
      about: 'Whether prompts and answers of its calls are stored.',
      cell: ({ log_content }) =>
        log_content ? (
          <Badge tone="warn">Stored</Badge>
        ) : (
          <span className="secondary">Not kept</span>
        ),
    },
    {
      id: 'state',
      header: 'State',
      width: '110px',
      cell: (key) => <StatusDot of={keyState(key)} />,
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
  return (
    <>
      <PageHeader
        title="Keys"
        about="Each service calls the gateway with a key of its own, so that its spend, its limits and its log are its own."
        actions={
          may && (
            <Button look="primary" onClick={() => setCreating(true)}>
              Create key
            </Button>
          )
        }
      />
      <FilterBar
        page="keys"
        filters={filters}
        search={{ name: 'name', label: 'Exact name of a key' }}
      />
      <Table
        fill
        label="Keys"
        list={list}
        rowKey={idOf}
        columns={columns}
        onOpen={({ id }) => setSearch({ key: id })}
        empty={
          <EmptyState title={Object.keys(query).length > 0 ? 'No key matches' : 'No key yet'}>
            Create one, and set it as the API key of an SDK whose base URL is the gateway’s. The
            provider’s own key stays here.
          </EmptyState>
        }
      />
      {creating && (
        <KeyDialog stored={null} onClose={() => setCreating(false)} onMade={setSecret} />
      )}
      {open && <Opened id={open} onClose={() => setSearch({ key: null })} onSecret={setSecret} />}
      {secret && (
        <Secret
          title="The key’s secret"
          about="It is shown this once and cannot be read again."
          secret={secret}
          onClose={() => setSecret(null)}
        />
      )}
    </>
  );
}

interface OpenedProps {
  id: string;
  onClose: () => void;
  onSecret: (secret: string) => void;
}

function Opened({ id, onClose, onSecret }: OpenedProps) {
  const query = useGet('/api/v1/keys/{id}', { params: { path: { id } } });
  return <KeyPanel query={query} onClose={onClose} onSecret={onSecret} />;
}
