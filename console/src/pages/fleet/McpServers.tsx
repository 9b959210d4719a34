/** Every MCP server that a client’s configuration names anywhere in the fleet. */
import { useState } from 'react';
import type { Schema } from '@/api/client';
import { useList } from '@/api/query';
import { useMay } from '@/api/session';
import { count, plural } from '@/format/format';
import {
  Badge,
  Button,
  type Column,
  EmptyState,
  type Filter,
  FilterBar,
  PageHeader,
  RelativeTime,
  Table,
} from '@/ui';
import { flag, href, oneOf, text, useSearch } from '@/url/search';
import { BulkDecide } from './parts/BulkDecide';
import { DecisionMenu } from './parts/DecisionMenu';
import { EffectInList } from './parts/FleetEffect';
import { Identity, Two } from './parts/Identity';
import { TRANSPORT, itemPath } from './parts/words';

type Server = Schema<'McpServer'>;

const PARAMS = {
  q: text,
  decision: oneOf('approved', 'pending', 'denied'),
  client: text,
  decided: flag,
  present: flag,
  sort: oneOf('name', 'devices', 'first_seen', 'last_seen'),
  order: oneOf('asc', 'desc'),
};

const CLEARED = { q: null, decision: null, client: null, decided: null, present: null };

const COLUMNS: readonly Column<Server>[] = [
  {
    id: 'identity',
    header: 'Server',
    width: 'minmax(170px, 1.7fr)',
    sort: 'name',
    cell: ({ identity, names, transports }) => (
      <Two
        first={<Identity of={identity} />}
        second={[
          names.slice(0, 3).join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : ''),
          transports.map((one) => TRANSPORT[one] ?? one).join(', '),
        ]
          .filter(Boolean)
          .join(' · ')}
      />
    ),
  },
  {
    id: 'decision',
    header: 'Decision',
    width: '124px',
    about: 'What holds for the fleet; teams and devices may have their own.',
    cell: ({ identity, decision }) => (
      <DecisionMenu
        target={{ kind: 'mcp_server', item: identity }}
        decision={decision}
        label={identity}
      />
    ),
  },
  {
    id: 'effect',
    header: 'In force on',
    width: '146px',
    from: 620,
    about: 'Devices that found the decision in force, of those that have the server.',
    cell: ({ effects, decision }) => <EffectInList of={effects} decision={decision} />,
  },
  {
    id: 'devices',
    header: 'Devices',
    width: '68px',
    align: 'end',
    from: 440,
    sort: 'devices',
    cell: ({ devices }) => count(devices),
  },
  {
    id: 'clients',
    header: 'Clients',
    width: 'minmax(110px, 1fr)',
    from: 980,
    cell: ({ clients }) => <span title={clients.join(', ')}>{clients.join(', ')}</span>,
  },
  {
    id: 'tools',
    header: 'Tools',
    width: '56px',
    align: 'end',
    from: 860,
    about: 'As far as they are known; no server was started to find out.',
    cell: ({ tools }) =>
      tools.length === 0 ? (
        <span className="muted">–</span>
      ) : (
        <span title={tools.map(({ name }) => name).join(', ')}>{tools.length}</span>
      ),
  },
  {
    id: 'launches',
    header: 'Launches',
    width: '92px',
    from: 1180,
    about: 'Ways to start or reach it. Drift: ways that no approval covers.',
    cell: ({ launches, drift }) => (
      <span className="row">
        {launches}
        {drift > 0 && (
          <Badge tone="warn" title={`${plural(drift, 'way')} that no approval covers`}>
            {drift} drift
          </Badge>
        )}
      </span>
    ),
  },
  {
    id: 'first',
    header: 'First seen',
    width: '92px',
    align: 'end',
    from: 760,
    sort: 'first_seen',
    cell: ({ first_seen_at }) => <RelativeTime at={first_seen_at} />,
  },
];

const YES_NO = [
  { value: 'true', label: 'Yes' },
  { value: 'false', label: 'No' },
];

const FILTERS: readonly Filter[] = [
  {
    name: 'decision',
    label: 'Decision',
    choices: [
      { value: 'pending', label: 'Pending' },
      { value: 'approved', label: 'Approved' },
      { value: 'denied', label: 'Denied' },
    ],
  },
  {
    name: 'client',
    label: 'Client',
    choices: [
      'claude-code',
      'claude-desktop',
      'codex',
      'cursor',
      'gemini-cli',
      'opencode',
      'vscode',
      'windsurf',
      'zed',
    ].map((client) => ({ value: client, label: client })),
  },
  { name: 'decided', label: 'Somebody decided', choices: YES_NO },
  { name: 'present', label: 'On a device now', choices: YES_NO },
];

const keyOf = ({ identity }: Server) => identity;
const pageOf = ({ identity }: Server) => itemPath('mcp_server', identity);

export default function McpServers() {
  const [search, setSearch] = useSearch(PARAMS);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const may = useMay('decide');
  // What most machines have comes first: it matters most.
  const { sort = 'devices', order = 'desc', ...filter } = search;
  const list = useList('/api/v1/edge/mcp-servers', {
    params: { query: { ...filter, sort, order, limit: 100 } },
  });
  const filtered = Object.keys(filter).length > 0;
  return (
    <>
      <PageHeader
        title="MCP servers"
        about="What clients are configured to use, by what it is and not by what people call it. Pending ones keep working unless the settings deny unknown servers."
      />
      <FilterBar
        page="mcp-servers"
        filters={FILTERS}
        search={{ name: 'q', label: 'Search identity, name or URL' }}
      />
      <Table
        fill
        label="MCP servers"
        list={list}
        rowKey={keyOf}
        rowHeight={52}
        columns={COLUMNS}
        href={pageOf}
        sort={{ by: sort, dir: order }}
        onSort={({ by, dir }) => setSearch({ sort: by as typeof sort, order: dir })}
        csv={href('/api/v1/edge/mcp-servers', search)}
        selection={may ? { keys: selected, set: setSelected } : undefined}
        bulk={
          <BulkDecide
            targets={[...selected].map((item) => ({ kind: 'mcp_server', item }))}
            devices={list.items.reduce(
              (sum, { identity, devices }) => sum + (selected.has(identity) ? devices : 0),
              0,
            )}
            clear={() => setSelected(new Set())}
          />
        }
        empty={
          filtered ? (
            <EmptyState
              title="No MCP server matches these filters"
              actions={<Button onClick={() => setSearch(CLEARED)}>Show all servers</Button>}
            />
          ) : (
            <EmptyState title="No MCP server found yet">
              Devices read the configurations of Claude Code, Claude Desktop, Cursor, Codex, Gemini
              CLI, OpenCode and others, and list here what they name. Nothing is started to find
              out.
            </EmptyState>
          )
        }
      />
    </>
  );
}
