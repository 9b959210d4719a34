/** What a device reported about every decision that concerns it. */
import type { List } from '@/api/query';
import { type Column, EmptyState, RelativeTime, StatusDot, Table } from '@/ui';
import { Identity, Two } from '../parts/Identity';
import { itemPath, meansWords, middle } from '../parts/words';
import type { Effect } from './effectOf';

const COLUMNS: readonly Column<Effect>[] = [
  {
    id: 'item',
    header: 'About',
    width: 'minmax(160px, 1.4fr)',
    cell: ({ app, identity, client, name }) =>
      identity ? (
        <Two first={<Identity of={identity} />} second={`${name ?? ''} in ${client ?? ''}`} />
      ) : (
        <Two first={app} second="App" />
      ),
  },
  {
    id: 'decision',
    header: 'Decision',
    width: '100px',
    from: 520,
    cell: ({ decision }) => <StatusDot of={decision} />,
  },
  {
    id: 'state',
    header: 'Effect',
    width: '136px',
    cell: ({ state }) => <StatusDot of={state} />,
  },
  {
    id: 'means',
    header: 'By',
    width: 'minmax(120px, 1fr)',
    from: 720,
    about: 'The means by which the device enforces it.',
    cell: ({ means }) => (
      <span title={meansWords(means)}>{meansWords(means) || <span className="muted">–</span>}</span>
    ),
  },
  {
    id: 'why',
    header: 'Why',
    width: 'minmax(140px, 1.4fr)',
    from: 860,
    cell: ({ detail, config_path }) => (
      <Two
        first={<span title={detail ?? undefined}>{detail ?? '–'}</span>}
        second={
          config_path && (
            <span className="mono" title={config_path}>
              {middle(config_path, 44)}
            </span>
          )
        }
      />
    ),
  },
  {
    id: 'at',
    header: 'Reported',
    width: '90px',
    align: 'end',
    from: 420,
    cell: ({ reported_at, revision }) => (
      <span title={`Of revision ${revision} of the policy`}>
        <RelativeTime at={reported_at} />
      </span>
    ),
  },
];

export function Effects({ effects }: { effects: List<Effect> }) {
  return (
    <Table
      label="Effects"
      list={effects}
      rowKey={(effect) =>
        [
          effect.app,
          effect.identity,
          effect.client,
          effect.name,
          effect.config_path,
          effect.user,
        ].join('|')
      }
      rowHeight={52}
      columns={COLUMNS}
      href={({ app, identity }) => itemPath(app ? 'app' : 'mcp_server', app ?? identity ?? '')}
      empty={
        <EmptyState title="Nothing to enforce here">
          When something is denied, the device says here by which means it did that, and whether it
          found the denial in force afterwards.
        </EmptyState>
      }
    />
  );
}
