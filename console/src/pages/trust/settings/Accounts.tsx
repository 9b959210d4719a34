/** Who may sign in to the console. */
import { EllipsisVertical } from 'lucide-react';
import { useState } from 'react';
import { useAct } from '@/api/act';
import { type Schema, call, http } from '@/api/client';
import { useList } from '@/api/query';
import { ROLES } from '@/shell/roles';
import {
  Badge,
  Button,
  type Column,
  Dialog,
  EmptyState,
  Field,
  Form,
  IconButton,
  Input,
  Menu,
  MenuItem,
  RelativeTime,
  StatusDot,
  Table,
} from '@/ui';
import { Two } from '../../fleet/parts/Identity';
import { useTeams } from '../../fleet/parts/useChoices';
import { RoleFields } from './RoleFields';
import { Secret } from './Secret';
import type { Role } from './roles';

type Account = Schema<'Account'>;

/** Pixels under which a table says in one column what else has several. */
const NARROW = 620;

const idOf = ({ id }: Account) => id;

export function Accounts() {
  const list = useList('/api/v1/accounts');
  const teams = useTeams();
  const [creating, setCreating] = useState(false);
  const [editing, setEditing] = useState<Account | null>(null);
  const [password, setPassword] = useState<string | null>(null);
  const columns: readonly Column<Account>[] = [
    {
      id: 'email',
      header: 'Account',
      width: 'minmax(180px, 2fr)',
      from: NARROW,
      cell: ({ email, name }) => (
        <span className="truncate" title={email}>
          {name ? `${name} · ` : ''}
          {email}
        </span>
      ),
    },
    {
      id: 'name-and-role',
      header: 'Account',
      width: 'minmax(120px, 1fr)',
      until: NARROW,
      cell: ({ email, name, role }) => <Two first={name || email} second={ROLES[role].word} />,
    },
    {
      id: 'role',
      header: 'Role',
      width: 'minmax(140px, 1fr)',
      from: NARROW,
      cell: ({ role, team }) =>
        team ? `${ROLES[role].word}: ${teams.name(team)}` : ROLES[role].word,
    },
    {
      id: 'way',
      header: 'Signs in by',
      width: '150px',
      from: 640,
      cell: ({ has_password }) => (
        <Badge
          title={
            has_password
              ? 'Works also while the identity provider is down.'
              : 'Has no password of its own.'
          }
        >
          {has_password ? 'Password' : 'Identity provider'}
        </Badge>
      ),
    },
    {
      id: 'state',
      header: 'State',
      width: '110px',
      cell: ({ disabled }) => <StatusDot of={disabled ? 'disabled' : 'active'} />,
    },
    {
      id: 'created',
      header: 'Created',
      width: '96px',
      align: 'end',
      from: 760,
      cell: ({ created_at }) => <RelativeTime at={created_at} />,
    },
    {
      id: 'acts',
      header: 'Actions',
      width: '60px',
      align: 'end',
      cell: (account) => (
        <Acts account={account} onEdit={() => setEditing(account)} onPassword={setPassword} />
      ),
    },
  ];
  return (
    <section className="section">
      <div className="row">
        <p className="secondary grow">
          People from an identity provider get an account when they first sign in. Keep one local
          administrator with a second factor: it works while the provider is down.
        </p>
        <Button look="primary" onClick={() => setCreating(true)}>
          Create account
        </Button>
      </div>
      <Table
        tallUntil={NARROW}
        label="Accounts"
        list={list}
        rowKey={idOf}
        columns={columns}
        empty={<EmptyState title="No account" />}
      />
      {creating && <Create onClose={() => setCreating(false)} onMade={setPassword} />}
      {editing && <Edit account={editing} onClose={() => setEditing(null)} />}
      {password && (
        <Secret
          title="One-time password"
          about="To be changed at the first sign-in. It is shown this once."
          secret={password}
          onClose={() => setPassword(null)}
        />
      )}
    </section>
  );
}

interface ActsProps {
  account: Account;
  onEdit: () => void;
  onPassword: (password: string) => void;
}

function Acts({ account, onEdit, onPassword }: ActsProps) {
  const { id, email, disabled, has_password } = account;
  const path = { id };
  const topics = ['accounts', 'audit'] as const;
  const turn = (off: boolean) =>
    off
      ? call(http.POST('/api/v1/accounts/{id}/disable', { params: { path } }))
      : call(http.POST('/api/v1/accounts/{id}/enable', { params: { path } }));
  const disable = useAct({
    run: turn,
    done: (_, off) => `${email} ${off ? 'disabled: its sessions have ended' : 'enabled'}`,
    undo: (_, off) => turn(!off),
    topics,
  });
  const signOut = useAct({
    run: () => call(http.POST('/api/v1/accounts/{id}/sign-out', { params: { path } })),
    done: () => `All sessions of ${email} have ended`,
    topics,
  });
  const reset = useAct({
    run: () => call(http.POST('/api/v1/accounts/{id}/reset-password', { params: { path } })),
    done: () => null,
    topics,
    then: (answer) => answer && onPassword(answer.one_time_password),
  });
  const resetTotp = useAct({
    run: () => call(http.POST('/api/v1/accounts/{id}/reset-totp', { params: { path } })),
    done: () => `The second factor of ${email} was removed`,
    topics,
  });
  return (
    <Menu
      trigger={
        <IconButton small label={`Acts on ${email}`}>
          <EllipsisVertical size={15} />
        </IconButton>
      }
    >
      <MenuItem onSelect={() => window.setTimeout(onEdit)}>Change…</MenuItem>
      <MenuItem onSelect={() => signOut.act()}>Sign out everywhere</MenuItem>
      {has_password && <MenuItem onSelect={() => reset.act()}>New one-time password</MenuItem>}
      {has_password && <MenuItem onSelect={() => resetTotp.act()}>Remove second factor</MenuItem>}
      <MenuItem danger={!disabled} onSelect={() => disable.act(!disabled)}>
        {disabled ? 'Enable' : 'Disable'}
      </MenuItem>
    </Menu>
  );
}

function Create({ onClose, onMade }: { onClose: () => void; onMade: (password: string) => void }) {
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [[role, team], setRole] = useState<[Role, string | null]>(['security', null]);
  const create = useAct({
    run: () => call(http.POST('/api/v1/accounts', { body: { email, name, role, team } })),
    done: () => 'Account created',
    topics: ['accounts', 'audit'],
    form: true,
    then: (made) => {
      onClose();
      if (made) onMade(made.one_time_password);
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title="Create account"
      about="A local account, with a one-time password to hand over."
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" pending={create.pending} onClick={() => create.act()}>
            Create account
          </Button>
        </>
      }
    >
      <Form
        onSubmit={() => create.act()}
        problem={create.problem}
        shown={['/email', '/name', '/role', '/team']}
      >
        <Field label="E-mail address" error={create.problem?.field('/email')}>
          <Input type="email" value={email} onChange={(event) => setEmail(event.target.value)} />
        </Field>
        <Field label="Name" hint="May be empty." error={create.problem?.field('/name')}>
          <Input value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <RoleFields
          role={role}
          team={team}
          onChange={(...next) => setRole(next)}
          problem={create.problem}
        />
      </Form>
    </Dialog>
  );
}

function Edit({ account, onClose }: { account: Account; onClose: () => void }) {
  const [name, setName] = useState(account.name);
  const [[role, team], setRole] = useState<[Role, string | null]>([
    account.role,
    account.team ?? null,
  ]);
  const patch = (body: Schema<'AccountChange'>) =>
    call(http.PATCH('/api/v1/accounts/{id}', { params: { path: { id: account.id } }, body }));
  const save = useAct({
    run: () => patch({ name, role, team }),
    done: () => `${account.email} changed`,
    undo: () => patch({ name: account.name, role: account.role, team: account.team }),
    topics: ['accounts', 'audit'],
    form: true,
    then: onClose,
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={account.email}
      about="Another role ends the account’s sessions. The role of people from an identity provider follows their groups at each sign-in."
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" pending={save.pending} onClick={() => save.act()}>
            Save
          </Button>
        </>
      }
    >
      <Form onSubmit={() => save.act()} problem={save.problem} shown={['/name', '/role', '/team']}>
        <Field label="Name" error={save.problem?.field('/name')}>
          <Input value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <RoleFields
          role={role}
          team={team}
          onChange={(...next) => setRole(next)}
          problem={save.problem}
        />
      </Form>
    </Dialog>
  );
}
