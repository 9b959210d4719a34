/** Amounts over time as stacked bars or as lines, with a read-out under the pointer, arrow keys, and
 * the same figures as a table. */
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { Button } from '../Button';
import { useSize } from '../useSize';
import styles from './chart.module.css';
import { Bars, Lines } from './Marks';
import { Figures, ReadOut } from './ReadOut';
import { ticks, timeLabel } from './scale';

export interface Series {
  id: string;
  label: string;
  /** One for each of `times`. */
  values: readonly number[];
  /** A CSS colour; else the next of the palette. `var(--bad)` for denials. */
  color?: string;
}

interface Props {
  label: string;
  /** Starts of the buckets, ascending (RFC 3339). */
  times: readonly string[];
  series: readonly Series[];
  kind?: 'bars' | 'lines';
  format: (value: number) => string;
  height?: number;
}

export const colorOf = (series: Series, index: number): string =>
  series.color ?? `var(--series-${(index % 6) + 1})`;

const LEFT = 52;
const BOTTOM = 22;
const TOP = 8;
/** Until it is known. */
const usual = () => ({ width: 640, height: 0 });

export function TimeSeries({ label, times, series, kind = 'bars', format, height = 180 }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const { width } = useSize(frame, usual, label);
  const [at, setAt] = useState<number | null>(null);
  const [asTable, setAsTable] = useState(false);

  const sums = times.map((_, index) =>
    series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0),
  );
  const peaks = series.map(({ values }) => Math.max(0, ...values));
  const steps = ticks(Math.max(0, ...(kind === 'bars' ? sums : peaks)));
  const top = steps.at(-1) ?? 1;
  const inner = { width: Math.max(10, width - LEFT), height: height - BOTTOM - TOP };
  const slot = inner.width / Math.max(1, times.length);
  const x = (index: number) => LEFT + slot * (index + 0.5);
  const y = (value: number) => TOP + inner.height * (1 - value / top);
  const span = new Date(times.at(-1) ?? 0).getTime() - new Date(times[0] ?? 0).getTime();
  const every = Math.max(1, Math.ceil(times.length / Math.max(1, Math.floor(inner.width / 72))));

  const point = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const index = Math.floor((event.clientX - box.left - LEFT) / slot);
    setAt(index >= 0 && index < times.length ? index : null);
  };
  const step = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    setAt((old) => Math.max(0, Math.min(times.length - 1, (old ?? times.length) + by)));
  };

  return (
    <figure className={styles.figure} ref={frame}>
      {asTable ? (
        <Figures label={label} times={times} series={series} format={format} />
      ) : (
        // The arrows move the read-out, so it takes focus like a slider does.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
        <div
          className={styles.plot}
          role="img"
          aria-label={`${label}. Arrow keys read single values; “Table” shows all.`}
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
          onPointerMove={point}
          onPointerLeave={() => setAt(null)}
          onBlur={() => setAt(null)}
          onKeyDown={step}
        >
          <svg
            className={styles.svg}
            width={width}
            height={height}
            viewBox={`0 0 ${width} ${height}`}
          >
            {at !== null && (
              <rect
                className={styles.band}
                x={x(at) - slot / 2}
                y={TOP}
                width={slot}
                height={inner.height}
              />
            )}
            {steps.map((value) => (
              <g key={value}>
                <line className={styles.grid} x1={LEFT} x2={width} y1={y(value)} y2={y(value)} />
                <text className={styles.axis} x={LEFT - 8} y={y(value) + 4} textAnchor="end">
                  {format(value)}
                </text>
              </g>
            ))}
            {times.map(
              (time, index) =>
                index % every === 0 && (
                  <text
                    key={time}
                    className={styles.axis}
                    x={x(index)}
                    y={height - 6}
                    textAnchor="middle"
                  >
                    {timeLabel(new Date(time), span)}
                  </text>
                ),
            )}
            {kind === 'bars' ? (
              <Bars series={series} many={times.length} slot={slot} x={x} y={y} />
            ) : (
              <Lines series={series} x={x} y={y} at={at} />
            )}
          </svg>
          {at !== null && (
            <ReadOut
              at={at}
              left={x(at)}
              width={width}
              times={times}
              series={series}
              format={format}
            />
          )}
        </div>
      )}
      <figcaption className={styles.legend}>
        {series.map((one, index) => (
          <span key={one.id}>
            <span
              className={styles.swatch}
              style={{ background: colorOf(one, index) }}
              aria-hidden
            />
            {one.label}
          </span>
        ))}
        <Button look="quiet" small aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? 'Chart' : 'Table'}
        </Button>
      </figcaption>
    </figure>
  );
}
