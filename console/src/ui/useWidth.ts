import { type RefObject, useLayoutEffect, useState } from 'react';

/** How wide elements were last, by what they are. The next page mostly leaves as much room, and what is drawn
 * for it at once need not be drawn again. */
const LAST = new Map<string, number>();

/** The width of an element in CSS pixels, kept up to date; until it is known that of the last one `like` it,
 * or `fallback`. */
export function useWidth(
  ref: RefObject<HTMLElement | null>,
  fallback: number,
  like?: string,
): number {
  const [width, setWidth] = useState(() => (like && LAST.get(like)) || fallback);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element || typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(([entry]) => {
      if (!entry) return;
      const now = Math.round(entry.contentRect.width);
      if (like) LAST.set(like, now);
      setWidth(now);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [like, ref]);
  return width;
}
