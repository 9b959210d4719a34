/** Every address behind the sign-in and the file of its page: a chunk each, so that the first paint waits for one
 * only. The others are fetched when nothing else is to be done, so that going to them waits for none. */
import type { ComponentType } from 'react';

export type LoadPage = () => Promise<{ default: ComponentType }>;

/** Milliseconds after which the first page stands. */
const LATER = 1_500;

export const PAGES: readonly (readonly [path: string, load: LoadPage])[] = [
  ['/', () => import('@/pages/overview/Overview')],

  ['/devices', () => import('@/pages/fleet/Devices')],
  ['/devices/:id', () => import('@/pages/fleet/Device')],
  ['/apps', () => import('@/pages/fleet/Apps')],
  ['/apps/:app', () => import('@/pages/fleet/App')],
  ['/mcp-servers', () => import('@/pages/fleet/McpServers')],
  ['/mcp-servers/:identity', () => import('@/pages/fleet/McpServer')],
  ['/access-requests', () => import('@/pages/fleet/AccessRequests')],

  ['/requests', () => import('@/pages/traffic/RequestLog')],
  ['/requests/:id', () => import('@/pages/traffic/RequestDetail')],
  ['/usage', () => import('@/pages/traffic/Usage')],
  ['/keys', () => import('@/pages/traffic/Keys')],
  ['/teams', () => import('@/pages/traffic/Teams')],
  ['/users', () => import('@/pages/traffic/Users')],
  ['/budgets', () => import('@/pages/traffic/Budgets')],
  ['/providers', () => import('@/pages/traffic/Providers')],

  ['/guardrails', () => import('@/pages/guardrails/Guardrails')],

  ['/audit', () => import('@/pages/trust/Audit')],
  ['/settings', () => import('@/pages/trust/Settings')],
  ['/account', () => import('@/pages/trust/Account')],
];

/** Fetches what is not there yet, a page at a time; returns how to stop that. */
export function fetchPages(): () => void {
  let stopped = false;
  const timer = window.setTimeout(() => {
    void (async () => {
      for (const [, load] of PAGES) {
        await idle();
        if (stopped) return;
        // One that cannot be fetched now is fetched when somebody goes there, who is told then.
        await load().catch(() => undefined);
      }
    })();
  }, LATER);
  return () => {
    stopped = true;
    window.clearTimeout(timer);
  };
}

/** Waits for a moment in which the browser has nothing to do; Safari does not tell of such. */
function idle(): Promise<void> {
  return new Promise((then) => {
    if ('requestIdleCallback' in window) window.requestIdleCallback(() => then());
    else setTimeout(then, 50);
  });
}
