/** Roles as choices in forms. */
import type { Schema } from '@/api/client';
import { ROLES } from '@/shell/roles';

export type Role = Schema<'Role'>;

export const ROLE_CHOICES: readonly { value: Role; label: string }[] = (
  ['admin', 'security', 'read_only', 'team_admin'] as const
).map((value) => ({ value, label: ROLES[value].word }));
