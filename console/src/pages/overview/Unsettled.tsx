/** What is not as it was decided or set up, and where to look. */
import { Link } from 'react-router';
import type { Schema } from '@/api/client';
import { plural } from '@/format/format';
import { EmptyState, RelativeTime, StatusDot, type StatusName } from '@/ui';
import { href } from '@/url/search';
import styles from './overview.module.css';

interface Line {
  id: string;
  state: StatusName;
  devices?: number;
  what: string;
  then: string;
  to: string;
  at?: string | null;
}

interface Props {
  of: Schema<'OverviewFleet'>;
  providers: readonly Schema<'ProviderState'>[];
  /** The node that answers; null for who is confined to a team. */
  node: Schema<'OverviewNode'> | null | undefined;
}

export function Unsettled({ of: { unsettled, devices }, providers, node }: Props) {
  const refused = node?.configuration_refused;
  const effect = (state: keyof typeof unsettled, then: string): Line => ({
    id: state,
    state,
    devices: unsettled[state],
    what: '',
    then,
    to: href('/devices', { effect: state }),
  });
  const lines: Line[] = [
    ...(refused
      ? [
          {
            id: 'configuration',
            state: 'failing' as const,
            what: 'Configuration on disk is not in force',
            then: refused.why,
            to: href('/settings', { tab: 'about' }),
            at: refused.at,
          },
        ]
      : []),
    ...providers
      .filter(({ healthy }) => healthy === false)
      .map(({ name, last_error, last_error_at }): Line => ({
        id: `provider ${name}`,
        state: 'failing',
        what: name,
        then: last_error ?? 'Its last call failed.',
        to: href('/providers', { provider: name }),
        at: last_error_at,
      })),
    {
      id: 'quarantined',
      state: 'quarantined',
      devices: devices.quarantined,
      what: '',
      then: 'Two machines may use one key: find the copy.',
      to: href('/devices', { quarantined: true }),
    },
    {
      id: 'ineffective',
      state: 'failing',
      devices: devices.ineffective,
      what: '',
      then: 'They say that they do not govern: calls may go out directly.',
      to: href('/devices', { effective: false }),
    },
    effect('failed', 'Enforcing a decision failed; the device says why.'),
    effect('shadowed', 'A policy of higher rank holds instead of ours.'),
    effect('pending_restart', 'In force once people restart the client.'),
    effect('unsupported', 'The client offers no means; its traffic is still governed.'),
    {
      id: 'missing',
      state: 'missing',
      devices: devices.missing,
      what: '',
      then: 'They keep their last policy, and get no new one.',
      to: href('/devices', { presence: 'missing' }),
    },
  ];
  const shown = lines.filter((line) => line.devices !== 0);
  return (
    <section className="section">
      <h2>Not as decided</h2>
      {shown.length === 0 ? (
        <EmptyState title="Everything is in force">
          Every device that reported found each decision in force, and every provider that was
          called answers.
        </EmptyState>
      ) : (
        <ul className={styles.list}>
          {shown.map((line) => (
            <li key={line.id}>
              <div className={styles.grow}>
                <div className={styles.lead}>
                  <StatusDot of={line.state}>
                    {line.id === 'ineffective' ? 'Not governing' : undefined}
                  </StatusDot>
                  <Link className={styles.name} to={line.to}>
                    {line.devices === undefined ? line.what : plural(line.devices, 'device')}
                  </Link>
                </div>
                <div className={styles.sub} title={line.then}>
                  {line.then}
                </div>
              </div>
              {line.at && (
                <span className="small secondary">
                  <RelativeTime at={line.at} />
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
