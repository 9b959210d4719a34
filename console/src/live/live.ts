/** One stream of the gateway's events for the whole console. What it names is refetched where it is
 * on the screen; the rest is only marked as old. */
import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { refresh } from '@/api/query';

export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'off';

let state: LiveState = 'off';
const listeners = new Set<() => void>();

function set(next: LiveState): void {
  if (next === state) return;
  state = next;
  for (const listener of listeners) listener();
}

export function useLive(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}

function topicsIn(data: unknown): string[] {
  try {
    const { topics } = JSON.parse(String(data)) as { topics?: unknown };
    return Array.isArray(topics) ? topics.map(String) : [];
  } catch {
    return [];
  }
}

/** Milliseconds until an ended stream is asked for again, doubling up to the second figure. */
const AGAIN = [2_000, 60_000] as const;

/** Listens until the returned function is called. */
export function listen(client: QueryClient): () => void {
  let source: EventSource | undefined;
  let timer: number | undefined;
  let wait: number = AGAIN[0];
  let missed = false;
  let stopped = false;

  const open = () => {
    if (stopped) return;
    set(missed ? 'reconnecting' : 'connecting');
    source = new EventSource('/api/v1/events');
    source.onopen = () => {
      wait = AGAIN[0];
      set('live');
      // Whatever happened meanwhile was not announced.
      if (missed)
        void client.invalidateQueries({ refetchType: document.hidden ? 'none' : 'active' });
      missed = false;
    };
    source.addEventListener('changed', (event) => {
      refresh(client, topicsIn(event.data), !document.hidden);
    });
    source.onerror = () => {
      missed = true;
      set('reconnecting');
      // The browser tries again by itself unless the answer was an error.
      if (source?.readyState !== EventSource.CLOSED) return;
      timer = window.setTimeout(open, wait);
      wait = Math.min(wait * 2, AGAIN[1]);
    };
  };
  open();
  return () => {
    stopped = true;
    window.clearTimeout(timer);
    source?.close();
    set('off');
  };
}
