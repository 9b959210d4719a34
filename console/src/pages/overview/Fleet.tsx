/** Devices by presence, and what is on them by decision: each figure leads to its list. */
import { Link } from 'react-router';
import type { Schema } from '@/api/client';
import { useMay } from '@/api/session';
import { count, duration } from '@/format/format';
import { StatusDot, type StatusName } from '@/ui';
import { href } from '@/url/search';
import styles from './overview.module.css';

interface Part {
  state: StatusName;
  many: number;
  to: string;
  color: string;
}

export function Fleet({ of }: { of: Schema<'OverviewFleet'> }) {
  const { devices, apps, mcp_servers } = of;
  const catalogues = useMay('audit');
  const decisions = (
    path: string,
    { approved, pending, denied }: Schema<'OverviewDecisions'>,
  ): Part[] => {
    const to = (decision: string) => href(path, { decision, present: true });
    return [
      { state: 'approved', many: approved, to: to('approved'), color: 'var(--ok)' },
      { state: 'pending', many: pending, to: to('pending'), color: 'var(--warn)' },
      { state: 'denied', many: denied, to: to('denied'), color: 'var(--bad)' },
    ];
  };
  const presence = (state: 'online' | 'late' | 'missing', color: string): Part => ({
    state,
    many: devices[state],
    to: href('/devices', { presence: state }),
    color,
  });
  return (
    <div className={styles.tiles}>
      <Tile
        title="Devices"
        to="/devices"
        total={devices.total}
        about={`Online: checked in within ${duration(devices.online_seconds)}. Missing: not within ${duration(devices.late_seconds)}.`}
        parts={[
          presence('online', 'var(--ok)'),
          presence('late', 'var(--warn)'),
          presence('missing', 'var(--bad)'),
        ]}
      />
      {catalogues && (
        <>
          <Tile
            title="MCP servers"
            to={href('/mcp-servers', { present: true })}
            total={mcp_servers.approved + mcp_servers.pending + mcp_servers.denied}
            about="On a device now, by what holds for the fleet."
            parts={decisions('/mcp-servers', mcp_servers)}
          />
          <Tile
            title="Apps"
            to={href('/apps', { present: true })}
            total={apps.approved + apps.pending + apps.denied}
            about="On a device or in its traffic, by what holds for the fleet."
            parts={decisions('/apps', apps)}
          />
        </>
      )}
    </div>
  );
}

interface TileProps {
  title: string;
  to: string;
  total: number;
  about: string;
  parts: readonly Part[];
}

function Tile({ title, to, total, about, parts }: TileProps) {
  return (
    <section className={styles.tile} aria-label={title}>
      <div className={styles.tileHead}>
        <h2 title={about}>{title}</h2>
        <Link className={styles.figure} to={to}>
          {count(total)}
        </Link>
      </div>
      <div className={styles.split} aria-hidden>
        {parts
          .filter(({ many }) => many > 0)
          .map(({ state, many, color }) => (
            <span key={state} style={{ flexGrow: many, background: color }} />
          ))}
      </div>
      <ul className={styles.parts}>
        {parts.map(({ state, many, to: lead }) => (
          <li key={state}>
            <Link to={lead}>
              <StatusDot of={state} /> <span className="strong">{count(many)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
