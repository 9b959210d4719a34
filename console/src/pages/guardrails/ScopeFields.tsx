/** Which calls a guardrail concerns. */
import type { Schema } from '@/api/client';
import { Combobox, Field, Select } from '@/ui';
import { useDeviceGroups, useTeams } from '../fleet/parts/useChoices';
import { Typed } from './DetectFields';
import { listOf } from './words';

type Scope = Schema<'GuardrailScope'>;

interface Props {
  scope: Scope;
  onChange: (scope: Scope) => void;
}

export function ScopeFields({ scope, onChange }: Props) {
  const teams = useTeams();
  const groups = useDeviceGroups();
  return (
    <>
      <Field label="Calls of">
        <Select
          options={[
            { value: 'all', label: 'Laptops and services' },
            { value: 'relayed', label: 'Laptops only' },
            { value: 'direct', label: 'Services only' },
          ]}
          value={scope.relayed == null ? 'all' : scope.relayed ? 'relayed' : 'direct'}
          onChange={(whose) =>
            onChange({ ...scope, relayed: whose === 'all' ? null : whose === 'relayed' })
          }
        />
      </Field>
      <Field
        label="Team"
        hint={(scope.teams?.length ?? 0) > 1 ? 'And others, set by the API.' : undefined}
      >
        <Combobox
          label="Team"
          none="Every team"
          value={scope.teams?.[0] ?? null}
          choices={teams.choices}
          onChange={(team) => onChange({ ...scope, teams: team ? [team] : [] })}
        />
      </Field>
      <Field
        label="Group of devices"
        hint={
          (scope.device_groups?.length ?? 0) > 1
            ? 'And others, set by the API.'
            : 'Only what its devices send.'
        }
      >
        <Combobox
          label="Group of devices"
          none="Every device, and services"
          value={scope.device_groups?.[0] ?? null}
          choices={groups}
          onChange={(group) => onChange({ ...scope, device_groups: group ? [group] : [] })}
        />
      </Field>
      <Typed
        label="Models"
        hint="With * as a wildcard; empty: all."
        value={scope.models ?? []}
        read={listOf}
        onChange={(models) => onChange({ ...scope, models })}
        rows={1}
      />
      <Typed
        label="Apps"
        hint="By their names in the catalogue, such as claude-code; empty: all, and services."
        value={scope.apps ?? []}
        read={listOf}
        onChange={(apps) => onChange({ ...scope, apps })}
        rows={1}
      />
    </>
  );
}
