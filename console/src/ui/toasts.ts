/** Short messages at the corner. Anything may say one: `toast.done('Key revoked')`. */
import { useSyncExternalStore } from 'react';
import type { ApiProblem } from '@/api/problem';

export interface ToastAction {
  label: string;
  run: () => void | Promise<void>;
}

export interface Toast {
  id: number;
  kind: 'done' | 'problem';
  text: string;
  detail?: string;
  action?: ToastAction;
  /** Milliseconds on the screen, while nobody points at it. */
  lasts: number;
}

let toasts: readonly Toast[] = [];
let next = 1;
const listeners = new Set<() => void>();

function set(now: readonly Toast[]): void {
  toasts = now;
  for (const listener of listeners) listener();
}

function show(toast: Omit<Toast, 'id'>): void {
  // Four at most: who acts faster than that sees the newest.
  set([...toasts.slice(-3), { ...toast, id: next++ }]);
}

export const toast = {
  done(text: string, action?: ToastAction): void {
    show({ kind: 'done', text, action, lasts: action ? 10_000 : 4_000 });
  },
  problem(problem: ApiProblem): void {
    const wait = problem.retryAfter ? ` Try again in ${problem.retryAfter} s.` : '';
    const fields = problem.errors.map((error) => error.detail).join(' ');
    show({
      kind: 'problem',
      text: problem.title,
      detail: (fields || problem.detail) + wait,
      lasts: 12_000,
    });
  },
  close(id: number): void {
    set(toasts.filter((shown) => shown.id !== id));
  },
};

export const useToasts = (): readonly Toast[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
