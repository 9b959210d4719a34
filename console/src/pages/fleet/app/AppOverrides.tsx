/** Every decision about one app: the fleet's, and those of teams and devices. */
import type { Schema } from '@/api/client';
import type { List } from '@/api/query';
import { useMay } from '@/api/session';
import { Button, type Column, EmptyState, RelativeTime, StatusDot, Table } from '@/ui';
import { AudienceName } from '../parts/Audience';
import { actorWord } from '../../overview/changeWords';
import { useForget } from '../parts/useDecide';

type Rule = Schema<'AppRule'>;

export function AppOverrides({ rules }: { rules: List<Rule> }) {
  const may = useMay('decide');
  const forget = useForget();
  const columns: Column<Rule>[] = [
    {
      id: 'decision',
      header: 'Decision',
      width: '110px',
      cell: ({ decision }) => <StatusDot of={decision} />,
    },
    {
      id: 'audience',
      header: 'For whom',
      width: 'minmax(120px, 1fr)',
      cell: ({ audience }) => <AudienceName of={audience} />,
    },
    {
      id: 'note',
      header: 'Note',
      width: 'minmax(120px, 1.6fr)',
      from: 720,
      cell: ({ note }) => note ?? <span className="muted">–</span>,
    },
    {
      id: 'by',
      header: 'By',
      width: 'minmax(100px, 1fr)',
      from: 560,
      cell: ({ decided_by, decided_by_name }) => decided_by_name ?? actorWord(decided_by),
    },
    {
      id: 'at',
      header: 'Decided',
      width: '90px',
      align: 'end',
      from: 420,
      cell: ({ decided_at }) => <RelativeTime at={decided_at} />,
    },
    {
      id: 'act',
      header: 'Actions',
      width: '84px',
      align: 'end',
      cell: ({ app, audience }) =>
        may && (
          <Button
            small
            look="quiet"
            pending={forget.pending}
            title="What is wider holds again"
            onClick={() => forget.act({ target: { kind: 'app', item: app }, audience })}
          >
            Remove
          </Button>
        ),
    },
  ];
  return (
    <Table
      label="Decisions"
      list={rules}
      rowKey={({ audience }) => audience}
      columns={columns}
      empty={
        <EmptyState title="Nobody decided about it">
          The default of the settings holds. Decide for the fleet above, or for a team or one
          device.
        </EmptyState>
      }
    />
  );
}
