/** What people at their machines ask for. */
import { Link } from 'react-router';
import type { Schema } from '@/api/client';
import { useList } from '@/api/query';
import {
  type Column,
  EmptyState,
  type Filter,
  FilterBar,
  PageHeader,
  RelativeTime,
  StatusDot,
  Table,
} from '@/ui';
import { oneOf, text, useSearch } from '@/url/search';
import { Identity, Two } from './parts/Identity';
import { KIND } from './parts/words';
import { AnswerButtons } from './requests/AnswerButtons';
import { RequestPanel } from './requests/RequestPanel';

type Request = Schema<'AccessRequest'>;

const PARAMS = { state: oneOf('open', 'granted', 'declined'), device: text, request: text };

const FILTERS: readonly Filter[] = [
  {
    name: 'state',
    label: 'State',
    choices: [
      { value: 'open', label: 'Open' },
      { value: 'granted', label: 'Granted' },
      { value: 'declined', label: 'Declined' },
    ],
  },
  { name: 'device', label: 'Device', example: 'dev_01jdg8s6f7e2m9v4k3x5q8w0zr' },
];

const COLUMNS: readonly Column<Request>[] = [
  {
    id: 'item',
    header: 'Asks for',
    width: 'minmax(150px, 1.4fr)',
    from: 520,
    cell: ({ item, kind }) => <Two first={<Identity of={item} />} second={KIND[kind] ?? kind} />,
  },
  {
    id: 'item-and-who',
    header: 'Asks for',
    width: 'minmax(130px, 1fr)',
    until: 520,
    cell: ({ item, os_user, hostname }) => (
      <Two first={<Identity of={item} />} second={`${os_user} on ${hostname}`} />
    ),
  },
  {
    id: 'who',
    header: 'Who, and where',
    width: 'minmax(120px, 1fr)',
    from: 520,
    cell: ({ os_user, hostname, device }) => (
      <Two first={os_user} second={<Link to={`/devices/${device}`}>{hostname}</Link>} />
    ),
  },
  {
    id: 'why',
    header: 'Why',
    width: 'minmax(150px, 2fr)',
    from: 760,
    cell: ({ reason }) => <span title={reason}>{reason}</span>,
  },
  {
    id: 'asked',
    header: 'Asked',
    width: '92px',
    align: 'end',
    from: 420,
    cell: ({ asked_at }) => <RelativeTime at={asked_at} />,
  },
  {
    id: 'state',
    header: 'Answer',
    width: '196px',
    cell: (request) =>
      request.state === 'open' ? (
        <AnswerButtons request={request} />
      ) : (
        <Two first={<StatusDot of={request.state} />} second={request.answer ?? ''} />
      ),
  },
];

export default function AccessRequests() {
  const [search, setSearch] = useSearch(PARAMS);
  const { state, device } = search;
  const list = useList('/api/v1/edge/access-requests', {
    params: { query: { state, device, limit: 100 } },
  });
  const chosen = list.items.find(({ id }) => id === search.request);
  return (
    <>
      <PageHeader
        title="Requests"
        about="What people ask for when something is denied or not known. Your answer reaches them at their machine’s next check-in."
      />
      <FilterBar page="access-requests" filters={FILTERS} />
      <Table
        fill
        label="Requests from users"
        list={list}
        rowKey={({ id }) => id}
        rowHeight={56}
        columns={COLUMNS}
        onOpen={({ id }) => setSearch({ request: id })}
        empty={
          state || device ? (
            <EmptyState title="No request matches these filters" />
          ) : (
            <EmptyState title="Nobody has asked for anything">
              People ask from the tray, or with <code>tidegate-edge request</code>, when something
              they need was denied. See also <Link to="/apps">Apps</Link> and{' '}
              <Link to="/mcp-servers">MCP servers</Link>.
            </EmptyState>
          )
        }
      />
      {chosen && <RequestPanel request={chosen} onClose={() => setSearch({ request: null })} />}
    </>
  );
}
