/** What people changed, one sentence each, newest first. */
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { List } from '@/api/query';
import { ErrorState, RelativeTime, Skeleton } from '@/ui';
import { AudienceName } from '../fleet/parts/Audience';
import { middle } from '../fleet/parts/words';
import { type ChangeEntry, sentence } from './changeWords';
import styles from './overview.module.css';

interface Props {
  list: Pick<List<ChangeEntry>, 'items' | 'loading' | 'problem' | 'retry'>;
  empty: ReactNode;
}

export function Changes({ list, empty }: Props) {
  if (list.problem && list.items.length === 0) {
    return <ErrorState problem={list.problem} retry={list.retry} />;
  }
  if (list.loading) {
    return (
      <div className="stack" aria-busy="true">
        <Skeleton width="70%" />
        <Skeleton width="55%" />
        <Skeleton width="62%" />
      </div>
    );
  }
  if (list.items.length === 0) return <>{empty}</>;
  return (
    <ul className={styles.changes}>
      {list.items.map((entry) => (
        <Change key={entry.id} entry={entry} />
      ))}
    </ul>
  );
}

function Change({ entry }: { entry: ChangeEntry }) {
  const { who, did, what, to, more, audience } = sentence(entry);
  const shown = middle(what, 44);
  return (
    <li>
      <span className={styles.change}>
        <span className="strong">{who}</span> {did}{' '}
        {what && to && (
          <Link to={to} title={what}>
            {shown}
          </Link>
        )}
        {what && !to && <span title={what}>{shown}</span>}
        {audience && (
          <>
            {' '}
            <AudienceName of={audience} />
          </>
        )}
        {more && <span className="secondary">: {more}</span>}
      </span>
      <RelativeTime at={entry.at} />
    </li>
  );
}
