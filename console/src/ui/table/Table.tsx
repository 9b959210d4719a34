/** The table of every list: virtual when long, with a fixed header, keyboard, selection, and the
 * states of its list. Rows lead somewhere by `href`, or open something by `onOpen`. */
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  type ReactNode,
  useCallback,
  useDeferredValue,
  useEffect,
  useId,
  useMemo,
  useRef,
} from 'react';
import { useNavigate } from 'react-router';
import type { List } from '@/api/query';
import { count } from '@/format/format';
import { Checkbox } from '../Checkbox';
import { ErrorState } from '../States';
import { cx } from '../cx';
import { useWidth } from '../useWidth';
import { BulkBar } from './BulkBar';
import { CsvLink } from './CsvLink';
import { HeadCell, Waiting } from './Parts';
import { Row } from './Row';
import styles from './Table.module.css';
import type { Column, Sort } from './types';
import { useRows } from './useRows';

export type { Column, Sort } from './types';

export interface Selection {
  keys: ReadonlySet<string>;
  set: (keys: ReadonlySet<string>) => void;
}

export interface TableProps<T> {
  /** Names the table for those who listen. */
  label: string;
  /** From `useList`, or `rows` for what is there already. */
  list?: List<T>;
  rows?: readonly T[];
  rowKey: (row: T) => string;
  columns: readonly Column<T>[];
  href?: (row: T) => string;
  onOpen?: (row: T) => void;
  /** Shown when there is no row: an `<EmptyState>` that says how rows get here. */
  empty: ReactNode;
  sort?: Sort | null;
  onSort?: (sort: Sort) => void;
  /** `useState<ReadonlySet<string>>(new Set())` of the page. */
  selection?: Selection;
  /** Buttons for what is selected. */
  bulk?: ReactNode;
  /** A file of the same rows. */
  csv?: string;
  /** How many there are in all, where the API says so. */
  total?: number;
  /** The table is the page: it takes the height that is left, and the keyboard. */
  fill?: boolean;
  /** Pixels; 36 for one line, 52 for two. */
  rowHeight?: number;
  /** Rows have two lines where the table is narrower than this. */
  tallUntil?: number;
}

const NONE: readonly never[] = [];

/** Below this many rows all are in the page, so that the browser's own search finds them. */
const VIRTUAL_FROM = 80;
/** So many are drawn at once: more than fit most screens. The others follow when these stand. */
const AT_ONCE = 28;

export function Table<T>(props: TableProps<T>) {
  const { list } = props;
  const none = (list?.items ?? props.rows ?? NONE).length === 0;
  if (list?.problem && none) return <ErrorState problem={list.problem} retry={list.retry} />;
  if (!list?.loading && none) return <>{props.empty}</>;
  return <Grid {...props} />;
}

/** With rows, or waiting for them: what is measured is there from the first moment on. */
function Grid<T>(props: TableProps<T>) {
  const { label, list, rowKey, href, onOpen, selection, fill = false } = props;
  const rows = list?.items ?? props.rows ?? NONE;
  const scroll = useRef<HTMLDivElement>(null);
  const width = useWidth(scroll, 1200, fill ? 'page' : undefined);
  const rowHeight = width < (props.tallUntil ?? 0) ? 52 : (props.rowHeight ?? 36);
  const navigate = useNavigate();
  const id = useId();

  const columns = useMemo(
    () =>
      props.columns.filter(
        ({ from = 0, until = Number.POSITIVE_INFINITY }) => from <= width && width < until,
      ),
    [props.columns, width],
  );
  const keys = useMemo(() => rows.map(rowKey), [rows, rowKey]);
  const virtual = rows.length >= VIRTUAL_FROM;
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollPaddingStart: 32,
    enabled: virtual,
  });

  const reveal = useCallback(
    (index: number) => {
      if (virtual) virtualizer.scrollToIndex(index);
      else document.getElementById(`${id}-${index}`)?.scrollIntoView({ block: 'nearest' });
    },
    [id, virtual, virtualizer],
  );
  const toggle = useCallback(
    (key: string) => {
      if (!selection) return;
      const next = new Set(selection.keys);
      if (!next.delete(key)) next.add(key);
      selection.set(next);
    },
    [selection],
  );
  const open = (index: number) => {
    const row = rows[index];
    if (row === undefined) return;
    if (onOpen) onOpen(row);
    else if (href) void navigate(href(row));
  };
  const { at, onKeyDown } = useRows({
    keys,
    open: href || onOpen ? open : undefined,
    toggle: selection && toggle,
    clear: selection && selection.keys.size > 0 ? () => selection.set(new Set()) : undefined,
    reveal,
    everywhere: fill,
  });

  const drawn = Math.max(useDeferredValue(rows.length, AT_ONCE), AT_ONCE);
  const items = virtual ? virtualizer.getVirtualItems() : [];
  const last = virtual ? (items.at(-1)?.index ?? 0) : rows.length - 1;
  const { more = false, loadingMore = false, loadMore } = list ?? {};
  useEffect(() => {
    if (more && !loadingMore && last >= rows.length - 20) loadMore?.();
  }, [last, loadMore, loadingMore, more, rows.length]);

  const tracks = columns.map((column) => column.width ?? 'minmax(120px, 1fr)').join(' ');
  const gridTemplateColumns = selection ? `16px ${tracks}` : tracks;
  const line = useMemo<CSSProperties>(() => ({ gridTemplateColumns }), [gridTemplateColumns]);
  const all = keys.length > 0 && keys.every((key) => selection?.keys.has(key));
  const some = (selection?.keys.size ?? 0) > 0;

  const row = (index: number, top?: number) => {
    const value = rows[index];
    const key = keys[index];
    if (value === undefined || key === undefined) return null;
    return (
      <Row
        key={key}
        id={`${id}-${index}`}
        value={value}
        rowKey={key}
        index={index}
        columns={columns}
        line={line}
        current={index === at}
        top={top}
        selected={selection?.keys.has(key)}
        toggle={selection && toggle}
        href={href}
        onOpen={onOpen}
      />
    );
  };

  return (
    <div
      className={cx(styles.frame, fill ? styles.fill : styles.boxed, list?.stale && styles.stale)}
      style={{ '--row-height': `${rowHeight}px` } as CSSProperties}
    >
      <div
        ref={scroll}
        className={styles.scroll}
        role="grid"
        tabIndex={0}
        aria-label={label}
        aria-rowcount={more ? -1 : rows.length + 1}
        aria-multiselectable={selection ? true : undefined}
        aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
        aria-busy={list?.loading}
        onKeyDown={onKeyDown}
      >
        <div role="rowgroup" className={styles.head}>
          <div
            role="row"
            aria-rowindex={1}
            className={styles.line}
            style={{ ...line, height: '100%' }}
          >
            {selection && (
              <div role="columnheader">
                <Checkbox
                  label="Select all rows read so far"
                  hideLabel
                  checked={all ? true : some ? 'indeterminate' : false}
                  onChange={(checked) => selection.set(new Set(checked ? keys : []))}
                />
              </div>
            )}
            {columns.map((column) => (
              <HeadCell key={column.id} column={column} sort={props.sort} onSort={props.onSort} />
            ))}
          </div>
        </div>
        {list?.loading ? (
          <Waiting columns={columns} line={line} selectable={Boolean(selection)} />
        ) : virtual ? (
          <div
            role="rowgroup"
            className={styles.virtual}
            style={{ height: virtualizer.getTotalSize() }}
          >
            {items.map((item) => row(item.index, item.start))}
          </div>
        ) : (
          <div role="rowgroup">{rows.slice(0, drawn).map((_, index) => row(index))}</div>
        )}
      </div>
      {(fill || more || props.csv) && !list?.loading && (
        <div className={styles.foot}>
          <span role="status">
            {props.total !== undefined && `${count(rows.length)} of ${count(props.total)}`}
            {props.total === undefined && `${count(rows.length)} shown`}
            {list?.problem && ' · could not be refreshed'}
          </span>
          {more && (
            <button type="button" className={styles.sort} onClick={loadMore} disabled={loadingMore}>
              {loadingMore ? 'Loading…' : 'Load more'}
            </button>
          )}
          {props.csv && <CsvLink address={props.csv} />}
        </div>
      )}
      {selection && selection.keys.size > 0 && (
        <BulkBar many={selection.keys.size} clear={() => selection.set(new Set())}>
          {props.bulk}
        </BulkBar>
      )}
    </div>
  );
}
