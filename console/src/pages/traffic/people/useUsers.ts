/** Users as choices, and their names by id. */
import { useGet } from '@/api/query';
import type { Choice } from '@/ui';

export function useUsers(): { choices: Choice[]; name: (id: string | null) => string | null } {
  const users = useGet('/api/v1/users', { params: { query: { limit: 200 } } });
  const items = users.data?.items ?? [];
  return {
    choices: items.map(({ id, name, email }) => ({ value: id, label: name, hint: email })),
    name: (id) => (id === null ? null : (items.find((user) => user.id === id)?.name ?? id)),
  };
}
