/** Where a call was tried, one line after the other under one clock, and why it went on. */
import type { Schema } from '@/api/client';
import { micros } from '@/format/format';
import { cx } from '@/ui';
import styles from './request.module.css';

type Attempt = Schema<'Attempt'>;

/** Why another attempt was needed, in words. */
const FAILURES: Record<string, string> = {
  broken: 'broke off before it answered',
  connect: 'could not be reached',
  timeout: 'did not answer in time',
};

function outcome({ failure, status }: Attempt): string {
  if (failure == null) return status == null ? 'answered' : `answered ${status}`;
  return FAILURES[failure] ?? `answered ${status ?? 'nothing'}`;
}

export function Attempts({ attempts }: { attempts: readonly Attempt[] }) {
  const end = Math.max(1, ...attempts.map((one) => one.began_us + one.took_us));
  const share = (part: number) => `${(part / end) * 100}%`;
  return (
    <ol className={styles.attempts}>
      {attempts.map((one) => (
        <li key={one.began_us} className={styles.attempt}>
          <span>
            <span className="strong">
              {one.provider}
              {one.model != null && `/${one.model}`}
            </span>{' '}
            <span className="secondary">
              {one.key != null && `with key ${one.key} `}
              {outcome(one)} after {micros(one.took_us)}
            </span>
          </span>
          <span className={styles.lane} aria-hidden>
            <i
              className={cx(one.failure == null ? styles.served : styles.failed)}
              style={{ left: share(one.began_us), width: share(one.took_us) }}
            />
          </span>
        </li>
      ))}
    </ol>
  );
}
