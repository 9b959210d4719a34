/** What each role is called, and what it may do. */
import type { Role } from '@/api/session';

export const ROLES: Record<Role, { word: string; may: string }> = {
  admin: { word: 'Administrator', may: 'Everything.' },
  security: {
    word: 'Security',
    may: 'Decides about devices, apps, MCP servers and requests; reads the request log and the audit.',
  },
  read_only: { word: 'Read only', may: 'Sees everything that is no secret, and changes nothing.' },
  team_admin: { word: 'Team administrator', may: 'Users, keys, budgets and devices of one team.' },
};
