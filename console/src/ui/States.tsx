/** What to show when there is nothing, not yet anything, or no answer. */
import type { ReactNode } from 'react';
import type { ApiProblem } from '@/api/problem';
import { Button } from './Button';
import styles from './states.module.css';

interface EmptyProps {
  title: string;
  /** What would be here, and how it gets here. */
  children?: ReactNode;
  actions?: ReactNode;
}

export function EmptyState({ title, children, actions }: EmptyProps) {
  return (
    <div className={styles.state}>
      <p className={styles.name}>{title}</p>
      {children && <p>{children}</p>}
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}

/** The gateway's own words about what failed, and a way on. */
export function ErrorState({ problem, retry }: { problem: ApiProblem; retry?: () => void }) {
  return (
    <div className={styles.state} role="alert">
      <p className={styles.name}>{problem.title}</p>
      <p>
        {problem.detail}
        {problem.retryAfter ? ` Try again in ${problem.retryAfter} s.` : ''}
      </p>
      {problem.requestId && (
        <p className="small muted">
          Request <code>{problem.requestId}</code>
        </p>
      )}
      {retry && (
        <div className={styles.actions}>
          <Button onClick={retry}>Try again</Button>
        </div>
      )}
    </div>
  );
}

/** A grey line where text will be. */
export const Skeleton = ({ width = '60%' }: { width?: string }) => (
  <span className={styles.skeleton} style={{ width }} aria-hidden />
);

interface LoadProps<T> {
  query: { data: T | undefined; error: ApiProblem | null; refetch: () => unknown };
  children: (data: T) => ReactNode;
}

/** The three states of one thing: `<Load query={device}>{(device) => …}</Load>`. */
export function Load<T>({ query, children }: LoadProps<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <ErrorState problem={query.error} retry={() => void query.refetch()} />;
  return (
    <div className={styles.state} aria-busy="true">
      <span className="sr-only">Loading</span>
      <Skeleton width="240px" />
      <Skeleton width="180px" />
      <Skeleton width="210px" />
    </div>
  );
}
