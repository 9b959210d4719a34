/** How fast somebody may call: requests and tokens a minute, and calls at once. */
import { useState } from 'react';
import { useAct } from '@/api/act';
import { type Schema, call, http } from '@/api/client';
import { useList } from '@/api/query';
import { useMay } from '@/api/session';
import { count } from '@/format/format';
import {
  Button,
  type Column,
  Combobox,
  ConfirmDialog,
  Dialog,
  EmptyState,
  Field,
  Form,
  Input,
  Table,
} from '@/ui';
import { text, useSearch } from '@/url/search';
import { Two } from '../../fleet/parts/Identity';
import { limitWords } from './limits';
import { useScopes } from './useScopes';

type Limit = Schema<'Limit'>;

const PARAMS = { scope: text };
const idOf = ({ id }: Limit) => id;
const amount = (value: number | null | undefined) => (value == null ? '–' : count(value));

/** Pixels under which a table says a limit in words. */
const NARROW = 620;

const nameOf = ({ scope, scope_name }: Limit) =>
  scope_name ?? (scope === 'organization' ? 'The organization' : scope);

function Whose({ of }: { of: Limit }) {
  return (
    <span className="truncate">
      {nameOf(of)}
      {of.model && <span className="secondary"> · {of.model}</span>}
    </span>
  );
}

export function Limits() {
  const [search] = useSearch(PARAMS);
  const list = useList('/api/v1/limits', { params: { query: search } });
  const may = useMay('money');
  const [editing, setEditing] = useState<Limit | 'new' | null>(null);
  const [removing, setRemoving] = useState<Limit | null>(null);
  const remove = useAct({
    run: (id: string) => call(http.DELETE('/api/v1/limits/{id}', { params: { path: { id } } })),
    done: () => 'Limit removed',
    topics: ['limits', 'audit'],
    then: () => setRemoving(null),
  });
  const columns: readonly Column<Limit>[] = [
    {
      id: 'scope',
      header: 'For',
      width: 'minmax(140px, 1fr)',
      from: NARROW,
      cell: (limit) => <Whose of={limit} />,
    },
    {
      id: 'all',
      header: 'For',
      width: 'minmax(140px, 1fr)',
      until: NARROW,
      cell: (limit) => <Two first={<Whose of={limit} />} second={limitWords(limit)} />,
    },
    {
      id: 'requests',
      header: 'Requests / min',
      width: '120px',
      from: NARROW,
      align: 'end',
      cell: ({ requests_per_minute }) => amount(requests_per_minute),
    },
    {
      id: 'tokens',
      header: 'Tokens / min',
      width: '120px',
      from: NARROW,
      align: 'end',
      cell: ({ tokens_per_minute }) => amount(tokens_per_minute),
    },
    {
      id: 'at-once',
      header: 'At once',
      width: '90px',
      align: 'end',
      from: NARROW,
      cell: ({ concurrency }) => amount(concurrency),
    },
    {
      id: 'acts',
      header: 'Actions',
      width: '150px',
      align: 'end',
      cell: (limit) =>
        may && (
          <span className="row">
            <Button small look="quiet" onClick={() => setEditing(limit)}>
              Change
            </Button>
            <Button small look="quiet" onClick={() => setRemoving(limit)}>
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
            Create limit
          </Button>
        </div>
      )}
      <Table
        label="Limits"
        list={list}
        rowKey={idOf}
        columns={columns}
        tallUntil={NARROW}
        empty={
          <EmptyState title="No limit yet">
            A limit answers 429 with the time to wait when somebody calls too fast, before the
            provider does it for everybody.
          </EmptyState>
        }
      />
      {editing && (
        <LimitDialog stored={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
      <ConfirmDialog
        open={removing !== null}
        onClose={() => setRemoving(null)}
        title="Remove this limit?"
        action="Remove limit"
        danger
        pending={remove.pending}
        onConfirm={() => removing && remove.act(removing.id)}
      >
        {removing && nameOf(removing)} may then call as fast as the provider allows.
      </ConfirmDialog>
    </section>
  );
}

const numberOf = (typed: string) =>
  typed.trim() === '' ? null : Number(typed.replaceAll(',', ''));

function LimitDialog({ stored, onClose }: { stored: Limit | null; onClose: () => void }) {
  const scopes = useScopes();
  const [scope, setScope] = useState<string | null>(stored?.scope ?? null);
  const [model, setModel] = useState('');
  const [requests, setRequests] = useState(String(stored?.requests_per_minute ?? ''));
  const [tokens, setTokens] = useState(String(stored?.tokens_per_minute ?? ''));
  const [atOnce, setAtOnce] = useState(String(stored?.concurrency ?? ''));
  const body = {
    requests_per_minute: numberOf(requests),
    tokens_per_minute: numberOf(tokens),
    concurrency: numberOf(atOnce),
  };
  const save = useAct({
    run: () =>
      stored
        ? call(
            http.PATCH('/api/v1/limits/{id}', {
              params: { path: { id: stored.id } },
              // The API leaves alone what is not named, and takes away what is null.
              body: body as Schema<'LimitChange'>,
            }),
          )
        : call(
            http.POST('/api/v1/limits', {
              body: { scope: scope ?? '', model: model || null, ...body },
            }),
          ),
    done: () => (stored ? 'Limit changed' : 'Limit created'),
    topics: ['limits', 'audit'],
    form: true,
    then: onClose,
  });
  const field = (label: string, pointer: string, value: string, set: (value: string) => void) => (
    <Field label={label} hint="Empty: no limit." error={save.problem?.field(pointer)}>
      <Input inputMode="numeric" value={value} onChange={(event) => set(event.target.value)} />
    </Field>
  );
  return (
    <Dialog
      open
      onClose={onClose}
      title={stored ? 'Change limit' : 'Create limit'}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" pending={save.pending} onClick={() => save.act()}>
            {stored ? 'Save' : 'Create limit'}
          </Button>
        </>
      }
    >
      <Form
        onSubmit={() => save.act()}
        problem={save.problem}
        shown={['/scope', '/model', '/requests_per_minute', '/tokens_per_minute', '/concurrency']}
      >
        {!stored && (
          <>
            <Field label="For" error={save.problem?.field('/scope')}>
              <Combobox label="For" value={scope} onChange={setScope} choices={scopes} />
            </Field>
            <Field
              label="Models"
              hint="With * as a wildcard; empty: all."
              error={save.problem?.field('/model')}
            >
              <Input value={model} onChange={(event) => setModel(event.target.value)} />
            </Field>
          </>
        )}
        {field('Requests per minute', '/requests_per_minute', requests, setRequests)}
        {field('Tokens per minute', '/tokens_per_minute', tokens, setTokens)}
        {field('Calls at once', '/concurrency', atOnce, setAtOnce)}
      </Form>
    </Dialog>
  );
}
