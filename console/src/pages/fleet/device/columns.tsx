/** The columns of the device list. */
import type { Schema } from '@/api/client';
import { absolute } from '@/format/format';
import { Badge, type Column, RelativeTime, StatusDot } from '@/ui';
import { Two } from '../parts/Identity';
import { platformWords } from '../parts/words';
import { CountWithVersions } from './Versions';

export type Device = Schema<'Device'>;

/** Off-duty states come before presence: they say why nothing else matters. */
export function DeviceState({ of }: { of: Device }) {
  if (of.quarantine) return <StatusDot of="quarantined" />;
  if (of.disabled) return <StatusDot of="disabled" />;
  return <StatusDot of={of.presence} />;
}

const owner = ({ owner: whose }: Device) =>
  whose ? (
    <Two first={whose.name} second={whose.email} />
  ) : (
    <span className="muted">Nobody yet</span>
  );

/** Each column comes where the window has room for it beside those before: no column is cut. */
export const COLUMNS: readonly Column<Device>[] = [
  {
    id: 'hostname',
    header: 'Device',
    width: 'minmax(130px, 1.4fr)',
    sort: 'hostname',
    from: 690,
    cell: ({ hostname, name }) =>
      name === hostname ? hostname : <Two first={hostname} second={name} />,
  },
  {
    id: 'hostname-and-owner',
    header: 'Device',
    width: 'minmax(130px, 1.4fr)',
    sort: 'hostname',
    until: 690,
    cell: ({ hostname, owner: whose, platform }) => (
      <Two first={hostname} second={whose?.name ?? platformWords(platform)} />
    ),
  },
  {
    id: 'state',
    header: 'State',
    width: '96px',
    about:
      'Online: checked in within two intervals and two minutes. Late: not that, but within a day and three intervals. Missing: not even that.',
    cell: (device) => <DeviceState of={device} />,
  },
  { id: 'owner', header: 'Owner', width: 'minmax(140px, 1.3fr)', from: 690, cell: owner },
  {
    id: 'group',
    header: 'Group',
    width: 'minmax(84px, 0.8fr)',
    from: 990,
    about: 'The group of devices that it is in: guardrails can be for some groups only.',
    cell: ({ group_name }) => group_name ?? <span className="muted">None</span>,
  },
  {
    id: 'platform',
    header: 'Platform',
    width: 'minmax(116px, 1.1fr)',
    from: 890,
    cell: ({ platform }) => <Two first={platformWords(platform)} second={platform.arch} />,
  },
  {
    id: 'agent',
    header: 'Agent',
    width: '76px',
    from: 1190,
    about: 'The version of the agent that runs on it.',
    cell: ({ agent_version, effective, problem }) => (
      <span className="row">
        {agent_version}
        {effective === false && (
          <Badge tone="warn" title={problem ?? 'It says that it does not govern.'}>
            !
          </Badge>
        )}
      </span>
    ),
  },
  {
    id: 'apps',
    header: 'Apps',
    width: '52px',
    align: 'end',
    from: 760,
    about: 'AI apps installed on it.',
    cell: ({ id, apps }) => <CountWithVersions device={id} many={apps} of="apps" />,
  },
  {
    id: 'mcp',
    header: 'MCP',
    width: '48px',
    align: 'end',
    from: 540,
    about: 'MCP servers that its clients’ configurations name.',
    cell: ({ id, mcp_servers }) => (
      <CountWithVersions device={id} many={mcp_servers} of="mcp_servers" />
    ),
  },
  {
    id: 'first',
    header: 'First seen',
    width: '92px',
    align: 'end',
    from: 1100,
    sort: 'first_seen',
    about: 'When it was enrolled.',
    cell: ({ enrolled_at }) => <RelativeTime at={enrolled_at} />,
  },
  {
    id: 'last',
    header: 'Last check-in',
    width: '104px',
    align: 'end',
    from: 470,
    sort: 'last_seen',
    about: 'When it last asked for news. Its inventory may be older.',
    cell: ({ last_seen_at, inventory_changed_at }) => (
      <span
        title={
          inventory_changed_at
            ? `Inventory as of ${absolute(new Date(inventory_changed_at))}`
            : 'No inventory yet'
        }
      >
        <RelativeTime at={last_seen_at} />
      </span>
    ),
  },
];
