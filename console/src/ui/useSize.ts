import { type RefObject, useLayoutEffect, useState } from 'react';

export interface Size {
  width: number;
  height: number;
}

/** How large elements were last, by what they are. The next page mostly leaves as much room, and what is drawn
 * for it at once need not be drawn again. */
const LAST = new Map<string, Size>();

/** The size of an element's content in CSS pixels, kept up to date; until it is known that of the last one `like`
 * it, or what `guess` says. */
export function useSize(
  ref: RefObject<HTMLElement | null>,
  guess: () => Size,
  like?: string,
): Size {
  const [size, setSize] = useState(() => (like && LAST.get(like)) || guess());
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element || typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(([entry]) => {
      if (!entry) return;
      const width = Math.round(entry.contentRect.width);
      const height = Math.round(entry.contentRect.height);
      if (like) LAST.set(like, { width, height });
      setSize((old) => (old.width === width && old.height === height ? old : { width, height }));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [like, ref]);
  return size;
}
