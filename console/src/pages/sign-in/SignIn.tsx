/** Signing in: with the organisation's account, or with a password, its second factor, and the first
 * change of a one-time password. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Navigate, useNavigate, useSearchParams } from 'react-router';
import { useGet } from '@/api/query';
import { SESSION, useSession } from '@/api/session';
import { ButtonAnchor, Load } from '@/ui';
import { href } from '@/url/search';
import { PasswordForm } from './PasswordForm';
import styles from './SignIn.module.css';
import { problemWords, safeReturn } from './problems';

export default function SignIn() {
  const [params] = useSearchParams();
  const returnTo = safeReturn(params.get('return_to'));
  const problem = params.get('problem');
  const client = useQueryClient();
  const navigate = useNavigate();
  const { session } = useSession();
  const ways = useGet('/api/v1/sign-in');
  useEffect(() => {
    document.title = 'Sign in · Tidegate';
  }, []);

  if (session) return <Navigate to={returnTo} replace />;
  const enter = async () => {
    await client.invalidateQueries({ queryKey: SESSION });
    await navigate(returnTo, { replace: true });
  };
  return (
    <main className={styles.page}>
      <div className={styles.panel}>
        <header className={styles.head}>
          <img src="/icon.svg" alt="" />
          <h1>Sign in to Tidegate</h1>
          <p className="secondary">Devices, apps, MCP servers and keys of your organisation.</p>
        </header>
        {problem && (
          <p className={styles.notice} role="alert">
            {problemWords(problem)}
          </p>
        )}
        <Load query={ways}>
          {({ password, providers }) => (
            <>
              {providers.length > 0 && (
                <div className={styles.ways}>
                  {providers.map(({ id, name }, index) => (
                    <ButtonAnchor
                      key={id}
                      look={index === 0 && !password ? 'primary' : 'default'}
                      href={href(`/api/v1/sign-in/${encodeURIComponent(id)}`, {
                        return_to: returnTo,
                      })}
                    >
                      Continue with {name}
                    </ButtonAnchor>
                  ))}
                </div>
              )}
              {providers.length > 0 && password && (
                <div className={styles.or}>or with a password</div>
              )}
              {password && <PasswordForm onDone={() => void enter()} />}
              {!password && providers.length === 0 && (
                <p className="secondary">
                  No way to sign in is switched on. An administrator can add one on the gateway’s
                  machine with <code>tidegate admin create</code>.
                </p>
              )}
            </>
          )}
        </Load>
        <p className={styles.foot}>
          The first account comes from <code>tidegate admin create</code> on the gateway’s machine.
        </p>
      </div>
    </main>
  );
}
