/** The last part of the breadcrumb: the name of the one thing a detail page shows. */
import { useEffect, useSyncExternalStore } from 'react';
import { useLocation } from 'react-router';

const names = new Map<string, string>();
const listeners = new Set<() => void>();

/** In a detail page, as soon as its name is known: `useCrumbName(device?.hostname)`. */
export function useCrumbName(name: string | undefined): void {
  const { pathname } = useLocation();
  useEffect(() => {
    if (!name) return;
    names.set(pathname, name);
    for (const listener of listeners) listener();
  }, [name, pathname]);
}

export function useCrumb(path: string): string | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => names.get(path),
  );
}
