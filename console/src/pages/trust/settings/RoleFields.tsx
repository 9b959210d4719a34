/** A role, and the team that goes with that of a team's administrator. */
import type { ApiProblem } from '@/api/problem';
import { ROLES } from '@/shell/roles';
import { Field, Select } from '@/ui';
import { useTeams } from '../../fleet/parts/useChoices';
import { ROLE_CHOICES, type Role } from './roles';

interface Props {
  role: Role;
  team: string | null;
  onChange: (role: Role, team: string | null) => void;
  problem?: ApiProblem | null;
}

export function RoleFields({ role, team, onChange, problem }: Props) {
  const { choices } = useTeams();
  return (
    <>
      <Field label="Role" hint={ROLES[role].may} error={problem?.field('/role')}>
        <Select
          options={ROLE_CHOICES}
          value={role}
          onChange={(next) => onChange(next, next === 'team_admin' ? team : null)}
        />
      </Field>
      {role === 'team_admin' && (
        <Field label="Team" error={problem?.field('/team')}>
          <Select
            options={[{ value: '', label: 'Choose a team' }, ...choices]}
            value={team ?? ''}
            onChange={(next) => onChange(role, next || null)}
          />
        </Field>
      )}
    </>
  );
}
