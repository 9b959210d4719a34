/** Changing one's own password. */
import { useState } from 'react';
import { useAct } from '@/api/act';
import { call, http } from '@/api/client';
import { Button, Field, Form, Input } from '@/ui';

export function Password() {
  const [current_password, setCurrent] = useState('');
  const [new_password, setNew] = useState('');
  const change = useAct({
    run: () =>
      call(
        http.PUT('/api/v1/accounts/current/password', { body: { current_password, new_password } }),
      ),
    done: () => 'Password changed; other sessions have ended',
    topics: ['accounts', 'audit'],
    form: true,
    then: () => {
      setCurrent('');
      setNew('');
    },
  });
  return (
    <section className="section">
      <h2>Password</h2>
      <Form
        onSubmit={() => change.act()}
        problem={change.problem}
        shown={['/current_password', '/new_password']}
      >
        <Field label="Current password" error={change.problem?.field('/current_password')}>
          <Input
            type="password"
            autoComplete="current-password"
            value={current_password}
            onChange={(event) => setCurrent(event.target.value)}
          />
        </Field>
        <Field
          label="New password"
          hint="At least 12 characters; length is what counts."
          error={change.problem?.field('/new_password')}
        >
          <Input
            type="password"
            autoComplete="new-password"
            value={new_password}
            onChange={(event) => setNew(event.target.value)}
          />
        </Field>
        <div>
          <Button
            type="submit"
            disabled={!current_password || !new_password}
            pending={change.pending}
          >
            Change password
          </Button>
        </div>
      </Form>
    </section>
  );
}
