import { expect, it } from 'vitest';
import { effectSentence, partsOf, reported } from './effects';

const summary = {
  devices: 40,
  verified: 37,
  pending_restart: 2,
  shadowed: 1,
  failed: 0,
  unsupported: 0,
  unreported: 0,
};

it('says on how many devices a decision is in force, and what of the others', () => {
  expect(effectSentence(summary)).toBe('verified on 37 of 40, 2 pending restart, 1 shadowed');
  expect(effectSentence({ ...summary, devices: 0 })).toBe('on no device now');
});

it('leaves out what there is none of, and counts what was not reported apart', () => {
  expect(partsOf(summary).map(({ state }) => state)).toEqual([
    'verified',
    'pending_restart',
    'shadowed',
  ]);
  expect(reported({ ...summary, unreported: 5 })).toBe(40);
});
