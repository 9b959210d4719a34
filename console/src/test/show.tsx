/** Shows something as it stands in the console, with the gateway's answers given by hand. */
import { QueryClientProvider } from '@tanstack/react-query';
import { type RenderResult, render } from '@testing-library/react';
import axe from 'axe-core';
import type { ReactNode } from 'react';
import { RouterProvider, createMemoryRouter, useLocation } from 'react-router';
import { expect, vi } from 'vitest';
import { newClient } from '@/api/cache';
import { Toasts } from '@/ui/Toasts';
import { TooltipScope } from '@/ui/Tooltip';

interface Given {
  status?: number;
  body?: unknown;
}

export interface Seen {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

/** Answers calls by `GET /path`; anything else is a test's mistake and answers 404. Returns what was
 * asked, in order. */
export function gateway(answers: Record<string, Given | ((call: Seen) => Given)>): Seen[] {
  const seen: Seen[] = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    const url = new URL(request.url);
    const text = await request.text();
    const call: Seen = {
      method: request.method,
      path: url.pathname,
      query: url.searchParams,
      body: text ? JSON.parse(text) : null,
    };
    seen.push(call);
    const found = answers[`${call.method} ${call.path}`];
    const given = typeof found === 'function' ? found(call) : (found ?? { status: 404 });
    const { status = 200, body = status >= 400 ? problem('not_found') : {} } = given;
    const type = status >= 400 ? 'application/problem+json' : 'application/json';
    return new Response(status === 204 ? null : JSON.stringify(body), {
      status,
      headers: { 'content-type': type },
    });
  });
  return seen;
}

export const problem = (code: string, more: object = {}) => ({
  type: `urn:tidegate:problem:${code}`,
  code,
  title: code,
  detail: `Detail of ${code}.`,
  errors: [],
  ...more,
});

function Address() {
  const { pathname, search } = useLocation();
  return <span data-testid="address">{pathname + search}</span>;
}

export function show(element: ReactNode, at = '/'): RenderResult {
  const page = (
    <>
      {element}
      <Address />
    </>
  );
  const router = createMemoryRouter([{ path: '*', element: page }], { initialEntries: [at] });
  return render(
    <QueryClientProvider client={newClient()}>
      <TooltipScope>
        <RouterProvider router={router} />
        <Toasts />
      </TooltipScope>
    </QueryClientProvider>,
  );
}

/** No rule of WCAG A or AA is broken, as far as a program can tell without layout. */
export async function expectAccessible(element: Element = document.body): Promise<void> {
  const { violations } = await axe.run(element, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
    rules: { 'color-contrast': { enabled: false } },
  });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
}
