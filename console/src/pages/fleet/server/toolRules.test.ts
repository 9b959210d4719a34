import { describe, expect, it } from 'vitest';
import { NO_RULES, allowed, asList, withTool } from './toolRules';

describe('rules for tools', () => {
  it('let everything through that is not denied', () => {
    expect(allowed(NO_RULES, 'push')).toBe(true);
    const rules = withTool(NO_RULES, 'push', false);
    expect(rules).toEqual({ allow: null, deny: ['push'] });
    expect(allowed(rules, 'push')).toBe(false);
    expect(withTool(rules, 'push', true)).toEqual(NO_RULES);
  });

  it('with a list refuse what is not on it', () => {
    const rules = { allow: ['read'], deny: [] };
    expect(allowed(rules, 'push')).toBe(false);
    expect(withTool(rules, 'push', true)).toEqual({ allow: ['push', 'read'], deny: [] });
    expect(withTool(rules, 'read', false)).toEqual({ allow: [], deny: [] });
  });

  it('change their kind without changing what may be called', () => {
    const known = ['push', 'read', 'write'];
    const denied = { allow: null, deny: ['push'] };
    const list = asList(denied, known, true);
    expect(list).toEqual({ allow: ['read', 'write'], deny: [] });
    expect(asList(list, known, false)).toEqual(denied);
  });

  it('a denial wins over a list', () => {
    expect(allowed({ allow: ['push'], deny: ['push'] }, 'push')).toBe(false);
  });
});
