import { describe, expect, it } from 'vitest';
import { boundTo, drifts } from './drift';

const way = { arguments: 'aa', launch: 'l1' };
const rule = (bound: { arguments?: string; launch?: string }, over: object = {}) => ({
  arguments: null,
  launch: null,
  audience: 'fleet',
  decision: 'approved' as const,
  ...bound,
  ...over,
});

describe('what covers a launch', () => {
  it('is the tightest decision of the fleet that fits', () => {
    const rules = [rule({}), rule({ arguments: 'aa' }), rule({ launch: 'l1' })];
    expect(boundTo(way, rules)).toBe('launch');
    expect(boundTo(way, rules.slice(0, 2))).toBe('arguments');
    expect(boundTo(way, rules.slice(0, 1))).toBe('identity');
    expect(boundTo(way, [rule({ launch: 'l2' })])).toBeNull();
    expect(boundTo(way, [rule({}, { audience: 'device:dev_1' })])).toBeNull();
  });

  it('drifts only where approvals are bound to other ways', () => {
    expect(drifts(way, [rule({ launch: 'l2' })])).toBe(true);
    expect(drifts(way, [rule({ launch: 'l2' }), rule({ arguments: 'aa' })])).toBe(false);
    expect(drifts(way, [rule({})])).toBe(false);
    expect(drifts(way, [rule({ launch: 'l2' }, { decision: 'denied' })])).toBe(false);
  });
});
