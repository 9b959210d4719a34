/** What may be spent, and how fast: budgets with how full they are, and limits. */
import { useState } from 'react';
import { useAct } from '@/api/act';
import { type Schema, call, http } from '@/api/client';
import { useList } from '@/api/query';
import { useMay } from '@/api/session';
import { money } from '@/format/format';
import {
  Button,
  type Column,
  ConfirmDialog,
  EmptyState,
  PageHeader,
  RelativeTime,
  Table,
  Tabs,
  UsageBar,
} from '@/ui';
import { text, useSearch } from '@/url/search';
import { BudgetDialog } from './budget/BudgetDialog';
import { Limits } from './budget/Limits';
import { WINDOWS } from './budget/words';

type Budget = Schema<'Budget'>;

const PARAMS = { scope: text };
const idOf = ({ id }: Budget) => id;

export default function Budgets() {
  return (
    <>
      <PageHeader
        title="Budgets & limits"
        about="What the organization, a team, a user or a key may spend in a window, and how fast it may call. Held before a call, so that many gateways cannot overspend one budget."
      />
      <div className="page">
        <Tabs
          label="Budgets and limits"
          tabs={[
            { id: 'budgets', title: 'Budgets', body: () => <List /> },
            { id: 'limits', title: 'Limits', body: () => <Limits /> },
          ]}
        />
      </div>
    </>
  );
}

function List() {
  const [search] = useSearch(PARAMS);
  const list = useList('/api/v1/budgets', { params: { query: search } }, { every: 10_000 });
  const may = useMay('money');
  const [editing, setEditing] = useState<Budget | 'new' | null>(null);
  const [removing, setRemoving] = useState<Budget | null>(null);
  const remove = useAct({
    run: (id: string) => call(http.DELETE('/api/v1/budgets/{id}', { params: { path: { id } } })),
    done: () => 'Budget removed',
    topics: ['budgets', 'audit'],
    then: () => setRemoving(null),
  });
  const columns: readonly Column<Budget>[] = [
    {
      id: 'scope',
      header: 'For',
      width: 'minmax(130px, 1fr)',
      cell: ({ scope, scope_name, model }) => (
        <span className="truncate">
          {scope_name ?? (scope === 'organization' ? 'The organization' : scope)}
          {model && <span className="secondary"> · {model}</span>}
        </span>
      ),
    },
    {
      id: 'window',
      header: 'Each',
      width: '96px',
      from: 480,
      cell: ({ window }) => WINDOWS[window],
    },
    {
      id: 'bar',
      header: 'Used',
      width: 'minmax(190px, 2fr)',
      cell: ({ scope_name, cap_micro_usd, status }) => (
        <UsageBar
          label={`Budget of ${scope_name ?? 'the organization'}`}
          used={status.spent_micro_usd}
          held={status.held_micro_usd}
          cap={cap_micro_usd}
          format={money}
        />
      ),
    },
    {
      id: 'until',
      header: 'Full again',
      width: '104px',
      align: 'end',
      from: 640,
      cell: ({ status }) => <RelativeTime at={status.window_end} never="at first use" />,
    },
    {
      id: 'acts',
      header: 'Actions',
      width: '150px',
      align: 'end',
      cell: (budget) =>
        may && (
          <span className="row">
            <Button small look="quiet" onClick={() => setEditing(budget)}>
              Change
            </Button>
            <Button small look="quiet" onClick={() => setRemoving(budget)}>
              Remove
            </Button>
          </span>
        ),
    },
  ];
  return (
    <section className="section">
      {may && (
        <div className="row">
          <span className="grow" />
          <Button look="primary" onClick={() => setEditing('new')}>
            Create budget
          </Button>
        </div>
      )}
      <Table
        label="Budgets"
        list={list}
        rowKey={idOf}
        rowHeight={52}
        columns={columns}
        empty={
          <EmptyState title="No budget yet">
            A budget refuses calls when it is used up, and says so to the caller with the time at
            which it is full again. Several may apply to one call; each has to have room.
          </EmptyState>
        }
      />
      {editing && (
        <BudgetDialog
          stored={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
        />
      )}
      <ConfirmDialog
        open={removing !== null}
        onClose={() => setRemoving(null)}
        title="Remove this budget?"
        action="Remove budget"
        danger
        pending={remove.pending}
        onConfirm={() => removing && remove.act(removing.id)}
      >
        {removing?.scope_name ?? 'The organization'} may then spend without it. What was spent in
        its window is forgotten with it.
      </ConfirmDialog>
    </section>
  );
}
