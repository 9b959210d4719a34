/** The MCP servers in the configurations of a device's clients. */
import type { Schema } from '@/api/client';
import { type List, useGet } from '@/api/query';
import { useMay } from '@/api/session';
import type { ApiProblem } from '@/api/problem';
import { plural } from '@/format/format';
import { Badge, type Column, EmptyState, Load, Table } from '@/ui';
import { text, useSearch } from '@/url/search';
import { DecisionMenu } from '../parts/DecisionMenu';
import { Identity, Two } from '../parts/Identity';
import { SCOPE, middle } from '../parts/words';
import { EffectCell } from './EffectCell';
import { ServerPanel } from './ServerPanel';
import type { Device } from './columns';
import { type Effect, effectOnServer } from './effectOf';

type Inventory = Schema<'DeviceInventory'>;
type Server = Schema<'DeviceMcpServer'>;
export type Query<T> = { data: T | undefined; error: ApiProblem | null; refetch: () => unknown };

export const entryOf = ({ client, name, config_path, user, project }: Server): string =>
  [client, name, config_path, user, project].map((part) => part ?? '').join('|');

interface Props {
  device: Device;
  inventory: Query<Inventory>;
  effects: List<Effect>;
}

const PARAMS = { tab: text, entry: text };

export function Servers({ device, inventory, effects }: Props) {
  const [search, setSearch] = useSearch(PARAMS);
  const own = useOwnRules(device.id);
  const columns: Column<Server>[] = [
    {
      id: 'server',
      header: 'Server',
      width: 'minmax(160px, 1.6fr)',
      cell: ({ identity, name }) => <Two first={<Identity of={identity} />} second={name} />,
    },
    {
      id: 'decision',
      header: 'Decision',
      width: 'minmax(112px, 150px)',
      about: 'What holds on this device.',
      cell: (server) => (
        <span className="row">
          <DecisionMenu
            target={{ kind: 'mcp_server', item: server.identity }}
            decision={server.decision}
            device={device}
            label={server.identity}
          />
          {own.has(server.identity) && (
            <Badge title="Decided for this device, over what holds for the fleet.">own</Badge>
          )}
        </span>
      ),
    },
    {
      id: 'effect',
      header: 'Effect',
      width: '136px',
      from: 480,
      about: 'What the device found when it looked whether the decision is in force.',
      cell: (server) => (
        <EffectCell effect={effectOnServer(effects.items, server)} decision={server.decision} />
      ),
    },
    {
      id: 'client',
      header: 'Client and scope',
      width: 'minmax(130px, 1fr)',
      from: 640,
      cell: ({ client, scope, enabled, user }) => (
        <Two
          first={client}
          second={[SCOPE[scope] ?? scope, user, enabled ? null : 'switched off']
            .filter(Boolean)
            .join(' · ')}
        />
      ),
    },
    {
      id: 'file',
      header: 'Configured in',
      width: 'minmax(140px, 1.2fr)',
      from: 900,
      cell: ({ config_path }) => (
        <span className="mono secondary" title={config_path}>
          {middle(config_path, 40)}
        </span>
      ),
    },
    {
      id: 'tools',
      header: 'Tools',
      width: '60px',
      align: 'end',
      from: 560,
      about: 'As far as they are known; no server was started to find out.',
      cell: ({ tools }) =>
        tools.length === 0 ? (
          <span className="muted" title="Not known yet">
            –
          </span>
        ) : (
          <span title={tools.join(', ')}>{tools.length}</span>
        ),
    },
    {
      id: 'version',
      header: 'Version',
      width: '76px',
      from: 1080,
      cell: ({ version }) => version ?? <span className="muted">any</span>,
    },
  ];
  return (
    <Load query={inventory}>
      {({ mcp_servers, hash, truncated, dropped }) => {
        const chosen = mcp_servers.find((server) => entryOf(server) === search.entry);
        return (
          <div className="section">
            <Table
              label={`MCP servers on ${device.hostname}`}
              rows={mcp_servers}
              rowKey={entryOf}
              rowHeight={52}
              columns={columns}
              onOpen={(server) => setSearch({ entry: entryOf(server) })}
              empty={
                hash === null ? (
                  <EmptyState title="Not looked yet">
                    The device sends what is on it after its first scan, within its next check-ins.
                  </EmptyState>
                ) : (
                  <EmptyState title="No MCP server is configured here">
                    None of the places under Coverage names one. Ones that people add later appear
                    by themselves.
                  </EmptyState>
                )
              }
            />
            {(truncated || dropped > 0) && (
              <p className="small secondary">
                {truncated && 'More was found than an inventory holds. '}
                {dropped > 0 && `${plural(dropped, 'entry', 'entries')} could not be read.`}
              </p>
            )}
            {chosen && (
              <ServerPanel
                device={device}
                server={chosen}
                effect={effectOnServer(effects.items, chosen)}
                onClose={() => setSearch({ entry: null })}
              />
            )}
          </div>
        );
      }}
    </Load>
  );
}

/** Servers that somebody decided about for this device alone. */
function useOwnRules(device: string): ReadonlySet<string> {
  const may = useMay('audit');
  const rules = useGet(
    '/api/v1/edge/mcp-rules',
    { params: { query: { audience: `device:${device}` } } },
    { enabled: may },
  );
  return new Set(rules.data?.items.map(({ identity }) => identity));
}
