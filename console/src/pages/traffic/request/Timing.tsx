/** Where the time of a call went, as a bar: waiting for the first byte, then the answer. */
import { micros } from '@/format/format';
import { KeyValue } from '@/ui';
import type { Call } from './columns';
import styles from './request.module.css';

export function Timing({ call }: { call: Call }) {
  const { duration_us, ttft_us, overhead_us } = call;
  const first = Math.min(ttft_us ?? duration_us, duration_us);
  const share = (part: number) => `${duration_us > 0 ? (part / duration_us) * 100 : 0}%`;
  return (
    <>
      <div className={styles.time} aria-hidden>
        <span className={styles.wait} style={{ width: share(first) }} />
        <span className={styles.answer} style={{ width: share(duration_us - first) }} />
      </div>
      <KeyValue
        rows={[
          [
            <span key="first" className={styles.legend}>
              <i className={styles.wait} aria-hidden /> To the first byte
            </span>,
            ttft_us == null ? 'No body was sent' : micros(ttft_us),
          ],
          [
            <span key="rest" className={styles.legend}>
              <i className={styles.answer} aria-hidden /> Then, to the last
            </span>,
            micros(duration_us - first),
          ],
          ['Together', micros(duration_us)],
          ['Of it the gateway', micros(overhead_us)],
        ]}
      />
    </>
  );
}
