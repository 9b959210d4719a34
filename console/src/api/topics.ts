/** Which of the gateway's events make the answer of a path old. */

/** What `/api/v1/events` can name; `providers` and `views` are only ours, for `useAct`. An unknown
 * topic refreshes nothing. */
export type Topic =
  | 'access_requests'
  | 'accounts'
  | 'audit'
  | 'budgets'
  | 'device_groups'
  | 'devices'
  | 'effects'
  | 'enrolment_tokens'
  | 'groups'
  | 'guardrails'
  | 'identity_providers'
  | 'inventory'
  | 'keys'
  | 'limits'
  | 'policy'
  | 'prices'
  | 'providers'
  | 'requests'
  | 'sessions'
  | 'settings'
  | 'teams'
  | 'tokens'
  | 'users'
  | 'views';

/** The longest prefix that fits counts. */
const TOPICS: readonly (readonly [string, readonly Topic[]])[] = [
  ['/api/v1/accounts', ['accounts', 'sessions']],
  ['/api/v1/audit', ['audit']],
  ['/api/v1/budgets', ['budgets', 'requests']],
  ['/api/v1/device-groups', ['device_groups', 'devices']],
  ['/api/v1/devices', ['devices', 'inventory', 'effects', 'policy']],
  ['/api/v1/edge/access-requests', ['access_requests']],
  ['/api/v1/edge', ['policy', 'inventory', 'effects']],
  ['/api/v1/edge/settings', ['settings', 'policy']],
  ['/api/v1/edge/authority', ['settings']],
  ['/api/v1/enrolment-tokens', ['enrolment_tokens', 'devices']],
  ['/api/v1/groups', ['groups', 'users']],
  ['/api/v1/guardrails', ['guardrails']],
  ['/api/v1/guardrails/findings', ['requests']],
  ['/api/v1/identity-providers', ['identity_providers']],
  ['/api/v1/keys', ['keys']],
  ['/api/v1/limits', ['limits']],
  ['/api/v1/overview', ['devices', 'inventory', 'policy', 'access_requests', 'requests', 'audit']],
  ['/api/v1/prices', ['prices']],
  ['/api/v1/providers', ['providers']],
  ['/api/v1/requests', ['requests']],
  ['/api/v1/sessions', ['sessions', 'accounts']],
  ['/api/v1/teams', ['teams']],
  ['/api/v1/tokens', ['tokens']],
  ['/api/v1/usage', ['requests']],
  ['/api/v1/users', ['users']],
  ['/api/v1/views', ['views']],
];

export function topicsOf(path: string): readonly Topic[] {
  let best: readonly Topic[] = [];
  let length = 0;
  for (const [prefix, topics] of TOPICS) {
    if (prefix.length <= length) continue;
    if (path === prefix || path.startsWith(`${prefix}/`)) {
      best = topics;
      length = prefix.length;
    }
  }
  return best;
}
