/** E-mail and password, and what the gateway asks for after them. */
import { useEffect, useRef, useState } from 'react';
import { call, http } from '@/api/client';
import { ApiProblem } from '@/api/problem';
import { Button, Field, Form, Input } from '@/ui';
import styles from './SignIn.module.css';

type Step = 'password' | 'code' | 'change';

/** As the gateway counts it; it checks again. */
const SHORTEST = 12;

export function PasswordForm({ onDone }: { onDone: () => void }) {
  const [step, setStep] = useState<Step>('password');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [fresh, setFresh] = useState('');
  const [again, setAgain] = useState('');
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), [step]);

  const differs = step === 'change' && again !== '' && again !== fresh;
  const ready =
    email !== '' &&
    password !== '' &&
    (step !== 'code' || code.trim() !== '') &&
    (step !== 'change' || (fresh.length >= SHORTEST && again === fresh));

  const submit = async () => {
    if (pending || !ready) return;
    setPending(true);
    setProblem(null);
    try {
      await call(
        http.POST('/api/v1/sessions', {
          body: {
            email,
            password,
            cookie: true,
            ...(fresh && { new_password: fresh }),
            ...(code && { code: code.replace(/\s/g, '') }),
          },
        }),
      );
      onDone();
    } catch (thrown) {
      const failed = ApiProblem.of(thrown);
      if (failed.code === 'totp_required') setStep('code');
      else if (failed.code === 'password_change_required') setStep('change');
      else setProblem(failed);
    } finally {
      setPending(false);
    }
  };

  const restart = () => {
    setStep('password');
    setCode('');
    setFresh('');
    setAgain('');
    setProblem(null);
  };
  const wrongCode = problem?.code === 'totp_wrong';

  return (
    <Form
      onSubmit={() => void submit()}
      problem={wrongCode ? null : problem}
      shown={['/email', '/password', '/new_password', '/code']}
    >
      {step === 'password' && (
        <>
          <Field label="E-mail" error={problem?.field('/email')}>
            <Input
              ref={first}
              type="email"
              autoComplete="username"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          </Field>
          <Field label="Password" error={problem?.field('/password')}>
            <Input
              type="password"
              autoComplete="current-password"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          </Field>
        </>
      )}
      {step === 'code' && (
        <div className={styles.code}>
          <Field
            label="Code from your authenticator app"
            hint="Six digits. A recovery code works too, once."
            error={wrongCode ? problem.detail : problem?.field('/code')}
          >
            <Input
              ref={first}
              autoComplete="one-time-code"
              value={code}
              onChange={(event) => setCode(event.target.value)}
            />
          </Field>
        </div>
      )}
      {step === 'change' && (
        <>
          <p className="secondary">The password you were given is for one use. Choose your own.</p>
          {/* Tells password managers whose password this is. */}
          <input
            className="sr-only"
            aria-hidden
            tabIndex={-1}
            autoComplete="username"
            value={email}
            readOnly
          />
          <Field
            label="New password"
            hint={`At least ${SHORTEST} characters.`}
            error={problem?.field('/new_password')}
          >
            <Input
              ref={first}
              type="password"
              autoComplete="new-password"
              value={fresh}
              onChange={(event) => setFresh(event.target.value)}
            />
          </Field>
          <Field
            label="New password again"
            error={differs ? 'The two are not the same.' : undefined}
          >
            <Input
              type="password"
              autoComplete="new-password"
              value={again}
              onChange={(event) => setAgain(event.target.value)}
            />
          </Field>
        </>
      )}
      <Button
        type="submit"
        look="primary"
        className={styles.wide}
        pending={pending}
        disabled={!ready}
      >
        {step === 'change' ? 'Set password and sign in' : 'Sign in'}
      </Button>
      {step !== 'password' && (
        <Button look="quiet" onClick={restart}>
          Back
        </Button>
      )}
    </Form>
  );
}
