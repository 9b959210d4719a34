/** Where the money and the tokens go: over time, by model, team, user, key or provider. */
import { useMemo, useState } from 'react';
import { type Schema } from '@/api/client';
import { useGet } from '@/api/query';
import { count, money, short } from '@/format/format';
import {
  type Column,
  EmptyState,
  Field,
  Load,
  Money,
  PageHeader,
  Select,
  Table,
  TimeSeries,
} from '@/ui';
import { oneOf, text, useSearch } from '@/url/search';
import { useTeams } from '../fleet/parts/useChoices';
import { useUsers } from './people/useUsers';
import { type Group, MEASURES, groupsOf, rangeOf } from './usage/groups';

const PARAMS = {
  days: oneOf('1', '7', '30', '90'),
  by: oneOf('model', 'provider', 'team', 'user', 'key', 'operation'),
  measure: oneOf('cost', 'requests', 'tokens', 'errors'),
  provider: text,
  model: text,
  team: text,
  user: text,
  key: text,
};

const idOf = ({ id }: Group) => id;

export default function Usage() {
  const [search, setSearch] = useSearch(PARAMS);
  const { days = '7', by = 'model', measure = 'cost', ...filters } = search;
  // The range stands while the page is open, or every render would ask anew.
  const [now] = useState(() => new Date());
  const range = useMemo(() => rangeOf(now, Number(days)), [now, days]);
  const query = { ...range, group_by: by, ...filters };
  const report = useGet('/api/v1/usage', { params: { query } });
  const teams = useTeams();
  const users = useUsers();
  const nameOf = (id: string) =>
    by === 'team' ? (teams.name(id) ?? id) : by === 'user' ? (users.name(id) ?? id) : id;
  return (
    <>
      <PageHeader
        title="Usage"
        about="Where the money and the tokens go. Sums are kept when the log itself is deleted."
        actions={
          <>
            <Field label="Time" hideLabel>
              <Select
                options={[
                  { value: '1', label: 'Last 24 hours' },
                  { value: '7', label: 'Last 7 days' },
                  { value: '30', label: 'Last 30 days' },
                  { value: '90', label: 'Last 90 days' },
                ]}
                value={days}
                onChange={(next) => setSearch({ days: next })}
              />
            </Field>
            <Field label="Measure" hideLabel>
              <Select
                options={[
                  { value: 'cost', label: 'Spend' },
                  { value: 'requests', label: 'Requests' },
                  { value: 'tokens', label: 'Tokens' },
                  { value: 'errors', label: 'Errors' },
                ]}
                value={measure}
                onChange={(next) => setSearch({ measure: next })}
              />
            </Field>
            <Field label="By" hideLabel>
              <Select
                options={[
                  { value: 'model', label: 'By model' },
                  { value: 'provider', label: 'By provider' },
                  { value: 'team', label: 'By team' },
                  { value: 'user', label: 'By user' },
                  { value: 'key', label: 'By key' },
                  { value: 'operation', label: 'By operation' },
                ]}
                value={by}
                onChange={(next) => setSearch({ by: next })}
              />
            </Field>
          </>
        }
      />
      <div className="page">
        <Load query={report}>
          {(report) => <Report report={report} measure={measure} range={range} nameOf={nameOf} />}
        </Load>
      </div>
    </>
  );
}

interface ReportProps {
  report: Schema<'UsageReport'>;
  measure: keyof typeof MEASURES;
  range: { from: string; to: string; bucket: 'hour' | 'day' };
  nameOf: (id: string) => string;
}

function Report({ report, measure, range, nameOf }: ReportProps) {
  const value = MEASURES[measure];
  const { times, groups } = useMemo(() => groupsOf(report, range, value), [report, range, value]);
  const axis = measure === 'cost' ? money : short;
  const columns: readonly Column<Group>[] = [
    {
      id: 'name',
      header: 'Group',
      width: 'minmax(160px, 2fr)',
      cell: ({ id }) => <span className="truncate">{id ? nameOf(id) : 'None'}</span>,
    },
    {
      id: 'requests',
      header: 'Requests',
      width: '110px',
      from: 480,
      align: 'end',
      cell: ({ sum }) => count(sum.requests),
    },
    {
      id: 'tokens',
      header: 'Tokens',
      width: '130px',
      align: 'end',
      from: 560,
      cell: ({ sum }) => count(MEASURES.tokens(sum)),
    },
    {
      id: 'errors',
      header: 'Errors',
      width: '90px',
      align: 'end',
      from: 640,
      cell: ({ sum }) => count(sum.errors),
    },
    {
      id: 'cost',
      header: 'Spend',
      width: '120px',
      align: 'end',
      cell: ({ sum }) => <Money micro={sum.cost_micro_usd} />,
    },
  ];
  if (groups.length === 0) {
    return (
      <EmptyState title="Nothing was called in this time">
        Calls are summed by hour as they end. Widen the time, or take a filter away.
      </EmptyState>
    );
  }
  return (
    <>
      <section className="section">
        <h2>
          {money(report.total.cost_micro_usd)} in {count(report.total.requests)} requests
        </h2>
        <TimeSeries
          label="Usage over time"
          times={times}
          height={260}
          format={axis}
          series={groups.slice(0, 6).map(({ id, values }) => ({
            id,
            label: id ? nameOf(id) : 'None',
            values,
          }))}
        />
        {groups.length > 6 && (
          <p className="small secondary">The six largest groups; all are in the table.</p>
        )}
      </section>
      <Table label="Usage by group" rows={groups} rowKey={idOf} columns={columns} empty={null} />
    </>
  );
}
