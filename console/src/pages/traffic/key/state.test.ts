import { describe, expect, it } from 'vitest';
import { keyState } from './state';

const now = new Date('2026-11-26T12:00:00Z');
const key = { disabled: false, expires_at: null, revoked_at: null };

describe('keyState', () => {
  it('says what counts most', () => {
    expect(keyState(key, now)).toBe('active');
    expect(keyState({ ...key, disabled: true }, now)).toBe('disabled');
    const expired = { ...key, disabled: true, expires_at: '2026-11-26T12:00:00Z' };
    expect(keyState(expired, now)).toBe('expired');
    expect(keyState({ ...expired, revoked_at: '2026-11-01T00:00:00Z' }, now)).toBe('revoked');
  });
  it('takes tokens, which cannot be disabled', () => {
    expect(keyState({ expires_at: null, revoked_at: null }, now)).toBe('active');
  });
  it('lets a key live until the moment it expires', () => {
    expect(keyState({ ...key, expires_at: '2026-11-26T12:00:01Z' }, now)).toBe('active');
  });
});
