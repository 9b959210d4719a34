import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test } from 'vitest';
import type { Schema } from '@/api/client';
import { gateway, show } from '@/test/show';
import { ScopeFields } from './ScopeFields';
import { EVERYBODY } from './words';

function Editor({ start }: { start: Schema<'GuardrailScope'> }) {
  const [scope, setScope] = useState(start);
  return (
    <>
      <ScopeFields scope={scope} onChange={setScope} />
      <output>{JSON.stringify(scope)}</output>
    </>
  );
}

test('a group of devices is chosen, and taken out again', async () => {
  const user = userEvent.setup();
  const group = { id: 'dgrp_1', name: 'Finance', created_at: '2026-11-01T00:00:00Z', devices: 3 };
  gateway({
    'GET /api/v1/sessions/current': { body: { account: { role: 'security' } } },
    'GET /api/v1/device-groups': { body: { items: [group], next_cursor: null } },
    'GET /api/v1/teams': { body: { items: [], next_cursor: null } },
  });
  show(<Editor start={{ ...EVERYBODY, apps: ['cursor'] }} />);
  const picker = screen.getByRole('button', { name: 'Group of devices' });
  expect(picker.textContent).toBe('Every device, and services');
  await user.click(picker);
  await user.click(await screen.findByRole('option', { name: /Finance/ }));
  expect(picker.textContent).toBe('Finance');
  const scope = () => JSON.parse(screen.getByRole('status').textContent ?? '');
  expect(scope()).toEqual({ ...EVERYBODY, apps: ['cursor'], device_groups: ['dgrp_1'] });
  await user.click(picker);
  await user.click(await screen.findByRole('option', { name: 'Every device, and services' }));
  expect(scope()).toEqual({ ...EVERYBODY, apps: ['cursor'] });
});
