/** Tokens by which an identity provider brings and takes people and groups (SCIM 2.0). */
import { useState } from 'react';
import { useAct } from '@/api/act';
import { type Schema, call, http } from '@/api/client';
import { useList } from '@/api/query';
import {
  Button,
  type Column,
  Copy,
  Dialog,
  EmptyState,
  Field,
  Form,
  Input,
  KeyValue,
  RelativeTime,
  StatusDot,
  Table,
} from '@/ui';
import { keyState } from '../../traffic/key/state';
import { Secret } from './Secret';

type Token = Schema<'ScimToken'>;
type Made = Schema<'ScimTokenWithSecret'>;

const idOf = ({ id }: Token) => id;

export function ScimTokens() {
  const list = useList('/api/v1/scim-tokens');
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<Made | null>(null);
  const revoke = useAct({
    run: (id: string) =>
      call(http.POST('/api/v1/scim-tokens/{id}/revoke', { params: { path: { id } } })),
    done: () => 'SCIM token revoked',
    topics: ['tokens', 'settings', 'audit'],
  });
  const columns: readonly Column<Token>[] = [
    { id: 'name', header: 'Provider', width: 'minmax(100px, 1.5fr)', cell: ({ name }) => name },
    {
      id: 'hint',
      header: 'Secret',
      width: '170px',
      from: 640,
      cell: ({ hint }) => <span className="mono secondary">{hint}</span>,
    },
    {
      id: 'state',
      header: 'State',
      width: '110px',
      cell: (token) => <StatusDot of={keyState(token)} />,
    },
    {
      id: 'used',
      header: 'Last used',
      width: '96px',
      from: 480,
      align: 'end',
      cell: ({ last_used_at }) => <RelativeTime at={last_used_at} />,
    },
    {
      id: 'acts',
      header: 'Actions',
      width: '84px',
      align: 'end',
      cell: ({ id, revoked_at }) =>
        revoked_at ? null : (
          <Button small look="quiet" onClick={() => revoke.act(id)}>
            Revoke
          </Button>
        ),
    },
  ];
  return (
    <section className="section">
      <div className="row">
        <h2 className="grow">SCIM</h2>
        <Button onClick={() => setCreating(true)}>Create SCIM token</Button>
      </div>
      <p className="secondary">
        The provider makes people here before they first sign in, and disables them the minute they
        leave: their keys, sessions and devices with them.
      </p>
      <Table
        label="SCIM tokens"
        list={list}
        rowKey={idOf}
        columns={columns}
        empty={
          <EmptyState title="No provider brings people yet">
            Create a token, and enter it with the base URL in the provider’s provisioning settings.
          </EmptyState>
        }
      />
      {creating && <Create onClose={() => setCreating(false)} onMade={setMade} />}
      {made && (
        <Secret
          title="The SCIM token"
          about="It is shown this once and cannot be read again."
          secret={made.secret}
          onClose={() => setMade(null)}
        >
          <KeyValue rows={[['Base URL', <Copy key="url" text={made.url} />]]} />
        </Secret>
      )}
    </section>
  );
}

function Create({ onClose, onMade }: { onClose: () => void; onMade: (made: Made) => void }) {
  const [name, setName] = useState('');
  const create = useAct({
    run: () => call(http.POST('/api/v1/scim-tokens', { body: { name } })),
    done: () => 'SCIM token created',
    topics: ['tokens', 'settings', 'audit'],
    form: true,
    then: (made) => {
      onClose();
      if (made) onMade(made);
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title="Create SCIM token"
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" pending={create.pending} onClick={() => create.act()}>
            Create token
          </Button>
        </>
      }
    >
      <Form onSubmit={() => create.act()} problem={create.problem} shown={['/name']}>
        <Field
          label="Name"
          hint="Of the provider that will use it."
          error={create.problem?.field('/name')}
        >
          <Input value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
      </Form>
    </Dialog>
  );
}
