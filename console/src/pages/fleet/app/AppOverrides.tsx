/** Every decision about one app: the fleet's, and those of teams and devices. */
import type { Schema } from '@/api/client';
import { useMay } from '@/api/session';
import { Button, type Column, EmptyState, RelativeTime, StatusDot, Table } from '@/ui';
import { AudienceName } from '../parts/Audience';
import type { Override } from '../parts/steps';
import { useForget } from '../parts/useDecide';

interface Props {
  app: Schema<'EdgeApp'>;
  overrides: readonly Override[];
}

export function AppOverrides({ app, overrides }: Props) {
  const may = useMay('decide');
  const forget = useForget();
  const rows: Override[] = [
    ...(app.decided_at
      ? [
          {
            item: app.app,
            audience: 'fleet',
            rule: { decision: app.decision, note: app.note ?? null },
            who: app.decided_by_name ?? app.decided_by ?? '',
            at: app.decided_at,
          },
        ]
      : []),
    ...overrides,
  ];
  const columns: Column<Override>[] = [
    {
      id: 'decision',
      header: 'Decision',
      width: '110px',
      cell: ({ rule }) => <StatusDot of={rule.decision} />,
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
      cell: ({ rule }) => rule.note ?? <span className="muted">–</span>,
    },
    {
      id: 'by',
      header: 'By',
      width: 'minmax(100px, 1fr)',
      from: 560,
      cell: ({ who }) => who,
    },
    {
      id: 'at',
      header: 'Decided',
      width: '90px',
      align: 'end',
      from: 420,
      cell: ({ at }) => <RelativeTime at={at} />,
    },
    {
      id: 'act',
      header: 'Actions',
      width: '84px',
      align: 'end',
      cell: ({ audience }) =>
        may && (
          <Button
            small
            look="quiet"
            pending={forget.pending}
            title="What is wider holds again"
            onClick={() => forget.act({ target: { kind: 'app', item: app.app }, audience })}
          >
            Remove
          </Button>
        ),
    },
  ];
  return (
    <Table
      label="Decisions"
      rows={rows}
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
