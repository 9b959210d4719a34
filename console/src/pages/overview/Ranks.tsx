/** Where money and refusals come from. */
import { useState } from 'react';
import { Link } from 'react-router';
import type { Schema } from '@/api/client';
import { count, money } from '@/format/format';
import { EmptyState } from '@/ui';
import { href } from '@/url/search';
import segments from '../fleet/parts/fleet.module.css';
import styles from './overview.module.css';

type Rank = Schema<'OverviewRank'>;
const KINDS = [
  { id: 'models', label: 'Models', filter: 'model' },
  { id: 'apps', label: 'Apps', filter: 'app' },
  { id: 'users', label: 'Users', filter: 'user' },
  { id: 'refusals', label: 'Refusals', filter: 'code' },
] as const;

type Kind = (typeof KINDS)[number];

interface Props {
  of: Schema<'OverviewTraffic'>;
  hours: number;
}

export function Ranks({ of }: Props) {
  const [kind, setKind] = useState<Kind>(KINDS[0]);
  const rows: readonly Rank[] = of[kind.id].slice(0, 8);
  const figure = (rank: Rank) => (kind.id === 'refusals' ? rank.requests : rank.cost_micro_usd);
  const top = Math.max(1, ...rows.map(figure));
  return (
    <section className="section">
      <div className="row">
        <h2 className="grow">{kind.id === 'refusals' ? 'Why calls were refused' : 'Most spent'}</h2>
        <div className={segments.segments} role="radiogroup" aria-label="Ranked by">
          {KINDS.map((one) => (
            <label key={one.id}>
              <input
                type="radio"
                name="rank"
                checked={one.id === kind.id}
                onChange={() => setKind(one)}
              />
              {one.label}
            </label>
          ))}
        </div>
      </div>
      {rows.length === 0 ? (
        <EmptyState title="No call in this time">
          Calls that go through the gateway are counted here by model, app and user.
        </EmptyState>
      ) : (
        <ol className={styles.ranks}>
          {rows.map((rank) => (
            <li key={rank.id}>
              <span
                className={styles.rankBar}
                style={{ width: `${(figure(rank) / top) * 100}%` }}
                aria-hidden
              />
              <Link
                className="truncate"
                to={href('/requests', { [kind.filter]: rank.id, from: of.from })}
              >
                {rank.name}
              </Link>
              <span className="secondary">{count(rank.requests)} calls</span>
              <span className={styles.amount}>
                {kind.id === 'refusals' ? '' : money(rank.cost_micro_usd)}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
