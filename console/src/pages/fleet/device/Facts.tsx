/** The facts of a device: when it was heard of, what it is, whose it is. */
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useGet } from '@/api/query';
import { duration } from '@/format/format';
import { Copy, RelativeTime, cx } from '@/ui';
import { href } from '@/url/search';
import { useTeams } from '../parts/useChoices';
import { middle, platformWords } from '../parts/words';
import styles from '../parts/fleet.module.css';
import type { Device } from './columns';

export function Facts({ device }: { device: Device }) {
  const { platform, certificate, owner } = device;
  const teams = useTeams();
  const facets = useGet('/api/v1/devices/facets');
  const rule = facets.data
    ? `Online: checked in within ${duration(facets.data.online_seconds)}`
    : undefined;
  const facts: [string, ReactNode, ReactNode?][] = [
    ['Last check-in', <RelativeTime key="seen" at={device.last_seen_at} />, rule],
    [
      'Inventory',
      <span key="inventory">
        changed <RelativeTime at={device.inventory_changed_at} never="never read" />
      </span>,
      device.scan_pending ? 'a scan was asked for' : undefined,
    ],
    ['Platform', platformWords(platform), platform.arch],
    [
      'Agent',
      device.agent_version,
      device.effective === null
        ? 'not measured yet'
        : device.effective
          ? 'governs, as it measured'
          : 'does not govern',
    ],
    [
      'Policy',
      `Revision ${device.policy_revision}`,
      device.effects_at ? (
        <>
          effects of revision {device.effects_revision}, <RelativeTime at={device.effects_at} />
        </>
      ) : (
        'no effects reported yet'
      ),
    ],
    [
      'Owner',
      device.user && owner ? (
        <Link key="owner" to={href('/users', { user: device.user })}>
          {owner.email}
        </Link>
      ) : (
        'Nobody'
      ),
      <>
        {device.team ? (
          <Link to={href('/devices', { team: device.team })}>{teams.name(device.team)}</Link>
        ) : (
          'no team'
        )}
        {' · '}
        {device.group ? (
          <Link to={href('/devices', { group: device.group })}>
            group {device.group_name ?? device.group}
          </Link>
        ) : (
          'no group'
        )}
      </>,
    ],
    [
      'First seen',
      <RelativeTime key="first" at={device.enrolled_at} />,
      <Link key="key" to={href('/keys', { q: device.key })}>
        its virtual key
      </Link>,
    ],
    [
      'Certificate',
      <span key="until">
        expires <RelativeTime at={certificate.expires_at} />
      </span>,
      <Copy key="serial" text={device.id} shown={middle(device.id, 18)} />,
    ],
  ];
  return (
    <dl className={cx(styles.facts, styles.four)}>
      {facts.map(([name, value, more]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
          {more !== undefined && <dd className={styles.small}>{more}</dd>}
        </div>
      ))}
    </dl>
  );
}
