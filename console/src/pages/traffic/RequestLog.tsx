/** Every call that passed the gateway, from services and from people's machines alike, newest first. */
import { useGet, useList } from '@/api/query';
import { type Filter, FilterBar, PageHeader, Table, EmptyState } from '@/ui';
import { flag, href, oneOf, text, useSearch, whole } from '@/url/search';
import { useTeams } from '../fleet/parts/useChoices';
import { type Call, COLUMNS } from './request/columns';

const PARAMS = {
  q: text,
  outcome: oneOf('completed', 'refused', 'upstream_broken', 'client_gone'),
  status: oneOf('2xx', '4xx', '5xx'),
  provider: text,
  model: text,
  operation: text,
  code: text,
  key: text,
  team: text,
  user: text,
  device: text,
  app: text,
  streamed: flag,
  shadow: flag,
  min_tokens: whole,
  min_cost_micro_usd: whole,
  from: text,
  to: text,
};

/** Fixed choices; those that are read from the gateway come before them. */
const FILTERS: readonly Filter[] = [
  {
    name: 'outcome',
    label: 'Outcome',
    choices: [
      { value: 'completed', label: 'Completed' },
      { value: 'refused', label: 'Refused' },
      { value: 'upstream_broken', label: 'Upstream broke' },
      { value: 'client_gone', label: 'Client left' },
    ],
  },
  {
    name: 'status',
    label: 'Status',
    choices: [
      { value: '2xx', label: '2xx: answered' },
      { value: '4xx', label: '4xx: the caller’s fault, or refused' },
      { value: '5xx', label: '5xx: ours or the provider’s' },
    ],
  },
  { name: 'model', label: 'Model', example: 'gpt-4.1-mini' },
  { name: 'app', label: 'App', example: 'claude-code' },
  { name: 'device', label: 'Device id', example: 'dev_…' },
  { name: 'key', label: 'Key id', example: 'key_…' },
  { name: 'user', label: 'User id', example: 'usr_…' },
  { name: 'operation', label: 'Operation', example: 'chat' },
  { name: 'code', label: 'Refused because', example: 'budget_exceeded' },
  {
    name: 'streamed',
    label: 'Streamed',
    choices: [
      { value: 'true', label: 'Streamed' },
      { value: 'false', label: 'In one piece' },
    ],
  },
  {
    name: 'shadow',
    label: 'Shadow',
    choices: [
      { value: 'true', label: 'Copies for shadow targets' },
      { value: 'false', label: 'Calls' },
    ],
  },
  { name: 'min_tokens', label: 'Tokens, at least', example: '100000' },
  {
    name: 'min_cost_micro_usd',
    label: 'Cost, at least (millionths of a dollar)',
    example: '50000',
  },
  { name: 'from', label: 'From', example: '2026-11-26T00:00:00Z' },
  { name: 'to', label: 'Before', example: '2026-11-27T00:00:00Z' },
];

const idOf = ({ id }: Call) => id;
const pageOf = ({ id }: Call) => `/requests/${id}`;

function useFilters(): readonly Filter[] {
  const providers = useGet('/api/v1/providers');
  const teams = useTeams();
  return [
    {
      name: 'provider',
      label: 'Provider',
      choices: (providers.data?.items ?? []).map(({ name }) => ({ value: name, label: name })),
    },
    { name: 'team', label: 'Team', choices: teams.choices },
    ...FILTERS,
  ];
}

export default function RequestLog() {
  const [search] = useSearch(PARAMS);
  const list = useList('/api/v1/requests', { params: { query: search } });
  const filters = useFilters();
  return (
    <>
      <PageHeader
        title="Request log"
        about="Every call that passed the gateway, from services and from people’s machines, with who, what, how long and how much."
      />
      <FilterBar
        page="requests"
        filters={filters}
        search={{ name: 'q', label: 'Search model, app, host, process, or any id' }}
      />
      <Table
        fill
        label="Requests"
        list={list}
        rowKey={idOf}
        rowHeight={52}
        href={pageOf}
        columns={COLUMNS}
        csv={href('/api/v1/requests', search)}
        empty={
          Object.keys(search).length > 0 ? (
            <EmptyState title="No call matches these filters">
              A search looks back in slices; where the log is long, scroll on to search further.
            </EmptyState>
          ) : (
            <EmptyState title="No call yet">
              Point an SDK at the gateway with one of its virtual keys, or enrol a device: each call
              appears here as soon as it ends.
            </EmptyState>
          )
        }
      />
    </>
  );
}
