import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { expectAccessible, gateway, show } from '@/test/show';
import Providers from './Providers';

const provider = (name: string, state: string) => ({
  name,
  dialect: name,
  base_url: `https://api.${name}.example`,
  has_credential: true,
  models: [],
  model_patterns: [],
  health: { state, last_success_at: null, last_error_at: null, last_error: null },
});

test('the list filters by its address and opens one beside it', async () => {
  const user = userEvent.setup();
  const all = [provider('openai', 'healthy'), provider('gemini', 'failing')];
  gateway({
    'GET /api/v1/providers': { body: { items: all, next_cursor: null } },
    'GET /api/v1/providers/gemini': { body: all[1] },
    'GET /api/v1/views': { body: { items: [] } },
  });
  show(<Providers />, '/providers?health=failing');
  const row = await screen.findByRole('button', { name: 'gemini' });
  expect(screen.queryByRole('button', { name: 'openai' })).toBeNull();
  await expectAccessible();
  await user.click(row);
  expect(await screen.findByRole('dialog', { name: 'gemini' })).toBeTruthy();
  expect(screen.getByTestId('address').textContent).toBe(
    '/providers?health=failing&provider=gemini',
  );
  await user.keyboard('{Escape}');
  await user.click(screen.getByRole('button', { name: 'Remove filter Health' }));
  expect(await screen.findByRole('button', { name: 'openai' })).toBeTruthy();
  await user.keyboard('/open');
  await waitFor(() => expect(screen.getByTestId('address').textContent).toBe('/providers?q=open'));
  await waitFor(() => expect(screen.queryByRole('button', { name: 'gemini' })).toBeNull());
});
