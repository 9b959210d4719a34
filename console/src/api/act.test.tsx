import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { gateway, problem, show } from '@/test/show';
import { Button, Load } from '@/ui';
import { useAct } from './act';
import { call, http } from './client';
import { useGet } from './query';

function Team() {
  const team = useGet('/api/v1/teams/{id}', { params: { path: { id: 't1' } } });
  const set = (disabled: boolean) =>
    call(http.PATCH('/api/v1/teams/{id}', { params: { path: { id: 't1' } }, body: { disabled } }));
  const disable = useAct({
    run: () => set(true),
    done: () => 'Team disabled',
    undo: () => set(false),
    topics: ['teams'],
  });
  return (
    <Load query={team}>
      {({ disabled }) => (
        <>
          <p>{disabled ? 'is off' : 'is on'}</p>
          <Button onClick={() => disable.act()}>Disable</Button>
        </>
      )}
    </Load>
  );
}

test('a change refreshes what shows it, and can be taken back', async () => {
  const user = userEvent.setup();
  let disabled = false;
  gateway({
    'GET /api/v1/teams/t1': () => ({ body: { id: 't1', disabled } }),
    'PATCH /api/v1/teams/t1': ({ body }) => {
      ({ disabled } = body as { disabled: boolean });
      return { body: { id: 't1', disabled } };
    },
  });
  show(<Team />);
  expect(await screen.findByText('is on')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Disable' }));
  expect(await screen.findByText('Team disabled')).toBeTruthy();
  expect(await screen.findByText('is off')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Undo' }));
  expect(await screen.findByText('Undone')).toBeTruthy();
  expect(await screen.findByText('is on')).toBeTruthy();
});

test('a failure is shown in the gateway’s words', async () => {
  const user = userEvent.setup();
  gateway({
    'GET /api/v1/teams/t1': { body: { id: 't1', disabled: false } },
    'PATCH /api/v1/teams/t1': {
      status: 409,
      body: problem('conflict', { title: 'This contradicts what is stored' }),
    },
  });
  show(<Team />);
  await user.click(await screen.findByRole('button', { name: 'Disable' }));
  expect(await screen.findByText('This contradicts what is stored')).toBeTruthy();
  expect(screen.getByText('Detail of conflict.')).toBeTruthy();
  expect(screen.getByText('is on')).toBeTruthy();
});
