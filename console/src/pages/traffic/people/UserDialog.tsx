/** Adding a person, or changing their name and team. */
import { useState } from 'react';
import { useAct } from '@/api/act';
import { type Schema, call, http } from '@/api/client';
import { Button, Combobox, Dialog, Field, Form, Input } from '@/ui';
import { useTeams } from '../../fleet/parts/useChoices';

interface Props {
  stored: Schema<'User'> | null;
  onClose: () => void;
}

export function UserDialog({ stored, onClose }: Props) {
  const teams = useTeams();
  const [email, setEmail] = useState(stored?.email ?? '');
  const [name, setName] = useState(stored?.name ?? '');
  const [team, setTeam] = useState(stored?.team ?? null);
  const save = useAct({
    run: () =>
      stored
        ? call(
            http.PATCH('/api/v1/users/{id}', {
              params: { path: { id: stored.id } },
              body: { name, team },
            }),
          )
        : call(http.POST('/api/v1/users', { body: { email, name, team } })),
    done: () => (stored ? `${name} changed` : `${name} added`),
    topics: ['users', 'audit'],
    form: true,
    then: onClose,
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={stored ? `Change ${stored.name}` : 'Add user'}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" pending={save.pending} onClick={() => save.act()}>
            {stored ? 'Save' : 'Add user'}
          </Button>
        </>
      }
    >
      <Form onSubmit={() => save.act()} problem={save.problem} shown={['/email', '/name', '/team']}>
        <Field label="E-mail address" error={save.problem?.field('/email')}>
          <Input
            type="email"
            disabled={stored !== null}
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        </Field>
        <Field label="Name" error={save.problem?.field('/name')}>
          <Input value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field label="Team" error={save.problem?.field('/team')}>
          <Combobox
            label="Team"
            none="No team"
            value={team}
            onChange={setTeam}
            choices={teams.choices}
          />
        </Field>
      </Form>
    </Dialog>
  );
}
