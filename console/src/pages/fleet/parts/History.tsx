/** Who decided what about one thing, newest first. */
import { Link } from 'react-router';
import { useList } from '@/api/query';
import { EmptyState, ErrorState, RelativeTime, Skeleton } from '@/ui';
import { href } from '@/url/search';
import { AudienceName } from './Audience';
import { changesOf, stepOf } from './steps';
import styles from './fleet.module.css';

export function History({ item }: { item: string }) {
  const list = useList('/api/v1/audit', { params: { query: { target: item, limit: 100 } } });
  if (list.problem) return <ErrorState problem={list.problem} retry={list.retry} />;
  if (list.loading) return <Skeleton width="320px" />;
  const steps = list.items.map(stepOf).filter((step) => step !== null);
  if (steps.length === 0) {
    return (
      <EmptyState title="Nobody has decided about it yet">
        Every decision is kept here with who made it, when, and what it replaced.
      </EmptyState>
    );
  }
  return (
    <>
      <ol className={styles.history}>
        {steps.map((step) => (
          <li key={step.id}>
            <span>
              <span className="strong">{changesOf(step).join('; ') || 'no change'}</span>
              <span className="secondary">
                {' '}
                <AudienceName of={step.audience} /> by {step.who}
              </span>
            </span>
            <RelativeTime at={step.at} />
          </li>
        ))}
      </ol>
      <p className="small">
        <Link to={href('/audit', { target: item })}>All of it in the audit</Link>
      </p>
    </>
  );
}
