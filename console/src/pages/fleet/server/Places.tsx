/** On which devices a server is, in which client’s configuration, and what came of the decision there. */
import { Link } from 'react-router';
import type { Schema } from '@/api/client';
import { type Column, EmptyState, Table } from '@/ui';
import { href } from '@/url/search';
import { Two } from '../parts/Identity';
import { type Decision, SCOPE, middle } from '../parts/words';
import { EffectCell } from '../device/EffectCell';

type Place = Schema<'McpOccurrence'>;
type Effect = Schema<'Effect'>;

interface Props {
  places: readonly Place[];
  effects: readonly Effect[];
  decision: Decision;
  identity: string;
}

/** The API tells so many places. */
const MOST = 1_000;

export function Places({ places, effects, decision, identity }: Props) {
  const at = new Map(effects.map((effect) => [keyOf(effect), effect]));
  const columns: Column<Place>[] = [
    {
      id: 'device',
      header: 'Device',
      width: 'minmax(130px, 1.2fr)',
      cell: ({ hostname, user }) => <Two first={hostname} second={user ?? 'whole machine'} />,
    },
    {
      id: 'effect',
      header: 'Effect',
      width: '140px',
      about: 'What the device found when it looked whether its decision is in force.',
      cell: (place) => {
        const effect = at.get(keyOf(place));
        return <EffectCell effect={effect} decision={effect?.decision ?? decision} />;
      },
    },
    {
      id: 'client',
      header: 'Client and scope',
      width: 'minmax(120px, 1fr)',
      from: 480,
      cell: ({ client, scope, enabled }) => (
        <Two first={client} second={`${SCOPE[scope] ?? scope}${enabled ? '' : ', switched off'}`} />
      ),
    },
    {
      id: 'file',
      header: 'Configured in',
      width: 'minmax(140px, 1.3fr)',
      from: 720,
      cell: ({ config_path, name }) => (
        <Two
          first={
            <span className="mono" title={config_path}>
              {middle(config_path, 44)}
            </span>
          }
          second={`as ${name}`}
        />
      ),
    },
    {
      id: 'launch',
      header: 'Starts',
      width: 'minmax(160px, 1.6fr)',
      from: 940,
      cell: ({ command, args, url }) => {
        const text = url ?? [command, ...args].filter(Boolean).join(' ');
        return (
          <span className="mono secondary" title={text}>
            {middle(text, 56)}
          </span>
        );
      },
    },
  ];
  return (
    <div className="section">
      <Table
        label="Devices that have it"
        rows={places}
        rowKey={keyOf}
        rowHeight={52}
        columns={columns}
        href={({ device }) => `/devices/${device}`}
        empty={
          <EmptyState title="On no device now">
            It was configured somewhere before, or somebody decided about it ahead of time.
          </EmptyState>
        }
      />
      {places.length >= MOST && (
        <p className="small secondary">
          The first 1,000 places.{' '}
          <Link to={href('/devices', { mcp_server: identity })}>All devices that have it</Link>
        </p>
      )}
    </div>
  );
}

interface Keyed {
  device: string;
  client?: string | null;
  name?: string | null;
  user?: string | null;
  config_path?: string | null;
}

const keyOf = ({ device, client, name, user, config_path }: Keyed): string =>
  [device, client, name, user, config_path].map((part) => part ?? '').join('|');
