import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { expectAccessible, gateway, problem, show } from '@/test/show';
import SignIn from './SignIn';
import { problemWords, safeReturn } from './problems';

const BOTH = { body: { password: true, providers: [{ id: 'okta', name: 'Okta' }] } };
const SIGNED_OUT = { status: 401, body: problem('unauthenticated') };
const SESSION = {
  account: { id: '1', email: 'a@b.c', name: null, role: 'admin', team: null },
  session: { id: '1', created_at: '', expires_at: '', provider: null },
  totp: true,
};

test('a password, then the second factor, then back to where one came from', async () => {
  const user = userEvent.setup();
  let signedIn = false;
  const seen = gateway({
    'GET /api/v1/sign-in': BOTH,
    'GET /api/v1/sessions/current': () => (signedIn ? { body: SESSION } : SIGNED_OUT),
    'POST /api/v1/sessions': ({ body }) => {
      const { code } = body as { code?: string };
      if (!code) return { status: 401, body: problem('totp_required') };
      if (code !== '123456') return { status: 401, body: problem('totp_wrong') };
      signedIn = true;
      return { status: 201, body: {} };
    },
  });
  show(<SignIn />, '/sign-in?return_to=%2Fdevices%3Fpresence%3Dmissing');
  const sso = await screen.findByRole('link', { name: 'Continue with Okta' });
  expect(sso.getAttribute('href')).toBe(
    '/api/v1/sign-in/okta?return_to=%2Fdevices%3Fpresence%3Dmissing',
  );
  await expectAccessible();
  await user.type(screen.getByLabelText('E-mail'), 'a@b.c');
  await user.type(screen.getByLabelText('Password'), 'correct horse{Enter}');
  const code = await screen.findByLabelText('Code from your authenticator app');
  await user.type(code, '000000{Enter}');
  expect(await screen.findByText('Detail of totp_wrong.')).toBeTruthy();
  await user.clear(code);
  await user.type(code, '123 456{Enter}');
  await waitFor(() =>
    expect(screen.getByTestId('address').textContent).toBe('/devices?presence=missing'),
  );
  const posts = seen.filter(({ method }) => method === 'POST');
  expect(posts.every(({ body }) => (body as { cookie: boolean }).cookie)).toBe(true);
});

test('a one-time password is changed on the way in', async () => {
  const user = userEvent.setup();
  const seen = gateway({
    'GET /api/v1/sign-in': { body: { password: true, providers: [] } },
    'GET /api/v1/sessions/current': SIGNED_OUT,
    'POST /api/v1/sessions': ({ body }) =>
      (body as { new_password?: string }).new_password
        ? { status: 201, body: {} }
        : { status: 403, body: problem('password_change_required') },
  });
  show(<SignIn />, '/sign-in');
  await user.type(await screen.findByLabelText('E-mail'), 'a@b.c');
  await user.type(screen.getByLabelText('Password'), 'given once{Enter}');
  await user.type(await screen.findByLabelText('New password'), 'a long enough one');
  const submit = screen.getByRole('button', { name: 'Set password and sign in' });
  expect(submit.hasAttribute('disabled')).toBe(true);
  await user.type(screen.getByLabelText('New password again'), 'a long enough one{Enter}');
  await waitFor(() =>
    expect(seen.at(-2)?.body ?? seen.at(-1)?.body).toMatchObject({
      new_password: 'a long enough one',
    }),
  );
});

test('a failure is said in the gateway’s words, an unknown problem by its code', async () => {
  const user = userEvent.setup();
  gateway({
    'GET /api/v1/sign-in': BOTH,
    'GET /api/v1/sessions/current': SIGNED_OUT,
    'POST /api/v1/sessions': { status: 401, body: problem('sign_in_failed') },
  });
  show(<SignIn />, '/sign-in?problem=group_unknown');
  expect(screen.getByText(/\(group_unknown\)/)).toBeTruthy();
  await user.type(await screen.findByLabelText('E-mail'), 'a@b.c');
  await user.type(screen.getByLabelText('Password'), 'wrong{Enter}');
  expect(await screen.findByText(/Detail of sign_in_failed/)).toBeTruthy();
});

test('only paths of ours are returned to', () => {
  expect(safeReturn('/devices?x=1')).toBe('/devices?x=1');
  for (const bad of [
    null,
    '',
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/sign-in',
  ])
    expect(safeReturn(bad)).toBe('/');
  expect(problemWords('<script>')).not.toContain('script');
});
