/** Windows of budgets, and amounts as they are typed. */
import type { Schema } from '@/api/client';

export type Window = Schema<'Window'>;

export const WINDOWS: Record<Window, string> = {
  '1m': 'minute',
  '1h': 'hour',
  '1d': 'day',
  '1w': 'week',
  '1mo': 'month',
};

/** Dollars as typed to millionths of a dollar; null where it is no amount. Without a float in between. */
export function microOf(typed: string): number | null {
  const match = /^\$?(\d{1,9})(?:\.(\d{1,6}))?$/.exec(typed.trim().replaceAll(',', ''));
  if (!match) return null;
  const [, whole = '0', part = ''] = match;
  return Number(whole) * 1_000_000 + Number(part.padEnd(6, '0'));
}

/** Millionths of a dollar as they would be typed: `12.5`. */
export function typedOf(micro: number): string {
  const whole = Math.floor(micro / 1_000_000);
  const part = String(micro % 1_000_000)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return part ? `${whole}.${part}` : String(whole);
}
