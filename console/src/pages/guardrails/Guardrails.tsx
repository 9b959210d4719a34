/** Guardrails: what is looked for in prompts and answers, what is done about it, and what came of it. */
import { useState } from 'react';
import { useAct } from '@/api/act';
import { type Schema, call, http } from '@/api/client';
import { useList } from '@/api/query';
import { useMay } from '@/api/session';
import {
  Badge,
  Button,
  type Column,
  ConfirmDialog,
  EmptyState,
  PageHeader,
  StatusDot,
  Table,
  Tabs,
} from '@/ui';
import { Two } from '../fleet/parts/Identity';
import { Editor } from './Editor';
import { Findings } from './Findings';
import { type Guardrail, START, actionWords, concernWords, detectWords, sideWords } from './words';

/** Pixels under which a row says all of it in one cell. */
const NARROW = 640;

const idOf = ({ id }: Guardrail) => id;

export default function Guardrails() {
  // Those who run a team see what was found on its calls, not what is looked for everywhere.
  const sees = useMay('guardrails');
  const findings = { id: 'findings', title: 'Findings', body: () => <Findings /> };
  return (
    <>
      <PageHeader
        title="Guardrails"
        about="What is looked for in prompts before a provider sees them and in answers before anybody does, on API traffic and on laptops alike."
      />
      <div className="page">
        <Tabs
          label="Guardrails"
          tabs={
            sees
              ? [{ id: 'guardrails', title: 'Guardrails', body: () => <List /> }, findings]
              : [findings]
          }
        />
      </div>
    </>
  );
}

function Force({ of }: { of: Guardrail }) {
  if (!of.enabled) return <StatusDot of="disabled">Off</StatusDot>;
  return of.definition.shadow ? (
    <Badge title="It only notes what it would have done">Shadow</Badge>
  ) : (
    <StatusDot of="active">In force</StatusDot>
  );
}

const COLUMNS: readonly Column<Guardrail>[] = [
  {
    id: 'name',
    header: 'Guardrail',
    width: 'minmax(160px, 1.2fr)',
    from: NARROW,
    cell: ({ name, definition }) => (
      <Two first={<span className="truncate">{name}</span>} second={detectWords(definition)} />
    ),
  },
  {
    id: 'all',
    header: 'Guardrail',
    width: 'minmax(140px, 1fr)',
    until: NARROW,
    cell: ({ name, definition }) => (
      <Two
        first={<span className="truncate">{name}</span>}
        second={`${actionWords(definition.action)} · ${sideWords(definition)}`}
      />
    ),
  },
  {
    id: 'action',
    header: 'Does',
    width: '150px',
    from: NARROW,
    cell: ({ definition }) => actionWords(definition.action),
  },
  {
    id: 'side',
    header: 'Looks at',
    width: '130px',
    from: 780,
    cell: ({ definition }) => <span className="secondary">{sideWords(definition)}</span>,
  },
  {
    id: 'concerns',
    header: 'Concerns',
    width: 'minmax(120px, 1fr)',
    from: 920,
    cell: ({ definition }) => (
      <span className="secondary truncate">{concernWords(definition)}</span>
    ),
  },
  { id: 'force', header: 'State', width: '110px', cell: (guardrail) => <Force of={guardrail} /> },
];

function List() {
  const list = useList('/api/v1/guardrails');
  const may = useMay('decide');
  const [editing, setEditing] = useState<Guardrail | 'new' | null>(null);
  const [removing, setRemoving] = useState<Guardrail | null>(null);
  const create = (body: Schema<'NewGuardrail'>) => call(http.POST('/api/v1/guardrails', { body }));
  const start = useAct({
    run: async () => {
      // One after the other: their order is the order in which they are made.
      for (const body of START) await create(body);
    },
    done: () =>
      'Three guardrails made, in shadow: look at the findings before you put them in force',
    topics: ['guardrails', 'audit'],
  });
  const remove = useAct({
    run: ({ id }: Guardrail) =>
      call(http.DELETE('/api/v1/guardrails/{id}', { params: { path: { id } } })),
    done: (_, { name }) => `${name} removed`,
    undo: (_, { name, enabled, position, definition }) =>
      create({ name, enabled, position, definition }),
    topics: ['guardrails', 'audit'],
    then: () => {
      setRemoving(null);
      setEditing(null);
    },
  });
  return (
    <section className="section">
      {may && (
        <div className="row">
          <span className="grow" />
          <Button look="primary" onClick={() => setEditing('new')}>
            Create guardrail
          </Button>
        </div>
      )}
      <Table
        label="Guardrails"
        list={list}
        rowKey={idOf}
        columns={COLUMNS}
        onOpen={setEditing}
        tallUntil={NARROW}
        empty={
          <EmptyState
            title="Nothing is looked for yet"
            actions={
              may && (
                <Button look="primary" pending={start.pending} onClick={() => start.act()}>
                  Begin in shadow
                </Button>
              )
            }
          >
            Begin with credentials and personal data in shadow: nothing changes for anybody, and the
            findings tell what would have happened.
          </EmptyState>
        }
      />
      {editing && (
        <Editor
          stored={editing === 'new' ? null : editing}
          may={may}
          onRemove={setRemoving}
          onClose={() => setEditing(null)}
        />
      )}
      <ConfirmDialog
        open={removing !== null}
        onClose={() => setRemoving(null)}
        title={`Remove ${removing?.name ?? ''}?`}
        action="Remove guardrail"
        danger
        pending={remove.pending}
        onConfirm={() => removing && remove.act(removing)}
      >
        What it looks for passes from then on. What it did stays in the log.
      </ConfirmDialog>
    </section>
  );
}
