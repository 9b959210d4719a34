/** Every device that was enrolled: whose it is, what it runs on, whether it is there. */
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useGet, useList } from '@/api/query';
import { useMay } from '@/api/session';
import { duration } from '@/format/format';
import { Button, EmptyState, FilterBar, PageHeader, Table } from '@/ui';
import { href, useSearch } from '@/url/search';
import { BulkDevices } from './device/BulkDevices';
import { EnrolDialog } from './device/EnrolDialog';
import { COLUMNS, type Device } from './device/columns';
import { PARAMS, useFilters } from './device/filters';

const idOf = ({ id }: Device) => id;
const pageOf = ({ id }: Device) => `/devices/${id}`;

export default function Devices() {
  const [search, setSearch] = useSearch(PARAMS);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [enrolling, setEnrolling] = useState(false);
  const may = useMay('devices');
  const { sort = 'first_seen', order = 'asc', ...filter } = search;
  const list = useList('/api/v1/devices', { params: { query: { ...search, limit: 100 } } });
  const counts = useGet('/api/v1/devices/facets', { params: { query: filter } });
  const filters = useFilters();
  const filtered = Object.keys(filter).length > 0;
  const rule = counts.data
    ? ` Online: checked in within ${duration(counts.data.online_seconds)}; missing: not within ${duration(counts.data.late_seconds)}.`
    : '';
  return (
    <>
      <PageHeader
        title="Devices"
        about={`Machines with the agent on them, what they run, and whether decisions are in force there.${rule}`}
        actions={
          may && (
            <Button look="primary" onClick={() => setEnrolling(true)}>
              <Plus size={14} aria-hidden /> Enrol devices
            </Button>
          )
        }
      />
      <FilterBar
        page="devices"
        filters={filters}
        search={{ name: 'q', label: 'Search host, owner or address' }}
      />
      <Table
        fill
        label="Devices"
        list={list}
        rowKey={idOf}
        columns={COLUMNS}
        rowHeight={52}
        href={pageOf}
        total={counts.data?.total}
        sort={{ by: sort, dir: order }}
        onSort={({ by, dir }) =>
          setSearch({ sort: by as 'hostname' | 'first_seen' | 'last_seen', order: dir })
        }
        csv={href('/api/v1/devices', search)}
        selection={may ? { keys: selected, set: setSelected } : undefined}
        bulk={<BulkDevices selected={selected} clear={() => setSelected(new Set())} />}
        empty={
          filtered ? (
            <EmptyState
              title="No device matches these filters"
              actions={<Button onClick={() => setSearch(CLEARED)}>Show all devices</Button>}
            />
          ) : (
            <EmptyState
              title="No device yet"
              actions={
                may && (
                  <Button look="primary" onClick={() => setEnrolling(true)}>
                    Enrol the first device
                  </Button>
                )
              }
            >
              Install the agent on a machine, give it an enrolment token, and run{' '}
              <code>tidegate-edge run</code>. It appears here at its first check-in, with its apps
              and MCP servers.
            </EmptyState>
          )
        }
      />
      {enrolling && <EnrolDialog onClose={() => setEnrolling(false)} />}
    </>
  );
}

const CLEARED = Object.fromEntries(Object.keys(PARAMS).map((name) => [name, null]));
