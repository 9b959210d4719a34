/** What `/sign-in?problem=` means: how signing in with an organisation's account ended. */
const WORDS: Record<string, string> = {
  account_disabled: 'This account is disabled. An administrator can enable it again.',
  account_exists:
    'An account with your e-mail address signs in another way. An administrator can link the two.',
  answer_invalid:
    'The identity provider’s answer could not be trusted. An administrator finds the reason in the gateway’s log.',
  email_missing: 'The identity provider did not say your e-mail address. It has to release it.',
  email_unverified: 'Your e-mail address is not verified at the identity provider.',
  last_admin: 'Your groups would take the last administrator’s role away, so nothing was changed.',
  no_role: 'Your account is known, but none of its groups has a role here. Ask an administrator.',
  other_browser: 'This sign-in was begun in another browser. Begin again here.',
  provider_refused: 'The identity provider did not let you in, or you cancelled there.',
  provider_unavailable: 'The identity provider does not answer. Try again in a moment.',
  provider_unknown: 'This identity provider was removed or switched off. Choose another way.',
  sign_in_lost: 'Signing in took too long, or the page was opened twice. Begin again.',
  too_many_attempts: 'Too many attempts came from your address. Wait a few minutes.',
  unavailable: 'The gateway cannot reach its database right now. Try again in a moment.',
};

export function problemWords(code: string): string {
  const known = WORDS[code];
  if (known) return known;
  // The code alone still tells an administrator what to look for in the log.
  return /^[a-z0-9_]{1,40}$/.test(code)
    ? `Signing in did not work (${code}). The gateway’s log says more.`
    : 'Signing in did not work. The gateway’s log says more.';
}

/** Where to go after signing in: a path of ours, and nothing that leads elsewhere. */
export function safeReturn(to: string | null): string {
  if (!to || !to.startsWith('/') || /^\/[/\\]/.test(to) || to.startsWith('/sign-in')) return '/';
  return to;
}
