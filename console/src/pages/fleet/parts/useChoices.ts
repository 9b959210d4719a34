/** What filters and forms offer: teams, groups of devices, apps, MCP servers. Who may not see a list gets no choices. */
import { useDeferredValue, useState } from 'react';
import { useGet } from '@/api/query';
import { useMay } from '@/api/session';
import { count } from '@/format/format';
import type { Choice } from '@/ui';
import { identityParts } from './words';

export function useTeams(): { choices: Choice[]; name: (id: string | null) => string | null } {
  const teams = useGet('/api/v1/teams', { params: { query: { limit: 200 } } });
  const items = teams.data?.items ?? [];
  return {
    choices: items.map(({ id, name }) => ({ value: id, label: name })),
    name: (id) => (id === null ? null : (items.find((team) => team.id === id)?.name ?? id)),
  };
}

export function useDeviceGroups(): Choice[] {
  const allowed = useMay('groups');
  const groups = useGet(
    '/api/v1/device-groups',
    { params: { query: { limit: 200 } } },
    { enabled: allowed },
  );
  return (groups.data?.items ?? []).map(({ id, name, devices }) => ({
    value: id,
    label: name,
    hint: count(devices),
  }));
}

export function useApps(): Choice[] {
  const allowed = useMay('audit');
  const apps = useGet(
    '/api/v1/edge/apps',
    { params: { query: { present: true } } },
    { enabled: allowed },
  );
  return (apps.data?.items ?? []).map(({ app, vendor }) => ({
    value: app,
    label: app,
    hint: vendor ?? undefined,
  }));
}

/** The gateway searches, as there may be hundreds. */
export function useServers(): { choices: Choice[]; onSearch: (typed: string) => void } {
  const allowed = useMay('audit');
  const [typed, setTyped] = useState('');
  const q = useDeferredValue(typed).trim();
  const query = { present: true, sort: 'devices', order: 'desc', limit: 50 } as const;
  const servers = useGet(
    '/api/v1/edge/mcp-servers',
    { params: { query: q ? { ...query, q } : query } },
    { enabled: allowed },
  );
  return {
    choices: (servers.data?.items ?? []).map(({ identity, names }) => ({
      value: identity,
      label: identityParts(identity).name,
      hint: names[0],
    })),
    onSearch: setTyped,
  };
}
