/** The figures of a chart: one moment of it, and all of it. */
import styles from './chart.module.css';
import { timeTitle } from './scale';
import { type Series, colorOf } from './TimeSeries';

interface Common {
  times: readonly string[];
  series: readonly Series[];
  format: (value: number) => string;
}

interface ReadOutProps extends Common {
  at: number;
  left: number;
  width: number;
}

export function ReadOut({ at, left, width, times, series, format }: ReadOutProps) {
  const side = left > width / 2 ? { right: width - left + 12 } : { left: left + 12 };
  return (
    <div className={styles.read} style={side} role="status">
      <div className="strong">{timeTitle(new Date(times[at] ?? 0))}</div>
      <dl>
        {series.map((one, index) => (
          <div key={one.id} style={{ display: 'contents' }}>
            <span
              className={styles.swatch}
              style={{ background: colorOf(one, index) }}
              aria-hidden
            />
            <dt>{one.label}</dt>
            <dd>{format(one.values[at] ?? 0)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

export function Figures({ label, times, series, format }: Common & { label: string }) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.tableFrame} tabIndex={0} role="region" aria-label={label}>
      <table className={styles.table}>
        <caption className="sr-only">{label}</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            {series.map((one) => (
              <th key={one.id} scope="col">
                {one.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times.map((time, index) => (
            <tr key={time}>
              <th scope="row">{timeTitle(new Date(time))}</th>
              {series.map((one) => (
                <td key={one.id}>{format(one.values[index] ?? 0)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
