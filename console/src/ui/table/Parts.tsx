/** Cells of the table: in its head, in its rows, and while it loads. */
import { ArrowDown, ArrowUp } from 'lucide-react';
import { Skeleton } from '../States';
import { cx } from '../cx';
import { follow } from '../follow';
import styles from './Table.module.css';
import type { Column, Sort } from './types';

const END = cx(styles.cell, styles.end);

interface HeadProps<T> {
  column: Column<T>;
  sort?: Sort | null;
  onSort?: (sort: Sort) => void;
}

export function HeadCell<T>({ column, sort, onSort }: HeadProps<T>) {
  const { header, sort: by, align, about } = column;
  const sorted = by !== undefined && sort?.by === by ? sort.dir : undefined;
  const Arrow = sorted === 'desc' ? ArrowDown : ArrowUp;
  return (
    <div
      role="columnheader"
      className={align === 'end' ? END : styles.cell}
      aria-sort={sorted && (sorted === 'asc' ? 'ascending' : 'descending')}
      title={about}
    >
      {by !== undefined && onSort ? (
        <button
          type="button"
          className={cx(styles.sort, sorted && styles.sorted)}
          onClick={() => onSort({ by, dir: sorted === 'asc' ? 'desc' : 'asc' })}
        >
          {header}
          {sorted && <Arrow size={12} aria-hidden />}
        </button>
      ) : (
        header
      )}
    </div>
  );
}

interface CellsProps<T> {
  row: T;
  columns: readonly Column<T>[];
  /** Where the row leads to: the link that it is shows so, and `open` goes there. */
  href?: (row: T) => string;
  open?: (row: T) => void;
}

/** The first column's content is the link; its target covers the row. A plain one: the router's asks a dozen questions,
 * of every row, whose answers are the same. */
export function Cells<T>({ row, columns, href, open }: CellsProps<T>) {
  return columns.map((column, index) => {
    const content = column.cell(row);
    const lead = index === 0 && open;
    return (
      <div key={column.id} role="gridcell" className={column.align === 'end' ? END : styles.cell}>
        {!lead && content}
        {lead && href && (
          <a
            className={styles.open}
            href={href(row)}
            onClick={(event) => follow(event, () => open(row))}
          >
            {content}
          </a>
        )}
        {lead && !href && (
          <button type="button" className={styles.open} onClick={() => open(row)}>
            {content}
          </button>
        )}
      </div>
    );
  });
}

interface WaitingProps<T> {
  columns: readonly Column<T>[];
  selectable: boolean;
}

/** Rows to be; their lengths differ, as text does. */
export function Waiting<T>({ columns, selectable }: WaitingProps<T>) {
  return (
    <div role="rowgroup">
      {Array.from({ length: 8 }, (_, index) => (
        <div key={index} role="row" className={cx(styles.line, styles.row)}>
          {selectable && <div role="gridcell" />}
          {columns.map((column, at) => (
            <div key={column.id} role="gridcell" className={styles.cell}>
              <Skeleton width={`${40 + ((index * 7 + at * 13) % 5) * 10}%`} />
            </div>
          ))}
        </div>
      ))}
    </div>
  );
}
