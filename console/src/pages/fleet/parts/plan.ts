/** What has to be sent to decide about several things at once, and to take that back. A decision carries
 * more than its word (tools that may be called, whose credential is used): what nobody asked to change
 * stays as it was, and so does what Undo restores. */
import type { Schema } from '@/api/client';
import type { Decision, Kind } from './words';

export interface Target {
  kind: Kind;
  /** The app's id or the server's identity. */
  item: string;
  /** Only with these arguments, or only this exact launch. */
  arguments?: string | null;
  launch?: string | null;
}

/** What a decision says beside its word. */
export interface Carried {
  note?: string | null;
  mode?: Schema<'CredentialMode'>;
  pinned?: Schema<'PinnedApps'>;
  tools?: Schema<'ToolRules'>;
}

/** The decision that stood for the same target and audience. */
export interface Before extends Carried {
  decision: Decision;
}

export interface Wanted {
  decision: Decision;
  audience: string;
  /** `undefined` keeps the note where the decision stays the same. */
  note?: string | null;
  /** `undefined` keeps the rules for tools. */
  tools?: Schema<'ToolRules'>;
}

export type Body = Schema<'NewDecisions'>;

export const keyOfTarget = (target: Target): string =>
  JSON.stringify([target.kind, target.item, target.arguments ?? null, target.launch ?? null]);

const named = (target: Target): Schema<'DecisionTarget'> =>
  target.kind === 'app'
    ? { app: target.item }
    : {
        identity: target.item,
        ...(target.arguments ? { arguments: target.arguments } : {}),
        ...(target.launch ? { launch: target.launch } : {}),
      };

function body(targets: Target[], decision: Decision, audience: string, carried: Carried): Body {
  const { note, mode, pinned, tools } = carried;
  return {
    items: targets.map(named),
    decision,
    audience,
    ...(note ? { note } : {}),
    ...(mode ? { mode } : {}),
    ...(pinned ? { pinned } : {}),
    ...(tools && (tools.allow !== null || tools.deny.length > 0) ? { tools } : {}),
  };
}

/** One call for all that carry the same. */
function grouped(
  each: readonly { target: Target; decision: Decision; carried: Carried }[],
  audience: string,
): Body[] {
  const groups = new Map<string, { targets: Target[]; decision: Decision; carried: Carried }>();
  for (const { target, decision, carried } of each) {
    const key = JSON.stringify([target.kind, decision, carried]);
    const group = groups.get(key);
    if (group) group.targets.push(target);
    else groups.set(key, { targets: [target], decision, carried });
  }
  return [...groups.values()].map(({ targets, decision, carried }) =>
    body(targets, decision, audience, carried),
  );
}

export function plan(
  targets: readonly Target[],
  wanted: Wanted,
  before: ReadonlyMap<string, Before>,
): Body[] {
  const each = targets.map((target) => {
    const old = before.get(keyOfTarget(target));
    const note =
      wanted.note === undefined
        ? old?.decision === wanted.decision
          ? old.note
          : undefined
        : wanted.note;
    const carried: Carried = { note: note ?? null };
    if (target.kind === 'app') {
      if (old?.mode) carried.mode = old.mode;
      if (old?.pinned) carried.pinned = old.pinned;
    } else {
      const tools = wanted.tools ?? old?.tools;
      if (tools) carried.tools = tools;
    }
    return { target, decision: wanted.decision, carried };
  });
  return grouped(each, wanted.audience);
}

/** What restores, and which targets had no decision and lose theirs again. */
export function undoPlan(
  targets: readonly Target[],
  audience: string,
  before: ReadonlyMap<string, Before>,
): { restore: Body[]; forget: Target[] } {
  const restore = [];
  const forget = [];
  for (const target of targets) {
    const old = before.get(keyOfTarget(target));
    if (!old) {
      forget.push(target);
      continue;
    }
    const { decision, ...carried } = old;
    restore.push({ target, decision, carried });
  }
  return { restore: grouped(restore, audience), forget };
}
