import { expect, it } from 'vitest';
import type { Schema } from '@/api/client';
import { effectOnApp, effectOnServer } from './effectOf';

type Effect = Schema<'Effect'>;

const server = {
  identity: 'npm:a',
  client: 'cursor',
  name: 'a',
  user: 'ada',
  config_path: '~/.cursor/mcp.json',
} as Schema<'DeviceMcpServer'>;

const effect = (of: Partial<Effect>): Effect =>
  ({ ...server, app: null, state: 'verified', decision: 'denied', ...of }) as Effect;

it('tells the entries of one server apart by where they stand', () => {
  const other = effect({ client: 'codex', config_path: '~/.codex/config.toml', state: 'shadowed' });
  const own = effect({});
  expect(effectOnServer([other, own], server)).toBe(own);
  expect(effectOnServer([other], server)).toBeUndefined();
});

it('shows the worst of an app', () => {
  const good = effect({ app: 'codex', identity: null });
  const bad = effect({ app: 'codex', identity: null, state: 'failed' });
  expect(effectOnApp([good, bad], 'codex')).toBe(bad);
});
