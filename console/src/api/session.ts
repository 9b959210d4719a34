/** Who is signed in, and what their role lets them do. */
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { type Schema, call, http } from './client';
import { ApiProblem } from './problem';
import { MAY } from './roles';

export type Role = Schema<'Role'>;
export type SessionInfo = Schema<'CurrentSession'>;

export const SESSION = ['session'] as const;

/** The question; also asked before anything is shown, while the page's scripts are on their way. */
export const whoIsIt = queryOptions<SessionInfo | null, ApiProblem>({
  queryKey: SESSION,
  queryFn: async () => {
    try {
      return await call(http.GET('/api/v1/sessions/current'));
    } catch (thrown) {
      if (ApiProblem.of(thrown).status === 401) return null;
      throw thrown;
    }
  },
  staleTime: 300_000,
});

/** `undefined` until known, `null` when nobody is signed in. */
export function useSession() {
  const query = useQuery(whoIsIt);
  return { session: query.data, problem: query.error, retry: () => void query.refetch() };
}

/** What a page offers only to some, each by an operation that stands for it. The gateway checks again; this only
 * hides what cannot work. */
const ABILITIES = {
  decide: 'POST /api/v1/edge/decisions',
  devices: 'PATCH /api/v1/devices/{id}',
  keys: 'POST /api/v1/keys',
  money: 'POST /api/v1/budgets',
  administer: 'POST /api/v1/accounts',
  audit: 'GET /api/v1/audit',
  spending: 'GET /api/v1/budgets',
  guardrails: 'GET /api/v1/guardrails',
  groups: 'GET /api/v1/device-groups',
} as const satisfies Record<string, keyof typeof MAY>;

export type Ability = keyof typeof ABILITIES;

/** Whether the gateway's own table lets this role do it. */
export function may(role: Role, ability: Ability): boolean {
  return (MAY[ABILITIES[ability]] as readonly Role[]).includes(role);
}

export function useMay(ability: Ability): boolean {
  const { session } = useSession();
  return session ? may(session.account.role, ability) : false;
}

export function useSignOut(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await call(http.DELETE('/api/v1/sessions/current')).catch(() => undefined);
    // The shell watches the session and leaves; what was read is for the next person's eyes no more.
    client.setQueryData(SESSION, null);
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION[0] });
  };
}
