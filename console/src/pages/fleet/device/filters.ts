/** The filters of the device list, with how many devices each value has. */
import { useMemo } from 'react';
import type { Schema } from '@/api/client';
import { useGet } from '@/api/query';
import { useMay } from '@/api/session';
import { count } from '@/format/format';
import type { Choice, Filter } from '@/ui';
import { type Search, flag, oneOf, text } from '@/url/search';
import { useApps, useDeviceGroups, useServers, useTeams } from '../parts/useChoices';
import { OS } from '../parts/words';

export const PARAMS = {
  q: text,
  presence: oneOf('online', 'late', 'missing'),
  os: text,
  os_version: text,
  agent_version: text,
  team: text,
  group: text,
  user: text,
  app: text,
  mcp_server: text,
  approval: oneOf('approved', 'pending', 'denied'),
  effect: oneOf('verified', 'pending_restart', 'shadowed', 'unsupported', 'failed'),
  quarantined: flag,
  effective: flag,
  disabled: flag,
  sort: oneOf('hostname', 'first_seen', 'last_seen'),
  order: oneOf('asc', 'desc'),
};

export type DeviceSearch = Search<typeof PARAMS>;

type Facet = Schema<'Facet'>;

const YES_NO: readonly Choice[] = [
  { value: 'true', label: 'Yes' },
  { value: 'false', label: 'No' },
];

/** As the gateway takes it: devices that are in no group. */
const NO_GROUP: Choice = { value: 'none', label: 'No group' };

const choices = (facets: readonly Facet[] = [], words: Record<string, string> = {}): Choice[] =>
  facets.map(({ value, devices }) => ({
    value,
    label: words[value] ?? value,
    hint: count(devices),
  }));

export function useFilters(): readonly Filter[] {
  const all = useGet('/api/v1/devices/facets');
  const teams = useTeams();
  const groups = useDeviceGroups();
  const apps = useApps();
  const servers = useServers();
  const catalogues = useMay('audit');
  return useMemo(() => {
    const filters: (Filter | false)[] = [
      {
        name: 'presence',
        label: 'Presence',
        choices: choices(all.data?.presence, {
          online: 'Online',
          late: 'Late',
          missing: 'Missing',
        }),
      },
      { name: 'os', label: 'Platform', choices: choices(all.data?.os, OS) },
      { name: 'os_version', label: 'OS version', choices: choices(all.data?.os_version) },
      { name: 'agent_version', label: 'Agent version', choices: choices(all.data?.agent_version) },
      { name: 'team', label: 'Team', choices: teams.choices },
      catalogues && { name: 'group', label: 'Group', choices: [NO_GROUP, ...groups] },
      catalogues && { name: 'app', label: 'App', choices: apps },
      catalogues && {
        name: 'mcp_server',
        label: 'MCP server',
        choices: servers.choices,
        onSearch: servers.onSearch,
      },
      {
        name: 'approval',
        label: 'Has an item that is',
        choices: [
          { value: 'approved', label: 'Approved' },
          { value: 'pending', label: 'Pending' },
          { value: 'denied', label: 'Denied' },
        ],
      },
      {
        name: 'effect',
        label: 'Effect',
        choices: [
          { value: 'verified', label: 'Verified' },
          { value: 'pending_restart', label: 'Pending restart' },
          { value: 'shadowed', label: 'Shadowed' },
          { value: 'unsupported', label: 'Unsupported' },
          { value: 'failed', label: 'Failed' },
        ],
      },
      { name: 'quarantined', label: 'Quarantined', choices: YES_NO },
      { name: 'effective', label: 'Governs', choices: YES_NO },
      { name: 'disabled', label: 'Disabled', choices: YES_NO },
    ];
    return filters.filter((filter): filter is Filter => filter !== false);
  }, [all.data, teams.choices, groups, catalogues, apps, servers]);
}
