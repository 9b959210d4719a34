/** The versions of an app over the fleet. */
import type { Schema } from '@/api/client';
import { count } from '@/format/format';
import { type Column, EmptyState, Table } from '@/ui';

type Version = Schema<'EdgeAppVersion'>;

const COLUMNS: readonly Column<Version>[] = [
  {
    id: 'version',
    header: 'Version',
    cell: ({ version }) => version ?? <span className="muted">unknown</span>,
  },
  { id: 'source', header: 'Installed by', cell: ({ source }) => source },
  {
    id: 'devices',
    header: 'Devices',
    width: '80px',
    align: 'end',
    cell: ({ devices }) => count(devices),
  },
];

export function Versions({ versions }: { versions: readonly Version[] }) {
  return (
    <Table
      label="Versions"
      rows={versions}
      rowKey={({ version, source }) => `${version ?? ''}|${source}`}
      columns={COLUMNS}
      empty={
        <EmptyState title="No version known">
          It was seen in traffic only, or no device has it installed.
        </EmptyState>
      }
    />
  );
}
