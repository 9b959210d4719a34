/** States and small labels. `StatusDot` in tables, `StatusBadge` in headers, `Badge` for the rest. */
import type { ReactNode } from 'react';
import styles from './Badge.module.css';
import { cx } from './cx';
import { STATUS, type Shape, type StatusName, type Tone } from './status';

function Mark({ shape }: { shape: Shape }) {
  const stroke = {
    fill: 'none',
    stroke: 'currentColor',
    strokeWidth: 1.8,
    strokeLinecap: 'round',
  } as const;
  return (
    <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden>
      {shape === 'dot' && <circle cx="5" cy="5" r="4" fill="currentColor" />}
      {shape === 'ring' && <circle cx="5" cy="5" r="3.6" {...stroke} />}
      {shape === 'half' && (
        <>
          <circle cx="5" cy="5" r="3.9" {...stroke} strokeWidth={1.4} />
          <path d="M5 1.500a3.500 3.500 0 0 1 0 7z" fill="currentColor" />
        </>
      )}
      {shape === 'check' && (
        <path d="M1.500 5.300 4 7.800l4.600-5.400" {...stroke} strokeLinejoin="round" />
      )}
      {shape === 'cross' && <path d="m2 2 6 6m0-6L2 8" {...stroke} />}
      {shape === 'triangle' && <path d="M5 1 9.300 9H.7z" fill="currentColor" />}
      {shape === 'dash' && <path d="M1.500 5h7" {...stroke} />}
    </svg>
  );
}

interface Props {
  of: StatusName;
  /** Instead of the usual word. */
  children?: ReactNode;
}

/** Colour, shape and word, on a soft ground. */
export function StatusBadge({ of, children }: Props) {
  const { word, tone, shape, means } = STATUS[of];
  return (
    <span className={cx(styles.badge, styles[tone])} title={means}>
      <Mark shape={shape} />
      {children ?? word}
    </span>
  );
}

/** Colour, shape and word, without a ground: for tables. */
export function StatusDot({ of, children }: Props) {
  const { word, tone, shape, means } = STATUS[of];
  return (
    <span className={cx(styles.dot, styles[tone])} title={means}>
      <Mark shape={shape} />
      {children ?? word}
    </span>
  );
}

/** A small label that is no state. */
export function Badge({
  tone = 'idle',
  title,
  children,
}: {
  tone?: Tone;
  title?: string;
  children: ReactNode;
}) {
  return (
    <span className={cx(styles.badge, tone !== 'idle' && styles[tone])} title={title}>
      {children}
    </span>
  );
}
