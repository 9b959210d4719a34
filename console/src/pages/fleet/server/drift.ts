/** Which decision for the fleet covers a way of starting a server, by the gateway's own rule: the tightest
 * that fits. */
import type { Schema } from '@/api/client';

export type Launch = Schema<'McpLaunch'>;
export type Rule = Schema<'McpRule'>;

type Bound = 'launch' | 'arguments' | 'identity';

type Way = Pick<Launch, 'arguments' | 'launch'>;
type Bindings = Pick<Rule, 'arguments' | 'launch' | 'audience' | 'decision'>;

const fits = (rule: Bindings, way: Way): boolean =>
  (!rule.arguments || rule.arguments === way.arguments) &&
  (!rule.launch || rule.launch === way.launch);

/** To what the decision that holds is bound; `null` where only the default does. */
export function boundTo(way: Way, rules: readonly Bindings[]): Bound | null {
  const fitting = rules.filter((rule) => rule.audience === 'fleet' && fits(rule, way));
  if (fitting.some(({ launch }) => launch)) return 'launch';
  if (fitting.some((rule) => rule.arguments)) return 'arguments';
  return fitting.length > 0 ? 'identity' : null;
}

/** Approvals are bound to other ways, and none of them covers this one. */
export function drifts(way: Way, rules: readonly Bindings[]): boolean {
  const bound = rules.filter(
    (rule) =>
      rule.audience === 'fleet' && rule.decision === 'approved' && (rule.arguments || rule.launch),
  );
  return bound.length > 0 && !bound.some((rule) => fits(rule, way));
}
