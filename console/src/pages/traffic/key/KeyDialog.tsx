/** Making a key, or changing one. */
import { useState } from 'react';
import { useAct } from '@/api/act';
import { call, http } from '@/api/client';
import { Button, Checkbox, Combobox, Dialog, Field, Form, Input } from '@/ui';
import { useTeams } from '../../fleet/parts/useChoices';
import { useUsers } from '../people/useUsers';
import type { Key } from './state';

interface Props {
  /** The key to change; null for a new one. */
  stored: Key | null;
  onClose: () => void;
  onMade?: (secret: string) => void;
}

const words = (text: string) => text.split(/[\s,]+/).filter(Boolean);
const day = (at: string | null | undefined) => at?.slice(0, 10) ?? '';

export function KeyDialog({ stored, onClose, onMade }: Props) {
  const teams = useTeams();
  const users = useUsers();
  const [name, setName] = useState(stored?.name ?? '');
  const [team, setTeam] = useState(stored?.team ?? null);
  const [user, setUser] = useState(stored?.user ?? null);
  const [models, setModels] = useState((stored?.allow.models ?? []).join(', '));
  const [providers, setProviders] = useState((stored?.allow.providers ?? []).join(', '));
  const [log_content, setContent] = useState(stored?.log_content ?? false);
  const [until, setUntil] = useState(day(stored?.expires_at));
  const body = {
    name,
    team,
    user,
    log_content,
    allow: { ...stored?.allow, models: words(models), providers: words(providers) },
    expires_at: until ? new Date(until).toISOString() : null,
  };
  const topics = ['keys', 'audit'] as const;
  const create = useAct({
    run: () => call(http.POST('/api/v1/keys', { body })),
    done: () => 'Key created',
    topics,
    form: true,
    then: (made) => {
      onClose();
      if (made) onMade?.(made.secret);
    },
  });
  const change = useAct({
    run: (id: string) => call(http.PATCH('/api/v1/keys/{id}', { params: { path: { id } }, body })),
    done: () => `${name} changed`,
    topics,
    form: true,
    then: onClose,
  });
  const submit = () => (stored ? change.act(stored.id) : create.act());
  const { pending, problem } = stored ? change : create;
  return (
    <Dialog
      open
      onClose={onClose}
      title={stored ? `Change ${stored.name}` : 'Create key'}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" pending={pending} onClick={submit}>
            {stored ? 'Save' : 'Create key'}
          </Button>
        </>
      }
    >
      <Form
        onSubmit={submit}
        problem={problem}
        shown={['/name', '/team', '/user', '/allow/models', '/allow/providers', '/expires_at']}
      >
        <Field label="Name" hint="What calls with it." error={problem?.field('/name')}>
          <Input value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field label="Team" error={problem?.field('/team')}>
          <Combobox
            label="Team"
            none="No team"
            value={team}
            onChange={setTeam}
            choices={teams.choices}
          />
        </Field>
        <Field label="User" error={problem?.field('/user')}>
          <Combobox
            label="User"
            none="No user"
            value={user}
            onChange={setUser}
            choices={users.choices}
          />
        </Field>
        <Field
          label="Models it may use"
          hint="With * as a wildcard, separated by commas: gpt-4.1*, claude-*. Empty: all."
          error={problem?.field('/allow/models')}
        >
          <Input value={models} onChange={(event) => setModels(event.target.value)} />
        </Field>
        <Field
          label="Providers it may use"
          hint="By name, separated by commas. Empty: all."
          error={problem?.field('/allow/providers')}
        >
          <Input value={providers} onChange={(event) => setProviders(event.target.value)} />
        </Field>
        <Field label="Expires" hint="Empty: never." error={problem?.field('/expires_at')}>
          <Input type="date" value={until} onChange={(event) => setUntil(event.target.value)} />
        </Field>
        <Checkbox
          checked={log_content}
          onChange={setContent}
          label="Store prompts and answers of its calls"
          hint="Administrators and the security team can then read what was said."
        />
      </Form>
    </Dialog>
  );
}
