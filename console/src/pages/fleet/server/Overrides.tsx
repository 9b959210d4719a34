/** Every decision about one server: the fleet's, and those of teams, devices and single launches. */
import type { Schema } from '@/api/client';
import { useMay } from '@/api/session';
import { Button, type Column, EmptyState, RelativeTime, StatusDot, Table } from '@/ui';
import { AudienceName } from '../parts/Audience';
import { toolWords } from '../parts/steps';
import { useForget } from '../parts/useDecide';

type Rule = Schema<'McpRule'>;

export function Overrides({ rules }: { rules: readonly Rule[] }) {
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
      id: 'bound',
      header: 'Bound to',
      width: 'minmax(120px, 1fr)',
      from: 560,
      cell: ({ launch, arguments: args }) => {
        const hash = launch ?? args;
        if (!hash) return 'the server';
        return (
          <span title={hash}>
            {launch ? 'launch ' : 'arguments '}
            <code>{hash.slice(0, 12)}</code>
          </span>
        );
      },
    },
    {
      id: 'tools',
      header: 'Tools',
      width: 'minmax(100px, 1fr)',
      from: 720,
      cell: ({ tools }) => <span title={toolWords(tools)}>{toolWords(tools)}</span>,
    },
    {
      id: 'note',
      header: 'Note',
      width: 'minmax(120px, 1.4fr)',
      from: 860,
      cell: ({ note }) =>
        note ? <span title={note}>{note}</span> : <span className="muted">–</span>,
    },
    {
      id: 'at',
      header: 'Decided',
      width: '90px',
      align: 'end',
      from: 480,
      cell: ({ decided_at }) => <RelativeTime at={decided_at} />,
    },
    {
      id: 'act',
      header: 'Actions',
      width: '84px',
      align: 'end',
      cell: (rule) =>
        may && (
          <Button
            small
            look="quiet"
            pending={forget.pending}
            title="What is wider holds again"
            onClick={() =>
              forget.act({
                target: { kind: 'mcp_server', item: rule.identity },
                audience: rule.audience,
                rule: rule.id,
              })
            }
          >
            Remove
          </Button>
        ),
    },
  ];
  return (
    <Table
      label="Decisions"
      rows={rules}
      rowKey={({ id }) => id}
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
