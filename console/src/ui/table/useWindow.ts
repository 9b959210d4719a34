/** Which rows of a table are drawn. All have one height, so it takes no measuring of rows: the first drawing has
 * those that are seen, and what stands around them follows when they are on the screen. */
import { type RefObject, type UIEvent, useCallback, useDeferredValue, useState } from 'react';

/** From so many rows on only those near to what is seen are there. Of fewer all are, so that the browser's own
 * search finds them. */
const LONG = 80;
/** Rows above and below what is seen: so far one can scroll before others have to be drawn. */
const AROUND = 8;
/** Scrolling by fewer rows changes nothing. */
const STEP = 4;
/** Pixels of the table's head, which stays above the rows. */
const HEAD = 32;

interface Props {
  rows: number;
  rowHeight: number;
  /** Of what scrolls, its head included. */
  height: number;
}

export function useWindow(
  scroll: RefObject<HTMLElement | null>,
  { rows, rowHeight, height }: Props,
) {
  const [top, setTop] = useState(0);
  const settled = useDeferredValue(rows > 0, false);
  const long = rows >= LONG;
  const seen = Math.ceil((height - HEAD) / rowHeight);
  const first = long ? Math.max(0, Math.min(top, rows - seen) - AROUND) : 0;
  const after = long ? top + seen + STEP + AROUND : rows;
  const end = Math.min(rows, settled ? after : top + seen);

  const onScroll = useCallback(
    ({ currentTarget }: UIEvent) => {
      const row = Math.floor(currentTarget.scrollTop / rowHeight);
      setTop(row - (row % STEP));
    },
    [rowHeight],
  );
  const scrollTo = useCallback(
    (index: number) => {
      const element = scroll.current;
      if (!element) return;
      const above = index * rowHeight;
      const below = above + rowHeight + HEAD - element.clientHeight;
      if (above < element.scrollTop) element.scrollTo({ top: above });
      else if (below > element.scrollTop) element.scrollTo({ top: below });
    },
    [rowHeight, scroll],
  );
  return { long, first, end, onScroll, scrollTo };
}
