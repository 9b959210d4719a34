/** Over how long the overview looks. */
import styles from '../fleet/parts/fleet.module.css';

const PERIODS = [
  { value: '24', label: '24 hours' },
  { value: '168', label: '7 days' },
  { value: '720', label: '30 days' },
] as const;

export type Period = (typeof PERIODS)[number]['value'];

export function Periods({ value, onChange }: { value: Period; onChange: (next: Period) => void }) {
  return (
    <div className={styles.segments} role="radiogroup" aria-label="Period">
      {PERIODS.map((period) => (
        <label key={period.value}>
          <input
            type="radio"
            name="period"
            checked={period.value === value}
            onChange={() => onChange(period.value)}
          />
          {period.label}
        </label>
      ))}
    </div>
  );
}
