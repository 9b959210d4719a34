/** Groups that SCIM brought, and the team that each stands for. */
import { useAct } from '@/api/act';
import { type Schema, call, http } from '@/api/client';
import { useList } from '@/api/query';
import { plural } from '@/format/format';
import { type Column, EmptyState, Field, RelativeTime, Select, Table } from '@/ui';
import { useTeams } from '../../fleet/parts/useChoices';

type Group = Schema<'Group'>;

const idOf = ({ id }: Group) => id;

export function Groups() {
  const list = useList('/api/v1/groups');
  const teams = useTeams();
  const put = (id: string, team: string | null) =>
    call(http.PUT('/api/v1/groups/{id}/team', { params: { path: { id } }, body: { team } }));
  const map = useAct({
    run: ({ group, team }: { group: Group; team: string | null }) => put(group.id, team),
    done: (_, { group, team }) =>
      team
        ? `Members of ${group.name} are in ${teams.name(team) ?? 'the team'}`
        : `${group.name} stands for no team`,
    undo: (_, { group }) => put(group.id, group.team ?? null),
    topics: ['users', 'teams', 'settings', 'audit'],
  });
  const columns: readonly Column<Group>[] = [
    { id: 'name', header: 'Group', width: 'minmax(140px, 1.5fr)', cell: ({ name }) => name },
    {
      id: 'members',
      header: 'Members',
      width: '110px',
      align: 'end',
      cell: ({ members }) => plural(members, 'person', 'people'),
    },
    {
      id: 'team',
      header: 'Stands for the team',
      width: 'minmax(160px, 1fr)',
      cell: (group) => (
        <Field label={`Team of ${group.name}`} hideLabel>
          <Select
            options={[{ value: '', label: 'None' }, ...teams.choices]}
            value={group.team ?? ''}
            onChange={(team) => map.act({ group, team: team || null })}
          />
        </Field>
      ),
    },
    {
      id: 'changed',
      header: 'Changed',
      width: '96px',
      align: 'end',
      from: 640,
      cell: ({ changed_at }) => <RelativeTime at={changed_at} />,
    },
  ];
  return (
    <section className="section">
      <h2>Groups</h2>
      <Table
        label="Groups"
        list={list}
        rowKey={idOf}
        rowHeight={52}
        columns={columns}
        empty={
          <EmptyState title="No group yet">
            Groups that the identity provider pushes by SCIM are listed here; map one to a team, and
            its members get the team’s budgets, limits and policy.
          </EmptyState>
        }
      />
    </section>
  );
}
