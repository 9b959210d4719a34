/** What the fields of a key or a token come to. */
import type { Schema } from '@/api/client';
import type { StatusName } from '@/ui/status';

export type Key = Schema<'Key'>;

export function keyState(
  key: Pick<Key, 'expires_at' | 'revoked_at'> & { disabled?: boolean },
  now: Date = new Date(),
): StatusName {
  if (key.revoked_at) return 'revoked';
  if (key.expires_at && new Date(key.expires_at) <= now) return 'expired';
  return key.disabled ? 'disabled' : 'active';
}
