/** A trend in a line of text. It shows a shape only; the figure stands beside it. */
import styles from './chart.module.css';

interface Props {
  /** Says what it shows, for those who listen. */
  label: string;
  values: readonly number[];
  color?: string;
  width?: number;
  height?: number;
}

export function Sparkline({
  label,
  values,
  color = 'var(--accent)',
  width = 96,
  height = 24,
}: Props) {
  const top = Math.max(1, ...values);
  const step = width / Math.max(1, values.length - 1);
  const points = values.map(
    (value, index) => `${index * step},${height - 1 - (value / top) * (height - 3)}`,
  );
  return (
    <svg className={styles.spark} width={width} height={height} role="img" aria-label={label}>
      <polyline
        points={points.join(' ')}
        fill="none"
        stroke={color}
        strokeWidth={1.5}
        strokeLinejoin="round"
      />
    </svg>
  );
}
