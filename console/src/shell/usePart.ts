/** Parts that are not there at the first paint: fetched once the page stands, so that they are at hand when
 * they are asked for. `React.lazy` would show its fallback for a while even then. */
import { type ComponentType, type ReactElement, createElement, useEffect, useState } from 'react';

/** Milliseconds after which a page stands. */
const LATER = 1_000;

/** Draws the part, once it is there. */
type Draw<P> = (props: P) => ReactElement;

export function usePart<P extends object>(
  load: () => Promise<ComponentType<P>>,
  wanted: boolean,
): Draw<P> | null {
  const [part, setPart] = useState<{ draw: Draw<P> } | null>(null);
  useEffect(() => {
    if (part) return;
    const get = () =>
      void load().then(
        (shown) => setPart({ draw: (props) => createElement(shown, props) }),
        // The next time it is wanted it is asked for again.
        () => undefined,
      );
    if (wanted) {
      get();
      return;
    }
    const timer = window.setTimeout(get, LATER);
    return () => window.clearTimeout(timer);
  }, [load, part, wanted]);
  return part?.draw ?? null;
}
