/** Decisions as the audit tells them. */
import type { Schema } from '@/api/client';
import type { Before } from './plan';

type Entry = Pick<
  Schema<'AuditEntry'>,
  'action' | 'actor' | 'at' | 'detail' | 'id' | 'seq' | 'target'
> & {
  actor_name?: string | null;
};

interface Told {
  decision?: string;
  note?: string | null;
  mode?: Before['mode'];
  pinned?: Before['pinned'];
  tools?: { allow?: string[] | null; deny?: string[] };
  arguments?: string | null;
  launch?: string | null;
}

export interface Step {
  id: string;
  at: string;
  who: string;
  whoId: string;
  audience: string;
  before: Told | null;
  after: Told | null;
}

const told = (value: unknown): Told | null =>
  value !== null && typeof value === 'object' ? (value as Told) : null;

/** One change of a decision; `null` where the entry is about something else. */
export function stepOf(entry: Entry): Step | null {
  if (!/^edge_(app|mcp)\.(decide|forget)$/.test(entry.action)) return null;
  const detail = told(entry.detail) as Record<string, unknown> | null;
  if (!detail) return null;
  return {
    id: entry.id,
    at: entry.at,
    who: entry.actor_name ?? entry.actor,
    whoId: entry.actor,
    audience: typeof detail.audience === 'string' ? detail.audience : 'fleet',
    before: told(detail.before),
    after: told(detail.after),
  };
}

/** What a step changed, one phrase each, in reading order. */
export function changesOf({ before, after }: Step): string[] {
  const { arguments: args, launch } = after ?? before ?? {};
  const bound = launch
    ? `, for launch ${launch.slice(0, 12)}`
    : args
      ? `, for arguments ${args.slice(0, 12)}`
      : '';
  if (!after) return [`${before?.decision ?? 'decision'} → no decision${bound}`];
  const changes: string[] = [];
  if (before?.decision !== after.decision) {
    changes.push(`${before?.decision ?? 'no decision'} → ${after.decision ?? ''}${bound}`);
  }
  if ((before?.note ?? null) !== (after.note ?? null)) {
    changes.push(after.note ? `note “${after.note}”` : 'note removed');
  }
  const tools = toolWords(after.tools);
  if (toolWords(before?.tools) !== tools) changes.push(tools);
  if (before?.mode && before.mode !== after.mode) changes.push(`credential: ${after.mode ?? ''}`);
  if (before?.pinned && before.pinned !== after.pinned) {
    changes.push(`when pinned: ${after.pinned ?? ''}`);
  }
  return changes;
}

export function toolWords(tools: Told['tools']): string {
  const allow = tools?.allow;
  const deny = tools?.deny ?? [];
  const parts = [];
  if (allow) parts.push(allow.length === 0 ? 'no tool allowed' : `only ${allow.join(', ')}`);
  if (deny.length > 0) parts.push(`not ${deny.join(', ')}`);
  return parts.join('; ') || 'all tools';
}
