/** What a page shows, as typed parameters in its address: links, the back button and saved views all
 * work by themselves. */
import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';

/** Reads one parameter; what it does not understand counts as not given. */
export type Param<T> = (value: string | null) => T | undefined;

export const text: Param<string> = (value) => (value ? value : undefined);
export const flag: Param<boolean> = (value) =>
  value === 'true' ? true : value === 'false' ? false : undefined;
export const whole: Param<number> = (value) =>
  value !== null && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
export const oneOf =
  <const T extends string>(...values: readonly T[]): Param<T> =>
  (value) =>
    values.find((known) => known === value);

export type Params = Record<string, Param<unknown>>;
export type Search<P extends Params> = { [K in keyof P]?: ReturnType<P[K]> };
export type SetSearch<P extends Params> = (change: {
  [K in keyof P]?: ReturnType<P[K]> | null;
}) => void;

/** `const [search, setSearch] = useSearch(PARAMS)`, with `PARAMS` a constant outside the component.
 * `setSearch({ q: null })` takes one away. */
export function useSearch<P extends Params>(params: P): [Search<P>, SetSearch<P>] {
  const [raw, setRaw] = useSearchParams();
  const search = useMemo(() => {
    const found: Record<string, unknown> = {};
    for (const [name, read] of Object.entries(params)) {
      const value = read(raw.get(name));
      if (value !== undefined) found[name] = value;
    }
    return found as Search<P>;
  }, [params, raw]);
  const set = useCallback<SetSearch<P>>(
    (change) =>
      setRaw(
        (old) => {
          const next = new URLSearchParams(old);
          for (const [name, value] of Object.entries(change)) {
            if (value === null || value === undefined || value === '') next.delete(name);
            else next.set(name, String(value));
          }
          return next;
        },
        { replace: true },
      ),
    [setRaw],
  );
  return [search, set];
}

/** An address with a query, for links and downloads; what is undefined is left out. */
export function href(path: string, query: Record<string, unknown> = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') params.set(name, String(value));
  }
  const tail = params.toString();
  return tail ? `${path}?${tail}` : path;
}
