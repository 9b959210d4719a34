/** The query cache, and what it does when a session ends. */
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiProblem } from './problem';
import { SESSION } from './session';

function ended(client: QueryClient, thrown: unknown): void {
  // The shell sees that there is no session, and leads to the sign-in page and back.
  if (ApiProblem.of(thrown).signedOut) client.setQueryData(SESSION, null);
}

export function newClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: (thrown) => ended(client, thrown) }),
    mutationCache: new MutationCache({ onError: (thrown) => ended(client, thrown) }),
    defaultOptions: {
      queries: {
        // Events say when something changed; without them, focus refetches what is older.
        staleTime: 30_000,
        gcTime: 300_000,
        retry: (count, thrown) => {
          const { status } = ApiProblem.of(thrown);
          return count < 2 && (status === 0 || status >= 500);
        },
      },
    },
  });
  return client;
}
