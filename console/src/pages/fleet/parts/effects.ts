/** What came of a decision over the fleet, in figures and words. */
import type { Schema } from '@/api/client';

export type Summary = Schema<'EffectSummary'>;
export type Outcome =
  'verified' | 'pending_restart' | 'shadowed' | 'failed' | 'unsupported' | 'unreported';

/** In the order in which they are read. */
export const OUTCOMES: readonly { state: Outcome; word: string; color: string }[] = [
  { state: 'verified', word: 'verified', color: 'var(--ok)' },
  { state: 'pending_restart', word: 'pending restart', color: 'var(--warn)' },
  { state: 'shadowed', word: 'shadowed', color: 'var(--series-2)' },
  { state: 'failed', word: 'failed', color: 'var(--bad)' },
  { state: 'unsupported', word: 'unsupported', color: 'var(--idle)' },
  { state: 'unreported', word: 'not reported', color: 'var(--border-strong)' },
];

export interface Part {
  state: Outcome;
  word: string;
  color: string;
  devices: number;
}

export function partsOf(summary: Summary): Part[] {
  return OUTCOMES.map((outcome) => ({ ...outcome, devices: summary[outcome.state] })).filter(
    ({ devices }) => devices > 0,
  );
}

export const reported = (summary: Summary): number =>
  partsOf(summary).reduce((sum, { state, devices }) => {
    return state === 'unreported' ? sum : sum + devices;
  }, 0);

/** How many devices a decision reached. A denial reaches those that do not have the thing yet too, and they say
 * so: there may be more than the ones that have it. */
export const reached = (summary: Summary): number =>
  Math.max(summary.devices, reported(summary) + summary.unreported);

/** `verified on 37 of 40, 2 pending restart, 1 shadowed`. */
export function effectSentence(summary: Summary): string {
  if (summary.devices === 0) return 'on no device now';
  const others = partsOf(summary).filter(({ state }) => state !== 'verified');
  return [
    `verified on ${summary.verified} of ${reached(summary)}`,
    ...others.map(({ devices, word }) => `${devices} ${word}`),
  ].join(', ');
}
