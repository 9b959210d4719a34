/** Which reported effect belongs to which thing on a device. */
import type { Schema } from '@/api/client';

export type Effect = Schema<'Effect'>;
type Server = Schema<'DeviceMcpServer'>;

/** The one about exactly this entry of a configuration, as one server may stand in several. */
export function effectOnServer(effects: readonly Effect[], server: Server): Effect | undefined {
  const about = effects.filter(({ identity }) => identity === server.identity);
  return about.find(
    ({ client, name, config_path, user }) =>
      client === server.client &&
      name === server.name &&
      config_path === server.config_path &&
      (user ?? null) === (server.user ?? null),
  );
}

export const effectOnApp = (effects: readonly Effect[], app: string): Effect | undefined =>
  worst(effects.filter((effect) => effect.app === app));

const RANK = ['failed', 'shadowed', 'unsupported', 'pending_restart', 'other', 'verified'];

export function worst(effects: readonly Effect[]): Effect | undefined {
  return [...effects].sort((a, b) => RANK.indexOf(a.state) - RANK.indexOf(b.state))[0];
}
