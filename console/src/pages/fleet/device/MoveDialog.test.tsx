import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { expectAccessible, gateway, problem, show } from '@/test/show';
import { EnrolDialog } from './EnrolDialog';
import { MoveDialog } from './MoveDialog';

const GROUPS = [
  { id: 'dgrp_1', name: 'Finance laptops', created_at: '2026-11-01T00:00:00Z', devices: 3 },
  { id: 'dgrp_2', name: 'Pilot', created_at: '2026-11-01T00:00:00Z', devices: 0 },
];

const ANSWERS = {
  'GET /api/v1/sessions/current': { body: { account: { role: 'security' } } },
  'GET /api/v1/device-groups': { body: { items: GROUPS, next_cursor: null } },
  'GET /api/v1/teams': { body: { items: [], next_cursor: null } },
};

async function choose(user: ReturnType<typeof userEvent.setup>, name: string) {
  await user.click(screen.getByRole('button', { name: 'Group' }));
  await user.click(await screen.findByRole('option', { name: new RegExp(name) }));
}

test('many devices move in parts of what the gateway takes at once', async () => {
  const user = userEvent.setup();
  const [closed, cleared] = [vi.fn(), vi.fn()];
  const seen = gateway({
    ...ANSWERS,
    'POST /api/v1/devices/move': ({ body }) => ({
      body: { moved: (body as { devices: string[] }).devices.length, there: 0 },
    }),
  });
  const devices = Array.from({ length: 201 }, (_, at) => `dev_${at}`);
  show(<MoveDialog devices={devices} onClose={closed} onMoved={cleared} />);
  expect(screen.getByRole('dialog', { name: 'Move 201 devices' })).toBeTruthy();
  await choose(user, 'Finance laptops');
  await expectAccessible();
  await user.click(screen.getByRole('button', { name: 'Move' }));
  expect(await screen.findByText('201 devices moved to Finance laptops')).toBeTruthy();
  const moves = seen.filter(({ method }) => method === 'POST');
  expect(moves.map(({ body }) => body)).toEqual([
    { devices: devices.slice(0, 200), group: 'dgrp_1' },
    { devices: ['dev_200'], group: 'dgrp_1' },
  ]);
  expect(closed).toHaveBeenCalledOnce();
  expect(cleared).toHaveBeenCalledOnce();
});

test('a device leaves its group, and a refusal is said where it belongs', async () => {
  const user = userEvent.setup();
  const closed = vi.fn();
  let gone = true;
  const error = { pointer: '/group', detail: 'there is no such group of devices' };
  const seen = gateway({
    ...ANSWERS,
    'POST /api/v1/devices/move': () =>
      gone
        ? { status: 422, body: problem('invalid_fields', { errors: [error] }) }
        : { body: { moved: 1, there: 0 } },
  });
  show(<MoveDialog devices={['dev_1']} from="dgrp_2" onClose={closed} />);
  expect(await screen.findByText('Pilot')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Move' }));
  expect(await screen.findByText('there is no such group of devices')).toBeTruthy();
  expect(closed).not.toHaveBeenCalled();
  gone = false;
  await choose(user, 'No group');
  await user.click(screen.getByRole('button', { name: 'Move' }));
  await waitFor(() => expect(closed).toHaveBeenCalledOnce());
  const last = seen.filter(({ method }) => method === 'POST').at(-1);
  expect(last?.body).toEqual({ devices: ['dev_1'], group: null });
});

test('a token is made for a group', async () => {
  const user = userEvent.setup();
  const seen = gateway({
    ...ANSWERS,
    'POST /api/v1/enrolment-tokens': { status: 201, body: { token: {}, secret: 'tg-enrol-x' } },
  });
  show(<EnrolDialog onClose={() => undefined} />);
  await user.type(screen.getByLabelText('Name'), 'Finance');
  await choose(user, 'Finance laptops');
  await user.click(screen.getByRole('button', { name: 'Create token' }));
  expect(await screen.findByText('Now on each machine')).toBeTruthy();
  const made = seen.find(({ method }) => method === 'POST');
  expect(made?.body).toMatchObject({ name: 'Finance', group: 'dgrp_1' });
});
