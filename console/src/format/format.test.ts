import { expect, test } from 'vitest';
import { bytes, duration, micros, money, plural, relative } from './format';

test('money is exact where it is small and short where it is large', () => {
  expect(money(0)).toBe('$0.00');
  expect(money(12)).toBe('$0.000012');
  expect(money(15_500)).toBe('$0.0155');
  expect(money(1_234_567_890)).toBe('$1,234.57');
});

test('sizes, spans and times', () => {
  expect(bytes(1023)).toBe('1023 B');
  expect(bytes(1536)).toBe('1.5 KiB');
  expect(micros(840)).toBe('840 µs');
  expect(micros(1_420_000)).toBe('1.42 s');
  expect(duration(7_800)).toBe('2 h 10 min');
  expect(plural(1, 'device')).toBe('1 device');
  const now = new Date('2026-01-01T12:00:00Z');
  expect(relative(new Date('2026-01-01T11:57:00Z'), now)).toBe('3 min ago');
  expect(relative(new Date('2026-01-04T12:00:00Z'), now)).toBe('in 3 d');
});
