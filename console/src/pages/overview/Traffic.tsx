/** Spend, calls and denials over time, each with the period before. */
import { Link } from 'react-router';
import type { Schema } from '@/api/client';
import { count, money, short } from '@/format/format';
import { TimeSeries } from '@/ui';
import { href } from '@/url/search';
import { delta } from './delta';
import styles from './overview.module.css';

type Amounts = Schema<'OverviewAmounts'>;

interface Measure {
  id: string;
  title: string;
  value: (amounts: Amounts) => number;
  format: (value: number) => string;
  axis: (value: number) => string;
  /** Of the log behind it. */
  to: (from: string, until: string) => string;
  color: string;
  /** Said in place of an empty chart. */
  none: string;
  /** More is worse. */
  bad?: boolean;
}

const MEASURES: readonly Measure[] = [
  {
    id: 'cost',
    title: 'Spend',
    value: ({ cost_micro_usd }) => cost_micro_usd,
    format: money,
    axis: money,
    to: (from, to) => href('/usage', { from, to }),
    color: 'var(--series-1)',
    none: 'Nothing was spent in this time.',
  },
  {
    id: 'requests',
    title: 'Requests',
    value: ({ requests }) => requests,
    format: count,
    axis: short,
    to: (from, to) => href('/requests', { from, to }),
    color: 'var(--series-3)',
    none: 'No call came in this time. Make a key, and point a client at the gateway.',
  },
  {
    id: 'denied',
    title: 'Denials',
    value: ({ denied }) => denied,
    format: count,
    axis: short,
    to: (from, to) => href('/requests', { from, to, outcome: 'refused' }),
    color: 'var(--bad)',
    none: 'No call was refused in this time.',
    bad: true,
  },
];

interface Props {
  of: Schema<'OverviewTraffic'>;
  hours: number;
}

const BEFORE: Record<number, string> = {
  24: 'against the 24 hours before',
  168: 'against the 7 days before',
  720: 'against the 30 days before',
};

export function Traffic({ of, hours }: Props) {
  const times = of.series.map(({ start }) => start);
  return (
    <div className={styles.charts}>
      {MEASURES.map((measure) => {
        const now = measure.value(of.total);
        const before = measure.value(of.previous);
        const change = delta(now, before);
        return (
          <section key={measure.id} className={styles.chart} aria-label={measure.title}>
            <div className={styles.tileHead}>
              <h2>{measure.title}</h2>
              <Link className={styles.figure} to={measure.to(of.from, of.to)}>
                {measure.format(now)}
              </Link>
            </div>
            <p className={styles.sub} title={`${measure.format(before)} in the same time before`}>
              <span className={measure.bad && change.up ? styles.worse : undefined}>
                {change.text}
              </span>
              {change.up !== null && change.text.endsWith('%') && ` ${BEFORE[hours] ?? ''}`}
            </p>
            {now === 0 ? (
              <p className={styles.none}>{measure.none}</p>
            ) : (
              <TimeSeries
                label={`${measure.title} over time`}
                times={times}
                height={148}
                format={measure.axis}
                series={[
                  {
                    id: measure.id,
                    label: measure.title,
                    color: measure.color,
                    values: of.series.map(({ amounts }) => measure.value(amounts)),
                  },
                ]}
              />
            )}
          </section>
        );
      })}
      <Saved of={of.cache} />
    </div>
  );
}

/** What the cache saved; nothing where no call could have been answered by it. */
function Saved({ of }: { of: Schema<'OverviewCache'> }) {
  const { hits, misses, saved_micro_usd } = of;
  const asked = hits + misses;
  if (asked === 0) return null;
  return (
    <section className={styles.chart} aria-label="Saved by the cache">
      <div className={styles.tileHead}>
        <h2 title="What answers that were given again would have cost.">Saved by the cache</h2>
        <span className={styles.figure}>{money(saved_micro_usd)}</span>
      </div>
      <p className={styles.sub}>
        {count(hits)} of {count(asked)} calls answered from it
      </p>
    </section>
  );
}
