/** What is known of a server, and who decided what holds for it. */
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Schema } from '@/api/client';
import { plural } from '@/format/format';
import { RelativeTime } from '@/ui';
import { href } from '@/url/search';
import { TRANSPORT } from '../parts/words';
import styles from '../parts/fleet.module.css';

export function FactList({
  facts,
}: {
  facts: readonly (readonly [string, ReactNode, ReactNode?])[];
}) {
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value, more]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
          {more !== undefined && more !== null && <dd className={styles.small}>{more}</dd>}
        </div>
      ))}
    </dl>
  );
}

interface DecidedProps {
  at: string | null;
  by: string | null | undefined;
}

/** When and by whom; `the default` where nobody did. */
export function Decided({ at, by }: DecidedProps) {
  if (!at) return <>By the default of the settings</>;
  return (
    <>
      <RelativeTime at={at} />
      {by && ` by ${by}`}
    </>
  );
}

export function ServerFacts({ server }: { server: Schema<'McpServer'> }) {
  return (
    <FactList
      facts={[
        [
          'Decided for the fleet',
          <Decided
            key="decided"
            at={server.decided_at ?? null}
            by={server.decided_by_name ?? server.decided_by}
          />,
          server.note ? `“${server.note}”` : 'no note',
        ],
        [
          'On',
          <Link key="devices" to={href('/devices', { mcp_server: server.identity })}>
            {plural(server.devices, 'device')}
          </Link>,
        ],
        ['Clients', server.clients.join(', ') || '–'],
        [
          'Transport',
          server.transports.map((one) => TRANSPORT[one] ?? one).join(', ') || '–',
          server.versions.length > 0 ? `versions ${server.versions.join(', ')}` : undefined,
        ],
        ['First seen', <RelativeTime key="first" at={server.first_seen_at} />],
        ['Last seen', <RelativeTime key="last" at={server.last_seen_at} />],
      ]}
    />
  );
}
