/** For links of which a page has many: the router's own ask a dozen questions each, at every page that is gone to. */
import type { MouseEvent } from 'react';

/** Leads on within the console, except where the browser was asked for a tab or a file of its own. */
export function follow(event: MouseEvent, go: () => void): void {
  const { button, metaKey, ctrlKey, shiftKey, altKey } = event;
  if (button !== 0 || metaKey || ctrlKey || shiftKey || altKey) return;
  event.preventDefault();
  go();
}
