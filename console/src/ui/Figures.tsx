/** Times, money, bytes and shares, each with its exact value in the title. */
import { useSyncExternalStore } from 'react';
import { absolute, bytes, money, relative } from '@/format/format';
import { cx } from './cx';
import styles from './text.module.css';

let now = new Date();
const watchers = new Set<() => void>();
let ticking: number | undefined;

/** One clock for all; it stands still while nobody looks. */
function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  ticking ??= window.setInterval(() => {
    if (document.hidden) return;
    now = new Date();
    for (const one of watchers) one();
  }, 10_000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0) {
      window.clearInterval(ticking);
      ticking = undefined;
    }
  };
}

/** The time now, to within ten seconds. */
export const useNow = (): Date => useSyncExternalStore(watch, () => now);

/** `3 min ago`; the title has the time in full. */
export function RelativeTime({
  at,
  never = 'never',
}: {
  at: string | null | undefined;
  never?: string;
}) {
  const today = useNow();
  if (!at) return <span className="muted">{never}</span>;
  const time = new Date(at);
  // The clock only ticks now and then: what came after its last tick is no future.
  const base = time > today && time.getTime() - today.getTime() < 15_000 ? time : today;
  return (
    <time dateTime={at} title={absolute(time)}>
      {relative(time, base)}
    </time>
  );
}

export function Money({ micro }: { micro: number }) {
  return <span title={`${(micro / 1_000_000).toFixed(6)} USD`}>{money(micro)}</span>;
}

export function Bytes({ of }: { of: number }) {
  return <span title={`${of} bytes`}>{bytes(of)}</span>;
}

interface UsageProps {
  label: string;
  used: number;
  /** Set aside for calls in flight. */
  held?: number;
  cap: number;
  format: (value: number) => string;
}

/** How much of a cap is used: amber from 80 %, red at the cap. */
export function UsageBar({ label, used, held = 0, cap, format }: UsageProps) {
  const share = cap > 0 ? used / cap : 1;
  const width = (value: number) => `${Math.min(100, cap > 0 ? (value / cap) * 100 : 100)}%`;
  const tone = share >= 1 ? styles.bad : share >= 0.8 ? styles.warn : undefined;
  return (
    <div className={styles.bar}>
      <div
        className={styles.track}
        role="meter"
        aria-label={label}
        aria-valuenow={used}
        aria-valuemin={0}
        aria-valuemax={cap}
        aria-valuetext={`${format(used)} of ${format(cap)}`}
      >
        <div className={cx(styles.fill, tone)} style={{ width: width(used) }} />
        {held > 0 && (
          <div
            className={styles.held}
            style={{ width: width(held) }}
            title={`${format(held)} held by calls in flight`}
          />
        )}
      </div>
      <div className={styles.caption}>
        <span>
          {format(used)} of {format(cap)}
        </span>
        <span>{share >= 1 ? 'reached' : `${Math.floor(share * 100)} %`}</span>
      </div>
    </div>
  );
}
