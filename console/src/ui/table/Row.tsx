/** A row of the table. It is drawn again only when something of it changed: a table finds out how high it is after
 * it was drawn, and scrolls, and neither concerns the rows that stand. */
import { type CSSProperties, memo } from 'react';
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
  line: CSSProperties;
  current: boolean;
  /** Pixels from the top, where only some rows are there. */
  top?: number;
  selected?: boolean;
  toggle?: (key: string) => void;
  href?: (row: T) => string;
  onOpen?: (row: T) => void;
}

function Drawn<T>({ id, value, rowKey, index, columns, line, current, top, ...more }: RowProps<T>) {
  const { selected, toggle, href, onOpen } = more;
  return (
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={cx(styles.line, styles.row, current && styles.current)}
      style={top === undefined ? line : { ...line, transform: `translateY(${top}px)` }}
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
      <Cells row={value} columns={columns} href={href} onOpen={onOpen} />
    </div>
  );
}

export const Row = memo(Drawn) as typeof Drawn;
