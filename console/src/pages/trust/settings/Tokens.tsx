/** Credentials for programs that use the admin API. */
import { useState } from 'react';
import { useAct } from '@/api/act';
import { type Schema, call, http } from '@/api/client';
import { useList } from '@/api/query';
import { ROLES } from '@/shell/roles';
import {
  Button,
  type Column,
  ConfirmDialog,
  Dialog,
  EmptyState,
  Field,
  Form,
  Input,
  RelativeTime,
  StatusDot,
  Table,
} from '@/ui';
import { Two } from '../../fleet/parts/Identity';
import { keyState } from '../../traffic/key/state';
import { RoleFields } from './RoleFields';
import { Secret } from './Secret';
import type { Role } from './roles';

type Token = Schema<'Token'>;

/** Pixels under which a table says in one column what else has several. */
const NARROW = 620;

const idOf = ({ id }: Token) => id;

export function Tokens() {
  const list = useList('/api/v1/tokens');
  const [creating, setCreating] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const revoke = useAct({
    run: (id: string) =>
      call(http.POST('/api/v1/tokens/{id}/revoke', { params: { path: { id } } })),
    done: () => 'Token revoked',
    topics: ['tokens', 'audit'],
    then: () => setRevoking(null),
  });
  const columns: readonly Column<Token>[] = [
    {
      id: 'name',
      header: 'Token',
      width: 'minmax(140px, 1.5fr)',
      from: NARROW,
      cell: ({ name }) => name,
    },
    {
      id: 'name-and-role',
      header: 'Token',
      width: 'minmax(120px, 1.5fr)',
      until: NARROW,
      cell: ({ name, role }) => <Two first={name} second={ROLES[role].word} />,
    },
    {
      id: 'hint',
      header: 'Secret',
      width: '170px',
      from: 720,
      cell: ({ hint }) => <span className="mono secondary">{hint}</span>,
    },
    {
      id: 'role',
      header: 'Role',
      width: '150px',
      from: NARROW,
      cell: ({ role }) => ROLES[role].word,
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
      align: 'end',
      from: 600,
      cell: ({ last_used_at }) => <RelativeTime at={last_used_at} />,
    },
    {
      id: 'acts',
      header: 'Actions',
      width: '84px',
      align: 'end',
      cell: (token) =>
        token.revoked_at ? null : (
          <Button small look="quiet" onClick={() => setRevoking(token)}>
            Revoke
          </Button>
        ),
    },
  ];
  return (
    <section className="section">
      <div className="row">
        <p className="secondary grow">
          A token does what its role may. Sent as <code>Authorization: Bearer</code>.
        </p>
        <Button look="primary" onClick={() => setCreating(true)}>
          Create token
        </Button>
      </div>
      <Table
        tallUntil={NARROW}
        label="API tokens"
        list={list}
        rowKey={idOf}
        columns={columns}
        empty={
          <EmptyState title="No API token yet">
            Create one for Terraform, a script or a SIEM, with the least role that does.
          </EmptyState>
        }
      />
      {creating && <Create onClose={() => setCreating(false)} onMade={setSecret} />}
      {secret && (
        <Secret
          title="The token’s secret"
          about="It is shown this once and cannot be read again."
          secret={secret}
          onClose={() => setSecret(null)}
        />
      )}
      <ConfirmDialog
        open={revoking !== null}
        onClose={() => setRevoking(null)}
        title={`Revoke ${revoking?.name ?? ''}?`}
        action="Revoke token"
        danger
        pending={revoke.pending}
        onConfirm={() => revoking && revoke.act(revoking.id)}
      >
        Programs that use it are refused from now on. It cannot be brought back.
      </ConfirmDialog>
    </section>
  );
}

function Create({ onClose, onMade }: { onClose: () => void; onMade: (secret: string) => void }) {
  const [name, setName] = useState('');
  const [until, setUntil] = useState('');
  const [[role, team], setRole] = useState<[Role, string | null]>(['read_only', null]);
  const create = useAct({
    run: () =>
      call(
        http.POST('/api/v1/tokens', {
          body: { name, role, team, expires_at: until ? new Date(until).toISOString() : null },
        }),
      ),
    done: () => 'Token created',
    topics: ['tokens', 'audit'],
    form: true,
    then: (made) => {
      onClose();
      if (made) onMade(made.secret);
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title="Create token"
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" pending={create.pending} onClick={() => create.act()}>
            Create token
          </Button>
        </>
      }
    >
      <Form
        onSubmit={() => create.act()}
        problem={create.problem}
        shown={['/name', '/role', '/team', '/expires_at']}
      >
        <Field label="Name" hint="What uses it." error={create.problem?.field('/name')}>
          <Input value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <RoleFields
          role={role}
          team={team}
          onChange={(...next) => setRole(next)}
          problem={create.problem}
        />
        <Field label="Expires" hint="Empty: never." error={create.problem?.field('/expires_at')}>
          <Input type="date" value={until} onChange={(event) => setUntil(event.target.value)} />
        </Field>
      </Form>
    </Dialog>
  );
}
