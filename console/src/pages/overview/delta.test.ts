import { expect, it } from 'vitest';
import { delta } from './delta';

it('compares with the period before', () => {
  expect(delta(112, 100)).toEqual({ text: '+12 %', up: true });
  expect(delta(97, 100)).toEqual({ text: '−3.0 %', up: false });
  expect(delta(0, 40)).toEqual({ text: '−100 %', up: false });
  expect(delta(1_000, 100)).toEqual({ text: '10× before', up: true });
});

it('does not divide by nothing', () => {
  expect(delta(0, 0)).toEqual({ text: 'as before', up: null });
  expect(delta(5, 0)).toEqual({ text: 'none before', up: true });
});
