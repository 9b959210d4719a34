/** Every AI app that is installed somewhere, was seen in traffic, or was decided about. */
import { useState } from 'react';
import type { Schema } from '@/api/client';
import { useList } from '@/api/query';
import { useMay } from '@/api/session';
import { count } from '@/format/format';
import {
  Button,
  type Column,
  EmptyState,
  type Filter,
  FilterBar,
  PageHeader,
  RelativeTime,
  Table,
} from '@/ui';
import { flag, href, oneOf, text, useSearch } from '@/url/search';
import { BulkDecide } from './parts/BulkDecide';
import { DecisionMenu } from './parts/DecisionMenu';
import { EffectInList } from './parts/FleetEffect';
import { Two } from './parts/Identity';
import { itemPath } from './parts/words';

type App = Schema<'EdgeApp'>;

const PARAMS = {
  q: text,
  decision: oneOf('approved', 'pending', 'denied'),
  decided: flag,
  present: flag,
  sort: oneOf('name', 'devices', 'first_seen', 'last_seen'),
  order: oneOf('asc', 'desc'),
};

const CLEARED = { q: null, decision: null, decided: null, present: null };

const devicesOf = ({ installed, seen }: App): number =>
  Math.max(installed?.devices ?? 0, seen?.devices ?? 0);

const COLUMNS: readonly Column<App>[] = [
  {
    id: 'app',
    header: 'App',
    width: 'minmax(150px, 1.4fr)',
    sort: 'name',
    cell: ({ app, vendor, kind }) => (
      <Two
        first={app}
        second={[vendor ?? 'unknown maker', kind?.replace('_', ' ')].filter(Boolean).join(' · ')}
      />
    ),
  },
  {
    id: 'decision',
    header: 'Decision',
    width: '124px',
    about: 'What holds for the fleet; teams and devices may have their own.',
    cell: ({ app, decision }) => (
      <DecisionMenu target={{ kind: 'app', item: app }} decision={decision} label={app} />
    ),
  },
  {
    id: 'effect',
    header: 'In force on',
    width: '146px',
    from: 620,
    about: 'Devices that found the decision in force, of those that have the app.',
    cell: ({ effects, decision }) => <EffectInList of={effects} decision={decision} />,
  },
  {
    id: 'devices',
    header: 'Devices',
    width: '68px',
    align: 'end',
    from: 440,
    sort: 'devices',
    cell: (app) => count(devicesOf(app)),
  },
  {
    id: 'versions',
    header: 'Versions',
    width: 'minmax(110px, 1fr)',
    from: 860,
    cell: ({ installed }) => {
      const versions = installed?.versions ?? [];
      const [most] = versions;
      if (!most) return <span className="muted">–</span>;
      const all = versions
        .map(({ version, source, devices }) => `${version ?? 'unknown'} (${source}): ${devices}`)
        .join('\n');
      return (
        <span title={all}>
          {most.version ?? 'unknown'}
          {versions.length > 1 && (
            <span className="secondary"> and {versions.length - 1} more</span>
          )}
        </span>
      );
    },
  },
  {
    id: 'refused',
    header: 'Refused',
    width: '84px',
    align: 'end',
    from: 980,
    about: 'Connections of it that were refused.',
    cell: ({ seen }) => (seen ? count(seen.denied) : <span className="muted">–</span>),
  },
  {
    id: 'last',
    header: 'Last seen',
    width: '92px',
    align: 'end',
    from: 760,
    sort: 'last_seen',
    cell: ({ seen, installed }) => (
      <RelativeTime at={seen?.last_seen_at ?? installed?.last_seen_at} />
    ),
  },
];

const YES_NO = [
  { value: 'true', label: 'Yes' },
  { value: 'false', label: 'No' },
];

const FILTERS: readonly Filter[] = [
  {
    name: 'decision',
    label: 'Decision',
    choices: [
      { value: 'pending', label: 'Pending' },
      { value: 'approved', label: 'Approved' },
      { value: 'denied', label: 'Denied' },
    ],
  },
  { name: 'present', label: 'In the fleet', choices: YES_NO },
  { name: 'decided', label: 'Somebody decided', choices: YES_NO },
];

const pageOf = ({ app }: App) => itemPath('app', app);

export default function Apps() {
  const [search, setSearch] = useSearch(PARAMS);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const may = useMay('decide');
  // What most machines have comes first: it matters most.
  const { sort = 'devices', order = 'desc', ...filter } = search;
  const list = useList('/api/v1/edge/apps', {
    params: { query: { ...filter, sort, order, limit: 200 } },
  });
  return (
    <>
      <PageHeader
        title="Apps"
        about="AI apps that the agent knows, finds installed, or sees in traffic. A denied app reaches no provider from any device."
      />
      <FilterBar
        page="apps"
        filters={FILTERS}
        search={{ name: 'q', label: 'Search app or maker' }}
      />
      <Table
        fill
        label="Apps"
        list={list}
        rowKey={({ app }) => app}
        rowHeight={52}
        columns={COLUMNS}
        href={pageOf}
        sort={{ by: sort, dir: order }}
        onSort={({ by, dir }) => setSearch({ sort: by as typeof sort, order: dir })}
        csv={href('/api/v1/edge/apps', search)}
        selection={may ? { keys: selected, set: setSelected } : undefined}
        bulk={
          <BulkDecide
            targets={[...selected].map((item) => ({ kind: 'app', item }))}
            devices={list.items.reduce(
              (sum, app) => sum + (selected.has(app.app) ? devicesOf(app) : 0),
              0,
            )}
            clear={() => setSelected(new Set())}
          />
        }
        empty={
          <EmptyState
            title={
              Object.keys(filter).length > 0 ? 'No app matches these filters' : 'No app known yet'
            }
            actions={<Button onClick={() => setSearch(CLEARED)}>Show all apps</Button>}
          >
            Apps come from the agent’s catalogue, from what devices have installed, and from what
            they see in their traffic.
          </EmptyState>
        }
      />
    </>
  );
}
