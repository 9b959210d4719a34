/** Rules for single tools: which of them a server may be asked for. */
import type { Schema } from '@/api/client';

export type Rules = Schema<'ToolRules'>;

export const NO_RULES: Rules = { allow: null, deny: [] };

/** Denied wins; with an allow-list whatever is not on it is refused too. */
export function allowed(rules: Rules, tool: string): boolean {
  if (rules.deny.includes(tool)) return false;
  return rules.allow === null || rules.allow === undefined || rules.allow.includes(tool);
}

/** The same rules with one tool let through or refused. */
export function withTool(rules: Rules, tool: string, allow: boolean): Rules {
  const deny = rules.deny.filter((name) => name !== tool);
  const list = rules.allow ?? null;
  if (list === null) {
    return { allow: null, deny: allow ? deny : [...deny, tool].sort() };
  }
  const others = list.filter((name) => name !== tool);
  return { allow: allow ? [...others, tool].sort() : others, deny };
}

/** From “all but the denied” to “only these” and back, without changing what is let through now. */
export function asList(rules: Rules, known: readonly string[], list: boolean): Rules {
  const now = known.filter((tool) => allowed(rules, tool));
  const refused = known.filter((tool) => !allowed(rules, tool));
  return list ? { allow: now, deny: [] } : { allow: null, deny: refused };
}

/** Whether the rules say anything. */
export const some = (rules: Rules): boolean =>
  (rules.allow ?? null) !== null || rules.deny.length > 0;
