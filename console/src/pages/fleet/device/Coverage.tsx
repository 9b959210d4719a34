/** Where the device looked: so that an empty list can be trusted. */
import { useState } from 'react';
import type { Schema } from '@/api/client';
import { plural } from '@/format/format';
import { Badge, type Column, EmptyState, Load, RelativeTime, Switch, Table } from '@/ui';
import { Two } from '../parts/Identity';
import type { Query } from './Servers';

type Place = Schema<'Coverage'>;

const LOOKED: Record<string, { word: string; tone: 'ok' | 'warn' | 'bad' | 'idle' }> = {
  found: { word: 'Read', tone: 'ok' },
  absent: { word: 'Not there', tone: 'idle' },
  unreadable: { word: 'Unreadable', tone: 'bad' },
  broken: { word: 'Broken', tone: 'bad' },
  too_large: { word: 'Too large', tone: 'warn' },
};

/** Pixels under which a table says in one column what else has several. */
const NARROW = 620;

const COLUMNS: readonly Column<Place>[] = [
  {
    id: 'client',
    header: 'Client',
    width: 'minmax(110px, 160px)',
    from: NARROW,
    cell: ({ client }) => client,
  },
  {
    id: 'place',
    header: 'Place',
    width: 'minmax(160px, 1fr)',
    until: NARROW,
    cell: ({ client, path }) => (
      <Two first={<span className="mono">{path}</span>} second={client} />
    ),
  },
  {
    id: 'looked',
    header: 'Outcome',
    width: '110px',
    cell: ({ looked }) => {
      const { word, tone } = LOOKED[looked] ?? { word: looked, tone: 'idle' as const };
      return <Badge tone={tone}>{word}</Badge>;
    },
  },
  {
    id: 'path',
    header: 'Place',
    width: 'minmax(180px, 2fr)',
    from: NARROW,
    cell: ({ path }) => (
      <span className="mono" title={path}>
        {path}
      </span>
    ),
  },
  {
    id: 'user',
    header: 'Whose',
    width: '120px',
    from: 620,
    cell: ({ user }) => user ?? <span className="muted">whole machine</span>,
  },
  {
    id: 'detail',
    header: 'Detail',
    from: 760,
    width: 'minmax(120px, 1fr)',
    cell: ({ detail }) =>
      detail ? <span title={detail}>{detail}</span> : <span className="muted">–</span>,
  },
];

export function Coverage({ inventory }: { inventory: Query<Schema<'DeviceInventory'>> }) {
  const [absent, setAbsent] = useState(false);
  return (
    <Load query={inventory}>
      {({ coverage, stored_at }) => {
        const there = coverage.filter(({ looked }) => looked !== 'absent');
        const bad = coverage.filter(({ looked }) => looked !== 'absent' && looked !== 'found');
        const rows = absent ? coverage : there;
        return (
          <div className="section">
            <div className="row">
              <p className="secondary grow">
                {plural(coverage.length, 'place')} looked at; {there.length} exist
                {bad.length > 0 && `, of which ${bad.length} could not be read`}. Inventory from{' '}
                <RelativeTime at={stored_at} />.
              </p>
              <Switch
                checked={absent}
                onChange={setAbsent}
                label="Show places that are not there"
              />
            </div>
            <Table
              label="Coverage"
              rows={rows}
              rowKey={({ client, path, user }) => `${client}|${path}|${user ?? ''}`}
              columns={COLUMNS}
              tallUntil={NARROW}
              empty={
                <EmptyState title="No place was looked at yet">
                  After its first scan the device lists every file it looked for, so that “no
                  server” can be told from “not looked”.
                </EmptyState>
              }
            />
          </div>
        );
      }}
    </Load>
  );
}
