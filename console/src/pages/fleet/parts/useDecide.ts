/** Deciding about apps and MCP servers, with Undo. */
import { useAct } from '@/api/act';
import { type Schema, call, http } from '@/api/client';
import { plural } from '@/format/format';
import { type Before, type Target, type Wanted, keyOfTarget, plan, undoPlan } from './plan';
import { identityParts, middle } from './words';

export interface Deciding extends Wanted {
  targets: readonly Target[];
  /** How the toast names the audience when it is not the fleet: `ada-laptop`. */
  whom?: string;
}

interface Decided {
  before: ReadonlyMap<string, Before>;
  made: readonly Schema<'DecisionMade'>[];
}

/** Lists answer as a table too, where one asks for it; here nobody does. */

/** What stands now, read just before it is changed. */
async function standing(targets: readonly Target[], audience: string) {
  const before = new Map<string, Before>();
  const wanted = new Set(targets.map(keyOfTarget));
  if (targets.some(({ kind }) => kind === 'mcp_server')) {
    const identities = new Set(targets.map(({ item }) => item));
    const identity = identities.size === 1 ? [...identities][0] : undefined;
    const query = { audience, ...(identity ? { identity } : {}) };
    const { items } = await call(http.GET('/api/v1/edge/mcp-rules', { params: { query } }));
    for (const rule of items) {
      const { identity: item, arguments: args, launch, decision, note, tools } = rule;
      const key = keyOfTarget({ kind: 'mcp_server', item, arguments: args, launch });
      if (wanted.has(key)) before.set(key, { decision, note, tools });
    }
  }
  const apps = targets.filter(({ kind }) => kind === 'app');
  if (apps.length > 0) {
    const query = { audience };
    const { items } = await call(http.GET('/api/v1/edge/app-rules', { params: { query } }));
    for (const { app, decision, note, mode, pinned } of items) {
      const key = keyOfTarget({ kind: 'app', item: app });
      if (wanted.has(key)) before.set(key, { decision, note, mode, pinned });
    }
  }
  return before;
}

async function decide(input: Deciding): Promise<Decided> {
  const before = await standing(input.targets, input.audience);
  const made: Schema<'DecisionMade'>[] = [];
  for (const body of plan(input.targets, input, before)) {
    made.push(...(await call(http.POST('/api/v1/edge/decisions', { body }))).items);
  }
  return { before, made };
}

async function forget(target: Target, audience: string, rule: string | null | undefined) {
  if (target.kind === 'app') {
    const params = { path: { app: target.item }, query: { audience } };
    await call(http.DELETE('/api/v1/edge/apps/{app}', { params }));
  } else if (rule) {
    await call(http.DELETE('/api/v1/edge/mcp-rules/{id}', { params: { path: { id: rule } } }));
  }
}

async function takeBack({ before, made }: Decided, { targets, audience }: Deciding) {
  const undo = undoPlan(targets, audience, before);
  for (const body of undo.restore) await call(http.POST('/api/v1/edge/decisions', { body }));
  for (const target of undo.forget) {
    const made_ = made.find(({ app, identity }) =>
      target.kind === 'app' ? app === target.item : identity === target.item,
    );
    await forget(target, audience, made_?.rule);
  }
}

const PAST = { approved: 'Approved', pending: 'Set to pending', denied: 'Denied' } as const;

export const TOPICS = ['policy', 'effects', 'devices', 'audit'] as const;

export function useDecide(then?: () => void) {
  return useAct<Deciding, Decided>({
    run: decide,
    done: (_, { decision, targets, audience, whom, tools }) => {
      const [only] = targets;
      const what =
        targets.length === 1 && only
          ? middle(identityParts(only.item).name, 40)
          : plural(targets.length, 'item');
      const where = audience === 'fleet' ? 'for the fleet' : `for ${whom ?? 'it alone'}`;
      return tools ? `Rules for tools of ${what} changed` : `${PAST[decision]}: ${what} ${where}`;
    },
    undo: takeBack,
    topics: TOPICS,
    then,
  });
}

/** Takes a decision away, so that the wider one holds again. */
export function useForget() {
  return useAct({
    run: ({ target, audience, rule }: { target: Target; audience: string; rule?: string }) =>
      forget(target, audience, rule),
    done: () => 'Decision removed; the wider one holds again',
    topics: TOPICS,
  });
}
