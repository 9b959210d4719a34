/** In which ways a server is started or reached, which decision covers each, and which none does. */
import { useState } from 'react';
import type { Schema } from '@/api/client';
import { useMay } from '@/api/session';
import { count } from '@/format/format';
import { Badge, Button, type Column, EmptyState, StatusDot, Table } from '@/ui';
import { DecideDialog } from '../parts/DecideDialog';
import { Two } from '../parts/Identity';
import { TRANSPORT } from '../parts/words';
import { type Launch, type Rule, boundTo, drifts } from './drift';

interface Props {
  server: Schema<'McpServer'>;
  launches: readonly Launch[];
  rules: readonly Rule[];
}

const BOUND = {
  launch: 'this exact launch',
  arguments: 'these arguments',
  identity: 'the server, however started',
} as const;

export function Launches({ server, launches, rules }: Props) {
  const may = useMay('decide');
  const [asking, setAsking] = useState<Launch | null>(null);
  const columns: Column<Launch>[] = [
    {
      id: 'launch',
      header: 'Launch',
      width: 'minmax(130px, 1fr)',
      cell: ({ launch, name }) => (
        <Two
          first={
            <code title={launch} className="strong">
              {launch.slice(0, 12)}
            </code>
          }
          second={`as ${name}`}
        />
      ),
    },
    {
      id: 'decision',
      header: 'Decision',
      width: 'minmax(150px, 1fr)',
      about: 'What holds for it in the fleet, and to what that decision is bound.',
      cell: (way) => {
        const bound = boundTo(way, rules);
        return (
          <Two
            first={<StatusDot of={way.decision} />}
            second={bound ? `bound to ${BOUND[bound]}` : 'by the default'}
          />
        );
      },
    },
    {
      id: 'drift',
      header: 'Drift',
      width: '84px',
      from: 420,
      about: 'An approval is bound to another way of starting it.',
      cell: (way) =>
        drifts(way, rules) ? (
          <Badge tone="warn" title="No approval covers it">
            Drift
          </Badge>
        ) : (
          <span className="muted">–</span>
        ),
    },
    {
      id: 'version',
      header: 'Version',
      width: '90px',
      from: 560,
      cell: ({ version }) => version ?? <span className="muted">any</span>,
    },
    {
      id: 'client',
      header: 'Client',
      width: 'minmax(110px, 1fr)',
      from: 720,
      cell: ({ client, transport }) => (
        <Two first={client} second={TRANSPORT[transport] ?? transport} />
      ),
    },
    {
      id: 'devices',
      header: 'Devices',
      width: '68px',
      align: 'end',
      from: 480,
      cell: ({ devices }) => count(devices),
    },
    {
      id: 'act',
      header: 'Actions',
      width: '84px',
      align: 'end',
      cell: (way) =>
        may && (
          <Button
            small
            aria-label={`Decide about launch ${way.launch.slice(0, 12)}`}
            onClick={() => setAsking(way)}
          >
            Decide…
          </Button>
        ),
    },
  ];
  return (
    <div className="section">
      <p className="secondary">
        A decision about the server holds however it is started. Bound to its arguments or to one
        launch, a changed start (another package version, another flag) falls back to pending and is
        shown here as drift.
      </p>
      <Table
        label="Launches"
        rows={launches}
        rowKey={({ launch, client, name }) => `${launch}|${client}|${name}`}
        rowHeight={52}
        columns={columns}
        empty={
          <EmptyState title="No launch known">
            No device has it now, so there is nothing to bind a decision to.
          </EmptyState>
        }
      />
      {asking && (
        <DecideDialog
          targets={[{ kind: 'mcp_server', item: server.identity }]}
          decision="approved"
          launch={asking}
          onClose={() => setAsking(null)}
        />
      )}
    </div>
  );
}
