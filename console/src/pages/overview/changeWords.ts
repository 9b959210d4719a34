/** An audit entry as a sentence: `denied npm:x for the fleet`. The audit page has every detail. */
import { changesOf, stepOf } from '../fleet/parts/steps';
import { itemPath } from '../fleet/parts/words';

export interface ChangeEntry {
  id: string;
  at: string;
  action: string;
  actor: string;
  actor_name?: string | null;
  target: string;
  target_name?: string | null;
  detail: unknown;
}

export interface Sentence {
  who: string;
  did: string;
  what: string;
  to: string | null;
  more: string | null;
  audience: string | null;
}

const VERBS: Record<string, string> = {
  create: 'created',
  update: 'changed',
  delete: 'removed',
  revoke: 'revoked',
  rotate: 'rotated',
  disable: 'disabled',
  enable: 'enabled',
  set: 'changed',
  enrol: 'enrolled',
  scan: 'asked to sync',
  move: 'moved to another group',
  quarantine: 'quarantined',
  clear_quarantine: 'cleared the quarantine of',
  link: 'linked',
  unlink: 'unlinked',
  sign_in: 'signed in on',
  certificate: 'issued a certificate for',
  grant: 'granted',
  decline: 'declined',
  answer: 'answered',
};

const NOUNS: Record<string, string> = {
  access_request: 'the request',
  account: 'the account',
  authority: 'the certificate authority',
  budget: 'the budget',
  device: 'the device',
  device_group: 'the group of devices',
  edge_host: 'the rule for host',
  edge_settings: 'the fleet’s settings',
  enrolment_token: 'the enrolment token',
  group: 'the group',
  identity_provider: 'the identity provider',
  key: 'the key',
  limit: 'the limit',
  price: 'the price of',
  scim_token: 'the SCIM token',
  session: 'the session of',
  team: 'the team',
  token: 'the API token',
  user: 'the user',
};

/** What no verb and noun say. */
const WHOLE: Record<string, string> = {
  'account.keep': 'kept as the last way in the account',
  'account.password': 'changed the password of',
  'account.recovery_code': 'used a recovery code of',
  'account.totp_begin': 'began a second factor of',
  'account.totp_confirm': 'set up the second factor of',
  'account.totp_remove': 'removed the second factor of',
  'account.totp_reset': 'reset the second factor of',
  'account.vouch': 'let in, as a provider vouched for',
  'session.create': 'signed in as',
  'session.end': 'signed out',
  'session.refuse': 'refused to sign in',
};

const ACTORS: Record<string, string> = { cli: 'The command line', system: 'Tidegate' };

/** Who acted, where they have no name of their own. */
export const actorWord = (actor: string): string => ACTORS[actor] ?? actor;

const PAST: Record<string, string> = {
  approved: 'approved',
  denied: 'denied',
  pending: 'set to pending',
};

/** Where a target has a page. */
function pathOf(subject: string, target: string): string | null {
  switch (subject) {
    case 'device':
      return `/devices/${target}`;
    case 'access_request':
      return '/access-requests';
    case 'device_group':
    case 'edge_settings':
    case 'identity_provider':
    case 'account':
      return '/settings';
    default:
      return null;
  }
}

export function sentence(entry: ChangeEntry): Sentence {
  const who = entry.actor_name ?? actorWord(entry.actor);
  const name = entry.target_name ?? entry.target;
  const [subject = '', verb = ''] = entry.action.split('.');
  const step = stepOf({ ...entry, seq: 0, detail: entry.detail as Record<string, never> });
  if (step) {
    const decision = step.after?.decision;
    const changed = step.before?.decision !== decision;
    return {
      who,
      did: decision
        ? changed
          ? (PAST[decision] ?? decision)
          : 'changed the decision about'
        : 'took back the decision about',
      what: name,
      to: itemPath(subject === 'edge_app' ? 'app' : 'mcp_server', entry.target),
      more: decision && !changed ? changesOf(step).join('; ') || null : (step.after?.note ?? null),
      audience: step.audience,
    };
  }
  const noun = NOUNS[subject];
  const did = VERBS[verb];
  return {
    who,
    did: WHOLE[entry.action] ?? (did && noun ? `${did} ${noun}` : entry.action),
    what: subject === 'edge_settings' ? '' : name,
    to: pathOf(subject, entry.target),
    more: null,
    audience: null,
  };
}
