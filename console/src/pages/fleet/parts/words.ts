/** The fleet's own words: whom a decision is for, where a server is configured, by what it is enforced. */
import type { Schema } from '@/api/client';

export type Decision = Schema<'AppDecision'>;
export type Kind = 'app' | 'mcp_server';

export const KIND: Record<string, string> = {
  app: 'App',
  mcp_server: 'MCP server',
  support: 'Support for an app',
};

/** Imperatives for buttons and menus. */
export const DECIDE: Record<Decision, string> = {
  approved: 'Approve',
  pending: 'Set pending',
  denied: 'Deny',
};

export const SCOPE: Record<string, string> = {
  managed: 'managed by the organisation',
  system: 'whole machine',
  user: 'user',
  local: 'user, this project',
  project: 'project',
  plugin: 'plugin',
  extension: 'extension',
  process: 'running process',
  connector: 'cloud connector',
};

export const MEANS: Record<string, string> = {
  native_policy: 'the client’s own policy',
  config_edit: 'an edit of its configuration',
  shim: 'a wrapper around the server',
  exec: 'refusing to start the program',
  socket: 'closing its connections',
  relay: 'the traffic relay',
  kill: 'ending the process',
};

export const meansWords = (means: readonly string[]): string =>
  means.map((one) => MEANS[one] ?? one).join(', ');

export const TOOL_SOURCE: Record<string, string> = {
  manifest: 'from its manifest',
  shim: 'as it announced them to a client',
  traffic: 'seen in traffic',
  config: 'from the configuration',
};

export const TRANSPORT: Record<string, string> = {
  stdio: 'stdio',
  sse: 'SSE',
  http: 'HTTP',
  websocket: 'WebSocket',
  tcp: 'TCP',
};

export const OS: Record<string, string> = { linux: 'Linux', macos: 'macOS', windows: 'Windows' };

/** `Debian GNU/Linux 12` says which system it is; `15.1` does not. */
export function platformWords({ os, os_version }: { os: string; os_version: string }): string {
  const name = OS[os] ?? os;
  if (!os_version) return name;
  return os_version.toLowerCase().includes(os === 'macos' ? 'macos' : name.toLowerCase()) ||
    /[a-z]{4}/i.test(os_version)
    ? os_version
    : `${name} ${os_version}`;
}

/** The kind of an identity and its name: `npm:@scope/server` is `npm` and `@scope/server`. */
export function identityParts(identity: string): { kind: string; name: string } {
  const at = identity.indexOf(':');
  if (at < 1 || at > 8) return { kind: '', name: identity };
  return { kind: identity.slice(0, at), name: identity.slice(at + 1) };
}

/** Cuts the middle out: the beginning says whose it is and the end which. */
export function middle(text: string, most = 48): string {
  if (text.length <= most) return text;
  const head = Math.ceil((most - 1) * 0.55);
  return `${text.slice(0, head)}…${text.slice(text.length - (most - 1 - head))}`;
}

/** `fleet`, `team:team_…`, `device:dev_…`. */
export function audienceParts(audience: string): {
  kind: 'fleet' | 'team' | 'device';
  id: string | null;
} {
  const [kind, id] = audience.split(':');
  if (kind === 'team' || kind === 'device') return { kind, id: id ?? null };
  return { kind: 'fleet', id: null };
}

export const itemPath = (kind: string, item: string): string =>
  `${kind === 'app' ? '/apps' : '/mcp-servers'}/${encodeURIComponent(item)}`;

/** The filter of the device list that fits an item. */
export const itemFilter = (kind: Kind, item: string): Record<string, string> =>
  kind === 'app' ? { app: item } : { mcp_server: item };
