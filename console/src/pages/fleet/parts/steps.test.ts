import { describe, expect, it } from 'vitest';
import { changesOf, stepOf, toolWords } from './steps';

const entry = (action: string, target: string, detail: object) => ({
  action,
  target,
  detail: detail as Record<string, never>,
  actor: 'acc_1',
  actor_name: 'Grace',
  at: '2026-11-26T12:00:00Z',
  id: `aud_${action}${target}`,
  seq: 1,
});

describe('decisions in the audit', () => {
  it('tell what changed', () => {
    const step = stepOf(
      entry('edge_mcp.decide', 'npm:a', {
        audience: 'fleet',
        before: { decision: 'pending', note: null, tools: { allow: null, deny: [] } },
        after: { decision: 'denied', note: 'Ask us.', tools: { allow: null, deny: ['push'] } },
      }),
    );
    expect(step?.who).toBe('Grace');
    expect(step && changesOf(step)).toEqual(['pending → denied', 'note “Ask us.”', 'not push']);
  });

  it('tell when one was taken back', () => {
    const step = stepOf(
      entry('edge_app.forget', 'codex', {
        audience: 'team:team_1',
        before: { decision: 'denied' },
        after: null,
      }),
    );
    expect(step?.audience).toBe('team:team_1');
    expect(step && changesOf(step)).toEqual(['denied → no decision']);
  });

  it('tell to which launch one is bound', () => {
    const step = stepOf(
      entry('edge_mcp.decide', 'npm:a', {
        audience: 'fleet',
        before: null,
        after: { decision: 'approved', launch: '255cac40c59a77' },
      }),
    );
    expect(step && changesOf(step)).toEqual(['no decision → approved, for launch 255cac40c59a']);
  });

  it('are told from other entries', () => {
    expect(stepOf(entry('key.create', 'key_1', {}))).toBeNull();
  });

  it('put rules for tools in words', () => {
    expect(toolWords(undefined)).toBe('all tools');
    expect(toolWords({ allow: [], deny: [] })).toBe('no tool allowed');
    expect(toolWords({ allow: ['read'], deny: ['push'] })).toBe('only read; not push');
  });
});
