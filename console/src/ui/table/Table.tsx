/** The table of every list: virtual when long, with a fixed header, keyboard, selection, and the
 * states of its list. Rows lead somewhere by `href`, or open something by `onOpen`. */
import {
  type CSSProperties,
  type ReactNode,
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
} from 'react';
import { useNavigate } from 'react-router';
import type { List } from '@/api/query';
import { count } from '@/format/format';
import { Checkbox } from '../Checkbox';
import { ErrorState } from '../States';
import { cx } from '../cx';
import { useSize } from '../useSize';
import { BulkBar } from './BulkBar';
import { CsvLink } from './CsvLink';
import { HeadCell, Waiting } from './Parts';
import { Row } from './Row';
import styles from './Table.module.css';
import type { Column, Sort } from './types';
import { useRows } from './useRows';
import { useWindow } from './useWindow';

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

/** How large a table mostly is: until it is on the screen. */
const usual = () => ({ width: 1200, height: window.innerHeight * 0.8 });

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
  const { width, height } = useSize(scroll, usual, fill ? 'page' : undefined);
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
  const { long, first, end, onScroll, scrollTo } = useWindow(scroll, {
    rows: rows.length,
    rowHeight,
    height,
  });

  const reveal = useCallback(
    (index: number) => {
      if (long) scrollTo(index);
      else document.getElementById(`${id}-${index}`)?.scrollIntoView({ block: 'nearest' });
    },
    [id, long, scrollTo],
  );
  // The same for all rows at all times: who selects one draws no other again.
  const now = useRef(props);
  useLayoutEffect(() => {
    now.current = props;
  });
  const toggle = useCallback((key: string) => {
    const { selection: chosen } = now.current;
    const next = new Set(chosen?.keys);
    if (!next.delete(key)) next.add(key);
    chosen?.set(next);
  }, []);
  const open = useCallback(
    (row: T) => {
      const { href: path, onOpen: act } = now.current;
      if (act) act(row);
      else if (path) void navigate(path(row));
    },
    [navigate],
  );
  const opens = Boolean(onOpen ?? href);
  const openAt = (index: number) => {
    const row = rows[index];
    if (row !== undefined) open(row);
  };
  const { at, onKeyDown } = useRows({
    keys,
    open: opens ? openAt : undefined,
    toggle: selection && toggle,
    clear: selection && selection.keys.size > 0 ? () => selection.set(new Set()) : undefined,
    reveal,
    everywhere: fill,
  });

  const { more = false, loadingMore = false, loadMore } = list ?? {};
  useEffect(() => {
    if (more && !loadingMore && end > rows.length - 20) loadMore?.();
  }, [end, loadMore, loadingMore, more, rows.length]);

  const tracks = columns.map((column) => column.width ?? 'minmax(120px, 1fr)').join(' ');
  const shape = {
    '--row-height': `${rowHeight}px`,
    '--tracks': selection ? `16px ${tracks}` : tracks,
  };
  const all = keys.length > 0 && keys.every((key) => selection?.keys.has(key));
  const some = (selection?.keys.size ?? 0) > 0;

  const draw = (value: T, offset: number) => {
    const index = first + offset;
    const key = keys[index] ?? '';
    return (
      <Row
        key={key}
        id={`${id}-${index}`}
        value={value}
        rowKey={key}
        index={index}
        columns={columns}
        current={index === at}
        selected={selection?.keys.has(key)}
        toggle={selection && toggle}
        href={href}
        open={opens ? open : undefined}
      />
    );
  };

  return (
    <div
      className={cx(styles.frame, fill ? styles.fill : styles.boxed, list?.stale && styles.stale)}
      style={shape as CSSProperties}
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
        onScroll={onScroll}
      >
        <div role="rowgroup" className={styles.head}>
          <div role="row" aria-rowindex={1} className={styles.line}>
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
          <Waiting columns={columns} selectable={Boolean(selection)} />
        ) : (
          <div
            role="rowgroup"
            style={{
              paddingTop: first * rowHeight,
              paddingBottom: (rows.length - end) * rowHeight,
            }}
          >
            {rows.slice(first, end).map(draw)}
          </div>
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
