import { expect, test } from 'vitest';
import { type Ability, type Role, may } from './session';

// What the console offers is what docs/roles.md says; a change of the gateway's table shows here.
test('abilities are those of the gateway’s table', () => {
  const who = (ability: Ability) =>
    (['admin', 'security', 'read_only', 'team_admin'] satisfies Role[]).filter((role) =>
      may(role, ability),
    );
  expect(who('decide')).toEqual(['admin', 'security']);
  expect(who('devices')).toEqual(['admin', 'security']);
  expect(who('keys')).toEqual(['admin', 'team_admin']);
  expect(who('money')).toEqual(['admin', 'team_admin']);
  expect(who('administer')).toEqual(['admin']);
  expect(who('spending')).toEqual(['admin', 'read_only', 'team_admin']);
  expect(who('audit')).toEqual(['admin', 'security', 'read_only']);
});
