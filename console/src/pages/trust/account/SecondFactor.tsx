/** The second factor of a local account: setting it up, its recovery codes, removing it. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useAct } from '@/api/act';
import { type Schema, call, http } from '@/api/client';
import { SESSION } from '@/api/session';
import { Button, CodeBlock, Copy, Dialog, Field, Form, Input, StatusBadge } from '@/ui';
import styles from '../trust.module.css';

export function SecondFactor({ on }: { on: boolean }) {
  const client = useQueryClient();
  const [setup, setSetup] = useState<Schema<'TotpSetup'> | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const [beginning, setBeginning] = useState(false);
  const [removing, setRemoving] = useState(false);
  const refresh = () => void client.invalidateQueries({ queryKey: SESSION });
  return (
    <section className="section">
      <div className="row">
        <h2 className="grow">Second factor</h2>
        {on && <StatusBadge of="active">On</StatusBadge>}
      </div>
      <p className="secondary">
        Codes of an authenticator app (RFC 6238), asked for after the password. It protects the way
        in that works while the identity provider is down.
      </p>
      <div>
        {on ? (
          <Button onClick={() => setRemoving(true)}>Remove…</Button>
        ) : (
          <Button look="primary" onClick={() => setBeginning(true)}>
            Set up…
          </Button>
        )}
      </div>
      {beginning && (
        <Begin
          onClose={() => setBeginning(false)}
          onDone={(made) => {
            setBeginning(false);
            setSetup(made);
          }}
        />
      )}
      {setup && (
        <Confirm
          setup={setup}
          onClose={() => setSetup(null)}
          onDone={(made) => {
            setSetup(null);
            setCodes(made);
            refresh();
          }}
        />
      )}
      {codes && <Recovery codes={codes} onClose={() => setCodes(null)} />}
      {removing && (
        <Remove
          onClose={() => {
            setRemoving(false);
            refresh();
          }}
        />
      )}
    </section>
  );
}

interface BeginProps {
  onClose: () => void;
  onDone: (setup: Schema<'TotpSetup'>) => void;
}

function Begin({ onClose, onDone }: BeginProps) {
  const [password, setPassword] = useState('');
  const begin = useAct({
    run: () => call(http.POST('/api/v1/accounts/current/totp', { body: { password } })),
    done: () => null,
    topics: [],
    form: true,
    then: (made) => made && onDone(made),
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title="Set up a second factor"
      about="Your password first, so that nobody else sets it up on a screen that was left open."
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" pending={begin.pending} onClick={() => begin.act()}>
            Continue
          </Button>
        </>
      }
    >
      <Form onSubmit={() => begin.act()} problem={begin.problem} shown={['/password']}>
        <Field label="Password" error={begin.problem?.field('/password')}>
          <Input
            type="password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </Field>
      </Form>
    </Dialog>
  );
}

interface ConfirmProps {
  setup: Schema<'TotpSetup'>;
  onClose: () => void;
  onDone: (codes: readonly string[]) => void;
}

function Confirm({ setup, onClose, onDone }: ConfirmProps) {
  const [code, setCode] = useState('');
  const confirm = useAct({
    run: () => call(http.PUT('/api/v1/accounts/current/totp', { body: { code } })),
    done: () => 'Second factor set up',
    topics: ['accounts', 'audit'],
    form: true,
    then: (made) => made && onDone(made.recovery_codes),
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title="Set up a second factor"
      about="Enter the secret in an authenticator app, then the code that it shows."
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" pending={confirm.pending} onClick={() => confirm.act()}>
            Confirm
          </Button>
        </>
      }
    >
      <div className="stack">
        <Copy text={setup.secret} shown={setup.secret.replace(/(.{4})(?=.)/g, '$1 ')} />
        <a href={setup.uri}>Open in an authenticator app on this device</a>
        <Form onSubmit={() => confirm.act()} problem={confirm.problem} shown={['/code']}>
          <Field label="Code" error={confirm.problem?.field('/code')}>
            <Input
              inputMode="numeric"
              autoComplete="one-time-code"
              value={code}
              onChange={(event) => setCode(event.target.value)}
            />
          </Field>
        </Form>
      </div>
    </Dialog>
  );
}

function Recovery({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  return (
    <Dialog
      open
      onClose={() => undefined}
      title="Recovery codes"
      about="Each opens the account once when the authenticator is lost. They are shown this once."
      foot={
        <Button look="primary" onClick={onClose}>
          I have kept them
        </Button>
      }
    >
      <ul className={styles.codes}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <CodeBlock label="Recovery codes" text={codes.join('\n')} />
    </Dialog>
  );
}

function Remove({ onClose }: { onClose: () => void }) {
  const [code, setCode] = useState('');
  const remove = useAct({
    run: () => call(http.DELETE('/api/v1/accounts/current/totp', { body: { code } })),
    done: () => 'Second factor removed',
    topics: ['accounts', 'audit'],
    form: true,
    then: onClose,
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title="Remove the second factor?"
      about="The password alone will open the account."
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="dangerFill" pending={remove.pending} onClick={() => remove.act()}>
            Remove
          </Button>
        </>
      }
    >
      <Form onSubmit={() => remove.act()} problem={remove.problem} shown={['/code']}>
        <Field label="Code, or a recovery code" error={remove.problem?.field('/code')}>
          <Input
            autoComplete="one-time-code"
            value={code}
            onChange={(event) => setCode(event.target.value)}
          />
        </Field>
      </Form>
    </Dialog>
  );
}
