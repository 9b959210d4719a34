/** Cells of the table: in its head, in its rows, and while it loads. */
import { ArrowDown, ArrowUp } from 'lucide-react';
import type { CSSProperties } from 'react';
import { Link } from 'react-router';
import { Skeleton } from '../States';
import { cx } from '../cx';
import styles from './Table.module.css';
import type { Column, Sort } from './types';

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
      className={cx(styles.cell, align === 'end' && styles.end)}
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
  href?: (row: T) => string;
  onOpen?: (row: T) => void;
}

/** The first column's content is the link; its target covers the row. */
export function Cells<T>({ row, columns, href, onOpen }: CellsProps<T>) {
  return columns.map((column, index) => {
    const content = column.cell(row);
    const lead = index === 0 && (href || onOpen);
    return (
      <div
        key={column.id}
        role="gridcell"
        className={cx(styles.cell, column.align === 'end' && styles.end)}
      >
        {!lead && content}
        {lead && href && (
          <Link className={styles.open} to={href(row)}>
            {content}
          </Link>
        )}
        {lead && !href && (
          <button type="button" className={styles.open} onClick={() => onOpen?.(row)}>
            {content}
          </button>
        )}
      </div>
    );
  });
}

interface WaitingProps<T> {
  columns: readonly Column<T>[];
  line: CSSProperties;
  selectable: boolean;
}

/** Rows to be; their lengths differ, as text does. */
export function Waiting<T>({ columns, line, selectable }: WaitingProps<T>) {
  return (
    <div role="rowgroup">
      {Array.from({ length: 8 }, (_, index) => (
        <div key={index} role="row" className={cx(styles.line, styles.row)} style={line}>
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
