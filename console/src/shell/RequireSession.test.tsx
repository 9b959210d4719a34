import { QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { RouterProvider, createMemoryRouter } from 'react-router';
import { expect, test, vi } from 'vitest';
import { newClient } from '@/api/cache';
import { expectAccessible, gateway, problem } from '@/test/show';
import { TooltipScope } from '@/ui/Tooltip';
import { RequireSession } from './RequireSession';

const SESSION = {
  account: { id: '1', email: 'a@b.c', name: 'Ada', role: 'security', team: null },
  session: { id: '1', created_at: '', expires_at: '', provider: null },
  totp: true,
};

class Silent extends EventTarget {
  static CLOSED = 2;
  readyState = 1;
  close() {}
}

function start(at: string) {
  vi.stubGlobal('EventSource', Silent);
  const router = createMemoryRouter(
    [
      { path: '/sign-in', element: <p>Sign in here</p> },
      { element: <RequireSession />, children: [{ path: '*', element: <h1>A page</h1> }] },
    ],
    { initialEntries: [at] },
  );
  render(
    <QueryClientProvider client={newClient()}>
      <TooltipScope>
        <RouterProvider router={router} />
      </TooltipScope>
    </QueryClientProvider>,
  );
  return router;
}

test('without a session the sign-in page comes first, and knows the way back', async () => {
  gateway({ 'GET /api/v1/sessions/current': { status: 401, body: problem('unauthenticated') } });
  const router = start('/devices?presence=late');
  expect(await screen.findByText('Sign in here')).toBeTruthy();
  expect(router.state.location.search).toBe('?return_to=%2Fdevices%3Fpresence%3Dlate');
});

test('the shell is accessible, jumps by keys, and signs out', async () => {
  const user = userEvent.setup();
  const seen = gateway({
    'GET /api/v1/sessions/current': { body: SESSION },
    'DELETE /api/v1/sessions/current': { status: 204 },
  });
  const router = start('/devices');
  expect(await screen.findByRole('heading', { name: 'A page' })).toBeTruthy();
  await expectAccessible();
  await user.keyboard('gp');
  await waitFor(() => expect(router.state.location.pathname).toBe('/providers'));
  const here = screen.getByRole('link', { current: 'page' });
  expect(here.textContent).toBe('Providers');
  await user.click(screen.getByRole('link', { name: 'Teams' }));
  await waitFor(() => expect(router.state.location.pathname).toBe('/teams'));
  // The keyboard begins where the page does.
  await waitFor(() => expect(document.activeElement?.id).toBe('main'));
  await user.keyboard('?');
  expect(await screen.findByRole('dialog', { name: 'Keyboard' })).toBeTruthy();
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('dialog')).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Account of a@b.c' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Sign out' }));
  expect(await screen.findByText('Sign in here')).toBeTruthy();
  expect(seen.at(-1)?.method).toBe('DELETE');
});
