import { describe, expect, it } from 'vitest';
import { type Before, type Target, keyOfTarget, plan, undoPlan } from './plan';

const server = (item: string): Target => ({ kind: 'mcp_server', item });
const app = (item: string): Target => ({ kind: 'app', item });
const standing = (...all: [Target, Before][]) =>
  new Map(all.map(([target, before]) => [keyOfTarget(target), before]));

describe('a decision about several things', () => {
  it('is one call where all carry the same', () => {
    const bodies = plan(
      [server('npm:a'), server('npm:b')],
      { decision: 'denied', audience: 'fleet', note: 'Ask us.' },
      new Map(),
    );
    expect(bodies).toEqual([
      {
        items: [{ identity: 'npm:a' }, { identity: 'npm:b' }],
        decision: 'denied',
        audience: 'fleet',
        note: 'Ask us.',
      },
    ]);
  });

  it('keeps the rules for tools and the modes of apps that nobody asked to change', () => {
    const tools = { allow: ['read_file'], deny: [] };
    const before = standing(
      [server('npm:a'), { decision: 'approved', tools, note: 'Read only.' }],
      [app('codex'), { decision: 'approved', mode: 'pass_through', pinned: 'bypass' }],
    );
    const bodies = plan(
      [server('npm:a'), server('npm:b'), app('codex')],
      { decision: 'denied', audience: 'fleet' },
      before,
    );
    expect(bodies).toHaveLength(3);
    expect(bodies[0]).toMatchObject({ items: [{ identity: 'npm:a' }], tools });
    expect(bodies[1]).not.toHaveProperty('tools');
    expect(bodies[2]).toMatchObject({ mode: 'pass_through', pinned: 'bypass' });
    // A note on an approval is no note on a denial.
    expect(bodies[0]).not.toHaveProperty('note');
  });

  it('keeps the note when only the tools change', () => {
    const before = standing([server('npm:a'), { decision: 'approved', note: 'Reviewed.' }]);
    const tools = { allow: null, deny: ['push'] };
    const [body] = plan(
      [server('npm:a')],
      { decision: 'approved', audience: 'fleet', tools },
      before,
    );
    expect(body).toMatchObject({ note: 'Reviewed.', tools });
  });

  it('is bound to arguments or a launch where that is asked for', () => {
    const target = { ...server('npm:a'), launch: 'ff' };
    const [body] = plan([target], { decision: 'approved', audience: 'fleet' }, new Map());
    expect(body?.items).toEqual([{ identity: 'npm:a', launch: 'ff' }]);
  });
});

describe('Undo', () => {
  it('restores what stood with all it carried, and forgets what nobody had decided', () => {
    const tools = { allow: null, deny: ['push'] };
    const before = standing([server('npm:a'), { decision: 'approved', note: 'Reviewed.', tools }]);
    const undo = undoPlan([server('npm:a'), app('codex')], 'device:dev_1', before);
    expect(undo.restore).toEqual([
      {
        items: [{ identity: 'npm:a' }],
        decision: 'approved',
        audience: 'device:dev_1',
        note: 'Reviewed.',
        tools,
      },
    ]);
    expect(undo.forget).toEqual([app('codex')]);
  });

  it('does not take a bound decision for the unbound one', () => {
    const bound = { ...server('npm:a'), launch: 'ff' };
    const undo = undoPlan([bound], 'fleet', standing([server('npm:a'), { decision: 'denied' }]));
    expect(undo).toEqual({ restore: [], forget: [bound] });
  });
});
