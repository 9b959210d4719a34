/** A row of the table. It is drawn again only when something of it changed: that a table scrolls, or one of its rows
 * is selected, does not concern the others. */
import { memo } from 'react';
import { Checkbox } from '../Checkbox';
import { cx } from '../cx';
import { Cells } from './Parts';
import styles from './Table.module.css';
import type { Column } from './types';

interface RowProps<T> {
  id: string;
  value: T;
  rowKey: string;
  index: number;
  columns: readonly Column<T>[];
  current: boolean;
  selected?: boolean;
  toggle?: (key: string) => void;
  href?: (row: T) => string;
  open?: (row: T) => void;
}

function Drawn<T>({ id, value, rowKey, index, columns, current, ...more }: RowProps<T>) {
  const { selected, toggle, href, open } = more;
  return (
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={cx(styles.line, styles.row, current && styles.current)}
    >
      {toggle && (
        <div role="gridcell" className={styles.cell}>
          <Checkbox
            label="Select row"
            hideLabel
            checked={selected ?? false}
            onChange={() => toggle(rowKey)}
          />
        </div>
      )}
      <Cells row={value} columns={columns} href={href} open={open} />
    </div>
  );
}

export const Row = memo(Drawn) as typeof Drawn;
