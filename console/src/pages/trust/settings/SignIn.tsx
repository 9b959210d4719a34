/** Where people come from: identity providers, SCIM, and the groups that SCIM brings. */
import { Groups } from './Groups';
import { Providers } from './Providers';
import { ScimTokens } from './ScimTokens';

export const SignIn = () => (
  <>
    <Providers />
    <ScimTokens />
    <Groups />
  </>
);
