/** The AI apps of a device: installed ones, and those it only saw in its traffic. */
import type { Schema } from '@/api/client';
import type { List } from '@/api/query';
import { count } from '@/format/format';
import { type Column, EmptyState, Load, RelativeTime, Table } from '@/ui';
import { DecisionMenu } from '../parts/DecisionMenu';
import { Two } from '../parts/Identity';
import { itemPath, middle } from '../parts/words';
import { EffectCell } from './EffectCell';
import type { Query } from './Servers';
import type { Device } from './columns';
import { type Effect, effectOnApp } from './effectOf';

type Installed = Schema<'InstalledApp'>;
type Seen = Schema<'DeviceApp'>;

interface Props {
  device: Device;
  inventory: Query<Schema<'DeviceInventory'>>;
  effects: List<Effect>;
  seen: List<Seen>;
}

export function Apps({ device, inventory, effects, seen }: Props) {
  const installed: Column<Installed>[] = [
    {
      id: 'app',
      header: 'App',
      width: 'minmax(140px, 1.4fr)',
      cell: ({ name, publisher, app }) => <Two first={name} second={publisher ?? app} />,
    },
    {
      id: 'decision',
      header: 'Decision',
      width: 'minmax(112px, 140px)',
      about: 'What holds on this device.',
      cell: ({ app, decision }) => (
        <DecisionMenu
          target={{ kind: 'app', item: app }}
          decision={decision}
          device={device}
          label={app}
        />
      ),
    },
    {
      id: 'effect',
      header: 'Effect',
      width: '136px',
      from: 480,
      cell: ({ app, decision }) => (
        <EffectCell effect={effectOnApp(effects.items, app)} decision={decision} />
      ),
    },
    {
      id: 'version',
      header: 'Version',
      width: '100px',
      from: 400,
      cell: ({ version }) => version ?? <span className="muted">unknown</span>,
    },
    {
      id: 'source',
      header: 'Installed by',
      width: '110px',
      from: 720,
      cell: ({ source, user }) => <Two first={source} second={user ?? 'whole machine'} />,
    },
    {
      id: 'path',
      header: 'Path',
      width: 'minmax(140px, 1.2fr)',
      from: 860,
      cell: ({ path }) => (
        <span className="mono secondary" title={path}>
          {middle(path, 40)}
        </span>
      ),
    },
    {
      id: 'traffic',
      header: 'Last traffic',
      width: '100px',
      align: 'end',
      from: 640,
      cell: ({ app }) => (
        <RelativeTime at={seen.items.find((one) => one.app === app)?.last_seen_at} never="none" />
      ),
    },
  ];
  return (
    <Load query={inventory}>
      {({ apps, hash }) => {
        const known = new Set(apps.map(({ app }) => app));
        const others = seen.items.filter(({ app }) => !known.has(app));
        return (
          <div className="stack">
            <Table
              label={`Apps on ${device.hostname}`}
              rows={apps}
              rowKey={({ app, path, user }) => `${app}|${path}|${user ?? ''}`}
              rowHeight={52}
              columns={installed}
              href={({ app }) => itemPath('app', app)}
              empty={
                <EmptyState
                  title={hash === null ? 'Not looked yet' : 'No AI app is installed here'}
                >
                  Apps are found by looking at packages, application folders and editors’
                  extensions, never by starting anything.
                </EmptyState>
              }
            />
            {others.length > 0 && (
              <section className="section">
                <h2>Only seen in traffic</h2>
                <Table
                  label="Apps seen in traffic"
                  rows={others}
                  rowKey={({ app }) => app}
                  rowHeight={52}
                  columns={TRAFFIC}
                  href={({ app }) => itemPath('app', app)}
                  empty={null}
                />
              </section>
            )}
          </div>
        );
      }}
    </Load>
  );
}

const TRAFFIC: readonly Column<Seen>[] = [
  {
    id: 'app',
    header: 'App',
    cell: ({ app, path }) => (
      <Two first={app} second={<span className="mono">{middle(path, 48)}</span>} />
    ),
  },
  {
    id: 'relayed',
    header: 'Relayed',
    width: '80px',
    align: 'end',
    about: 'Connections that went through the gateway.',
    cell: ({ relayed }) => count(relayed),
  },
  {
    id: 'denied',
    header: 'Refused',
    width: '80px',
    align: 'end',
    cell: ({ denied }) => count(denied),
  },
  {
    id: 'pinned',
    header: 'Pinned',
    width: '80px',
    align: 'end',
    from: 520,
    about: 'Handshakes that the app broke off because of the organisation’s certificate.',
    cell: ({ pinned }) => count(pinned),
  },
  {
    id: 'last',
    header: 'Last seen',
    width: '100px',
    align: 'end',
    cell: ({ last_seen_at }) => <RelativeTime at={last_seen_at} />,
  },
];
