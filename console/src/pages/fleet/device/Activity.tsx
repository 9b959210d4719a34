/** What happened on and to a device: changes by administrators, and its last calls. */
import { Link } from 'react-router';
import { useList } from '@/api/query';
import { micros } from '@/format/format';
import { ButtonLink, EmptyState, Money, RelativeTime, StatusDot, Table } from '@/ui';
import { href } from '@/url/search';
import { Changes } from '../../overview/Changes';
import { Two } from '../parts/Identity';
import type { Device } from './columns';

export function Activity({ device, audit }: { device: Device; audit: boolean }) {
  return (
    <div className="stack">
      {audit && <Audit device={device} />}
      <Calls device={device} />
    </div>
  );
}

function Audit({ device: { id } }: { device: Device }) {
  // Decisions for this device name it in their details, its own changes in their target.
  const list = useList('/api/v1/audit', { params: { query: { q: id, limit: 20 } } });
  return (
    <section className="section">
      <div className="row">
        <h2 className="grow">Changes</h2>
        <ButtonLink small look="quiet" to={href('/audit', { q: id })}>
          All in the audit
        </ButtonLink>
      </div>
      <Changes
        list={list}
        empty={
          <EmptyState title="Nothing was changed about it">
            Decisions for this device, syncs and renames are listed here.
          </EmptyState>
        }
      />
    </section>
  );
}

function Calls({ device: { id, hostname } }: { device: Device }) {
  const list = useList('/api/v1/requests', { params: { query: { device: id, limit: 20 } } });
  return (
    <section className="section">
      <div className="row">
        <h2 className="grow">Last calls</h2>
        <ButtonLink small look="quiet" to={href('/requests', { device: id })}>
          All its requests
        </ButtonLink>
      </div>
      <Table
        label={`Last calls of ${hostname}`}
        list={{ ...list, more: false }}
        rowKey={(call) => call.id}
        rowHeight={52}
        href={(call) => `/requests/${call.id}`}
        columns={[
          {
            id: 'at',
            header: 'When',
            width: '96px',
            cell: ({ started_at }) => <RelativeTime at={started_at} />,
          },
          {
            id: 'model',
            header: 'Model',
            width: 'minmax(130px, 1.2fr)',
            cell: ({ model, provider }) => <Two first={model ?? '–'} second={provider ?? ''} />,
          },
          {
            id: 'outcome',
            header: 'Outcome',
            width: '120px',
            cell: ({ outcome }) => <StatusDot of={outcome} />,
          },
          {
            id: 'took',
            header: 'Took',
            width: '80px',
            align: 'end',
            from: 560,
            cell: ({ duration_us }) => micros(duration_us),
          },
          {
            id: 'cost',
            header: 'Cost',
            width: '84px',
            align: 'end',
            cell: ({ cost_micro_usd }) =>
              cost_micro_usd === null ? '–' : <Money micro={cost_micro_usd} />,
          },
        ]}
        empty={
          <EmptyState title="No call yet">
            Calls from this machine’s apps appear here as soon as they finish; see{' '}
            <Link to="/requests">the request log</Link>.
          </EmptyState>
        }
      />
    </section>
  );
}
