import { describe, expect, it } from 'vitest';
import { sentence } from './changeWords';

const entry = (action: string, target: string, detail: unknown = {}) => ({
  id: 'aud_1',
  at: '2026-11-26T12:00:00Z',
  action,
  actor: 'acc_1',
  actor_name: 'Grace',
  target,
  target_name: null,
  detail,
});

describe('a change as a sentence', () => {
  it('tells a decision, for whom, and its note', () => {
    const detail = {
      audience: 'fleet',
      before: { decision: 'pending' },
      after: { decision: 'denied', note: 'Ask us.' },
    };
    expect(sentence(entry('edge_mcp.decide', 'npm:a', detail))).toEqual({
      who: 'Grace',
      did: 'denied',
      what: 'npm:a',
      to: '/mcp-servers/npm%3Aa',
      more: 'Ask us.',
      audience: 'fleet',
    });
  });

  it('tells a change of the same decision by what changed', () => {
    const detail = {
      audience: 'fleet',
      before: { decision: 'approved', tools: { allow: null, deny: [] } },
      after: { decision: 'approved', tools: { allow: null, deny: ['push'] } },
    };
    const { did, more } = sentence(entry('edge_mcp.decide', 'npm:a', detail));
    expect([did, more]).toEqual(['changed the decision about', 'not push']);
  });

  it('tells other changes by their noun, and what it does not know by its name', () => {
    expect(sentence(entry('device.enrol', 'dev_1'))).toMatchObject({
      did: 'enrolled the device',
      to: '/devices/dev_1',
    });
    expect(sentence(entry('comet.seen', 'x')).did).toBe('comet.seen');
  });
});
