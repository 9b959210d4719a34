import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { expectAccessible, gateway, problem, show } from '@/test/show';
import { DeviceGroups } from './DeviceGroups';

const group = { id: 'dgrp_1', name: 'Finance', created_at: '2026-11-01T00:00:00Z', devices: 3 };

const as = (role: string, items: object[] = [group]) => ({
  'GET /api/v1/sessions/current': { body: { account: { role } } },
  'GET /api/v1/device-groups': { body: { items, next_cursor: null } },
});

test('a group is created, renamed and deleted', async () => {
  const user = userEvent.setup();
  const named = '“first” names it';
  let kept = true;
  const seen = gateway({
    ...as('security'),
    'POST /api/v1/device-groups': { status: 201, body: group },
    'PATCH /api/v1/device-groups/dgrp_1': { body: group },
    'DELETE /api/v1/device-groups/dgrp_1': () =>
      kept ? { status: 409, body: problem('conflict', { detail: named }) } : { status: 204 },
  });
  show(<DeviceGroups />);
  await user.click(await screen.findByRole('button', { name: 'Create group' }));
  await user.type(screen.getByLabelText('Name'), ' Pilot ');
  const making = screen.getByRole('dialog', { name: 'Create group' });
  await user.click(within(making).getByRole('button', { name: 'Create group' }));
  expect(await screen.findByText('Pilot created')).toBeTruthy();

  await user.click(await screen.findByRole('button', { name: 'Rename Finance' }));
  await user.clear(screen.getByLabelText('Name'));
  await user.type(screen.getByLabelText('Name'), 'Finance laptops');
  await user.click(screen.getByRole('button', { name: 'Rename' }));
  expect(await screen.findByText('Renamed to Finance laptops')).toBeTruthy();

  await user.click(screen.getByRole('button', { name: 'Delete Finance' }));
  const asked = await screen.findByRole('dialog', { name: 'Delete Finance?' });
  await expectAccessible();
  await user.click(within(asked).getByRole('button', { name: 'Delete group' }));
  expect(await screen.findByText(new RegExp(named))).toBeTruthy();
  expect(screen.getByRole('dialog', { name: 'Delete Finance?' })).toBeTruthy();
  kept = false;
  await user.click(within(asked).getByRole('button', { name: 'Delete group' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  const changes = seen.filter(({ method }) => method !== 'GET');
  expect(changes.map(({ method, body }) => [method, body])).toEqual([
    ['POST', { name: 'Pilot' }],
    ['PATCH', { name: 'Finance laptops' }],
    ['DELETE', null],
    ['DELETE', null],
  ]);
});

test('who only reads sees the groups and what is in them, and nothing to change', async () => {
  gateway(as('read_only'));
  show(<DeviceGroups />);
  const link = await screen.findByRole('link', { name: '3 devices' });
  expect(link.getAttribute('href')).toBe('/devices?group=dgrp_1');
  expect(screen.queryByRole('button', { name: 'Create group' })).toBeNull();
  expect(screen.queryByRole('button', { name: 'Delete Finance' })).toBeNull();
});
