/** Properties of one thing, one a line. What is missing shows a dash. */
import type { ReactNode } from 'react';
import styles from './text.module.css';

export function KeyValue({ rows }: { rows: readonly (readonly [ReactNode, ReactNode])[] }) {
  return (
    <dl className={styles.list}>
      {rows.map(([name, value], at) => (
        <div key={typeof name === 'string' ? name : at} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value ?? <span className="muted">–</span>}</dd>
        </div>
      ))}
    </dl>
  );
}
