/** Who is signed in, and what their role lets them do. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type Schema, call, http } from './client';
import { ApiProblem } from './problem';

export type Role = Schema<'Role'>;
export type SessionInfo = Schema<'CurrentSession'>;

export const SESSION = ['session'] as const;

/** `undefined` until known, `null` when nobody is signed in. */
export function useSession() {
  const query = useQuery<SessionInfo | null, ApiProblem>({
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
  return { session: query.data, problem: query.error, retry: () => void query.refetch() };
}

const MAY: Record<Ability, readonly Role[]> = {
  decide: ['admin', 'security'],
  devices: ['admin', 'security'],
  keys: ['admin', 'team_admin'],
  money: ['admin', 'team_admin'],
  administer: ['admin'],
  audit: ['admin', 'security', 'read_only'],
};

/** What a page offers only to some. The gateway checks again; this only hides what cannot work. */
export type Ability = 'decide' | 'devices' | 'keys' | 'money' | 'administer' | 'audit';

export function useMay(ability: Ability): boolean {
  const { session } = useSession();
  return session ? MAY[ability].includes(session.account.role) : false;
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
