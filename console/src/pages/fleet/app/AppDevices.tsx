/** The devices that have an app. */
import { Link } from 'react-router';
import { useList } from '@/api/query';
import { EmptyState, Table } from '@/ui';
import { href } from '@/url/search';
import { COLUMNS } from '../device/columns';

const SHOWN = new Set(['hostname', 'state', 'owner', 'platform', 'last']);

export function AppDevices({ app }: { app: string }) {
  const list = useList('/api/v1/devices', {
    params: { query: { app, sort: 'hostname', limit: 100 } },
  });
  return (
    <div className="section">
      <Table
        label={`Devices with ${app}`}
        list={list}
        rowKey={({ id }) => id}
        rowHeight={52}
        columns={COLUMNS.filter(({ id }) => SHOWN.has(id))}
        href={({ id }) => `/devices/${id}?tab=apps`}
        empty={
          <EmptyState title="On no device">
            The decision holds as soon as it appears on one.
          </EmptyState>
        }
      />
      <p className="small">
        <Link to={href('/devices', { app })}>Open in the list of devices, with its filters</Link>
      </p>
    </div>
  );
}
