/** Guardrails in words. */
import type { Schema } from '@/api/client';
import { plural } from '@/format/format';

export type Guardrail = Schema<'Guardrail'>;
export type Definition = Schema<'GuardrailDefinition'>;
export type Action = Schema<'GuardrailAction'>;
export type Detect = Schema<'GuardrailDetect'>;
export type Group = Schema<'DetectorGroup'>;
export type Stream = Schema<'GuardrailStream'>;
export type Applied = Schema<'AppliedGuardrail'>;

export const GROUPS: Record<Group, { title: string; about: string }> = {
  secrets: {
    title: 'Credentials',
    about: 'Keys and tokens with a shape of their own, or beside their vendor’s name.',
  },
  generic_secrets: {
    title: 'Values beside words like “password”',
    about: 'Often wrong: begin with noting them.',
  },
  personal: {
    title: 'Personal data',
    about: 'E-mail, phone, cards, bank accounts, national ids, addresses of machines.',
  },
  own: { title: 'Rules of your own files', about: 'Those named in the configuration.' },
};

const WITH = { name: 'by its name', mask: 'by stars', hash: 'by a hash' } as const;

export function actionWords(action: Action): string {
  switch (action.do) {
    case 'log':
      return 'Notes';
    case 'flag':
      return 'Flags';
    case 'redact':
      return `Replaces ${WITH[action.with ?? 'name']}`;
    case 'restore':
      return 'Replaces, and restores';
    case 'block':
      return 'Blocks';
  }
}

export function sideWords({ prompts = true, answers = true }: Definition): string {
  if (prompts && answers) return 'Prompts, answers';
  return prompts ? 'Prompts' : 'Answers';
}

const listed = (names: readonly string[]) =>
  names.length <= 3
    ? names.join(', ')
    : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;

export function detectWords({ detect }: Definition): string {
  switch (detect.kind) {
    case 'rules': {
      const groups = (detect.groups ?? []).map((group) => GROUPS[group].title);
      const said = listed([...groups, ...(detect.rules ?? [])]);
      const less = detect.except?.length ? `, but ${listed(detect.except)}` : '';
      return said + less;
    }
    case 'terms':
      return plural(
        (detect.words?.length ?? 0) + (detect.patterns?.length ?? 0),
        'word or pattern',
        'words or patterns',
      );
    case 'tools':
      return detect.names?.length
        ? `Tools ${listed(detect.names)}`
        : plural(detect.arguments?.length ?? 0, 'pattern of arguments', 'patterns of arguments');
    case 'engine':
      return `Asks ${detect.engine}`;
  }
}

/** Which calls, as far as the definition narrows them. */
export function concernWords({ scope, condition, sample = 100 }: Definition): string {
  const parts: string[] = [];
  const count = (ids: readonly string[] | undefined, one: string, many?: string) => {
    if (ids?.length) parts.push(plural(ids.length, one, many));
  };
  count(scope?.keys, 'key');
  count(scope?.teams, 'team');
  count(scope?.users, 'user');
  if (scope?.apps?.length) parts.push(listed(scope.apps));
  if (scope?.models?.length) parts.push(listed(scope.models));
  if (scope?.providers?.length) parts.push(listed(scope.providers));
  if (scope?.relayed != null) parts.push(scope.relayed ? 'laptops' : 'services');
  if (condition) parts.push('a condition');
  const whom = parts.length > 0 ? parts.join(' · ') : 'Every call';
  return sample < 100 ? `${whom}, ${sample} of 100` : whom;
}

/** What one guardrail did on a call, in a sentence. */
export function appliedWords({ action, detector, shadow, count, error }: Applied): string {
  if (error) return action === 'bypassed' ? `Did not look: ${error}` : `Refused: ${error}`;
  const verbs: Record<string, [string, string]> = {
    log: ['Noted', 'would note'],
    flag: ['Flagged', 'would flag'],
    redact: ['Replaced', 'would replace'],
    restore: ['Replaced, to be restored,', 'would replace and restore'],
    block: ['Blocked', 'would block'],
    unscanned: ['Did not read', 'would not read'],
  };
  const [did, would] = verbs[action] ?? [action, action];
  const times = count > 1 ? ` ${count} times` : '';
  return shadow ? `In shadow: ${would} ${detector}${times}` : `${did} ${detector}${times}`;
}

/** How sure a finding must be unless somebody says otherwise. */
export const SURE = 0.5;

/** Every call. */
export const EVERYBODY: Schema<'GuardrailScope'> = {
  keys: [],
  teams: [],
  users: [],
  device_groups: [],
  apps: [],
  models: [],
  providers: [],
  relayed: null,
};

/** A definition that does nothing but note credentials: where the editor begins. */
export const BLANK: Definition = {
  detect: { kind: 'rules', groups: ['secrets'], min_score: SURE },
  action: { do: 'redact', with: 'name' },
  prompts: true,
  answers: true,
  shadow: true,
  sample: 100,
};

/** A first set, in shadow: nothing changes for anybody. */
export const START: readonly Schema<'NewGuardrail'>[] = [
  { name: 'Credentials', definition: BLANK },
  {
    name: 'Personal data',
    definition: {
      detect: { kind: 'rules', groups: ['personal'], min_score: SURE },
      action: { do: 'restore' },
      prompts: true,
      answers: true,
      shadow: true,
      sample: 100,
    },
  },
  {
    name: 'Passwords and the like',
    definition: {
      detect: { kind: 'rules', groups: ['generic_secrets'], min_score: SURE },
      action: { do: 'log' },
      prompts: true,
      answers: true,
      shadow: true,
      sample: 100,
    },
  },
];

/** One entry a line or between commas, without what is empty. */
export const listOf = (typed: string): string[] =>
  typed
    .split(/[\n,]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

/** Patterns may have commas: one a line. */
export const linesOf = (typed: string): string[] =>
  typed
    .split('\n')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
