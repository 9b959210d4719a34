/** Whom budgets and limits can apply to, as choices. Keys are many: they are found by their id. */
import { useMay } from '@/api/session';
import type { Choice } from '@/ui';
import { useTeams } from '../../fleet/parts/useChoices';
import { useUsers } from '../people/useUsers';

export function useScopes(): Choice[] {
  const everybody = useMay('administer');
  const teams = useTeams();
  const users = useUsers();
  return [
    ...(everybody ? [{ value: 'organization', label: 'The organization' }] : []),
    ...teams.choices.map((team) => ({ ...team, hint: 'team' })),
    ...users.choices,
  ];
}
