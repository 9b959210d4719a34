import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const css = readFileSync('src/styles/tokens.css', 'utf8');
const tokens = new Map<string, [string, string]>();
for (const [, name = '', light = '', dark = ''] of css.matchAll(
  /--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g,
))
  tokens.set(name, [light, dark]);

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const TEXT = ['fg', 'fg-2', 'fg-3', 'accent'];
const GROUNDS = ['canvas', 'surface', 'sunken', 'raised', 'hover', 'selected'];
const STATES = ['ok', 'warn', 'bad', 'idle'];
const PAIRS: [string, string, number][] = [
  ...TEXT.flatMap((text) => GROUNDS.map((on): [string, string, number] => [text, on, 4.5])),
  ...STATES.flatMap((state): [string, string, number][] => [
    [state, `${state}-soft`, 4.5],
    [state, 'canvas', 3],
    [state, 'selected', 3],
  ]),
  ['fg', 'pressed', 4.5],
  ['fg-2', 'pressed', 4.5],
  ['fg-2', 'idle-soft', 4.5],
  ['fg', 'bad-soft', 4.5],
  ['on-accent', 'accent-fill', 4.5],
  ['on-accent', 'accent-fill-hover', 4.5],
  ['on-bad', 'bad-fill', 4.5],
  ['control-border', 'surface', 3],
  ['focus', 'canvas', 3],
  ...[1, 2, 3, 4, 5, 6].map((n): [string, string, number] => [`series-${n}`, 'canvas', 3]),
];

// WCAG 2.2: 4.5 for text, 3 for shapes that mean something.
test.each(PAIRS)('%s on %s has a contrast of %d, light and dark', (text, ground, least) => {
  const above = tokens.get(text);
  const below = tokens.get(ground);
  expect(above && below).toBeTruthy();
  for (const mode of [0, 1] as const)
    expect(contrast(above?.[mode] ?? '', below?.[mode] ?? '')).toBeGreaterThanOrEqual(least);
});
