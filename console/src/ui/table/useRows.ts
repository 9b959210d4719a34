/** The keyboard in a table: j, k, arrows, Home and End move; x selects; Enter opens; Escape forgets
 * the selection. */
import { type KeyboardEvent, useCallback, useEffect, useState } from 'react';

interface Rows {
  keys: readonly string[];
  open?: (index: number) => void;
  toggle?: (key: string) => void;
  clear?: () => void;
  reveal: (index: number) => void;
  /** Listens on the whole page, for the one table a page is about. */
  everywhere: boolean;
}

/** Whether keys belong to what has the focus, such as a text field or an open dialog. */
export function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('[role="dialog"], [role="menu"], [role="listbox"]')) return true;
  if (target instanceof HTMLInputElement) return target.type !== 'checkbox';
  return target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName);
}

export function useRows({ keys, open, toggle, clear, reveal, everywhere }: Rows) {
  const [current, setCurrent] = useState<string | null>(null);
  const at = current === null ? -1 : keys.indexOf(current);

  const press = useCallback(
    (key: string): boolean => {
      const go = (to: number) => {
        const index = Math.max(0, Math.min(keys.length - 1, to));
        const next = keys[index];
        if (next === undefined) return false;
        setCurrent(next);
        reveal(index);
        return true;
      };
      switch (key) {
        case 'j':
        case 'ArrowDown':
          return go(at + 1);
        case 'k':
        case 'ArrowUp':
          return go(at - 1);
        case 'Home':
          return go(0);
        case 'End':
          return go(keys.length - 1);
        case 'x':
          if (at < 0 || !toggle) return false;
          toggle(keys[at] ?? '');
          return true;
        case 'Enter':
          if (at < 0 || !open) return false;
          open(at);
          return true;
        case 'Escape':
          if (!clear) return false;
          clear();
          return true;
        default:
          return false;
      }
    },
    [at, clear, keys, open, reveal, toggle],
  );

  useEffect(() => {
    if (!everywhere) return;
    const listen = (event: globalThis.KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      // Elsewhere only letters are free: arrows scroll and Enter presses what has the focus.
      const free = event.target === document.body || /^[jkx]$/.test(event.key);
      if (!free || typing(event.target)) return;
      if (press(event.key)) event.preventDefault();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [everywhere, press]);

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    // A button or a link in the table keeps its own Enter.
    if (event.target !== event.currentTarget && !/^[jkx]$/.test(event.key)) return;
    if (press(event.key)) event.preventDefault();
  };
  return { at, onKeyDown };
}
