/** How many apps or MCP servers a device has; which and in which versions, when somebody points at it. */
import { useGet } from '@/api/query';
import { count } from '@/format/format';
import { Skeleton, Tooltip } from '@/ui';
import { identityParts, middle } from '../parts/words';
import styles from '../parts/fleet.module.css';

interface Props {
  device: string;
  many: number;
  of: 'apps' | 'mcp_servers';
}

export function CountWithVersions({ device, many, of }: Props) {
  if (many === 0) return <span className="muted">0</span>;
  return (
    <Tooltip side="left" text={<Found device={device} of={of} />}>
      <button type="button" className={styles.count} tabIndex={-1}>
        {count(many)}
      </button>
    </Tooltip>
  );
}

const MOST = 14;

/** Asked for only once the tooltip is open. */
function Found({ device, of }: Omit<Props, 'many'>) {
  const inventory = useGet('/api/v1/devices/{id}/inventory', { params: { path: { id: device } } });
  if (inventory.error) return <>{inventory.error.title}</>;
  if (!inventory.data) return <Skeleton width="120px" />;
  const lines =
    of === 'apps'
      ? inventory.data.apps.map(({ name, version }) => [name, version] as const)
      : inventory.data.mcp_servers.map(
          ({ identity, version }) => [middle(identityParts(identity).name, 36), version] as const,
        );
  return (
    <span className={styles.versions}>
      {lines.slice(0, MOST).map(([name, version], at) => (
        <span key={at}>
          <span>{name}</span>
          <span className="secondary">{version ?? 'any version'}</span>
        </span>
      ))}
      {lines.length > MOST && <span>and {lines.length - MOST} more</span>}
    </span>
  );
}
