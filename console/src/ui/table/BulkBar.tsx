/** What can be done with the selected rows. */
import type { ReactNode } from 'react';
import { count } from '@/format/format';
import { Button } from '../Button';
import { Kbd } from '../Kbd';
import styles from './Table.module.css';

interface Props {
  many: number;
  clear: () => void;
  children: ReactNode;
}

export function BulkBar({ many, clear, children }: Props) {
  return (
    <div className={styles.bulk} role="toolbar" aria-label="Selected rows">
      <span role="status" className="strong">
        {count(many)} selected
      </span>
      {children}
      <Button look="quiet" small onClick={clear}>
        Clear <Kbd>Esc</Kbd>
      </Button>
    </div>
  );
}
