/** One's own sign-in: sessions, password, second factor. */
import { useSession } from '@/api/session';
import { ROLES } from '@/shell/roles';
import { Badge, PageHeader, Skeleton } from '@/ui';
import { Password } from './account/Password';
import { SecondFactor } from './account/SecondFactor';
import { Sessions } from './account/Sessions';

export default function Account() {
  const { session } = useSession();
  if (!session) return <Skeleton width="240px" />;
  const { account, session: current, totp } = session;
  const local = current.provider == null;
  return (
    <>
      <PageHeader
        title={account.name || account.email}
        badges={<Badge>{ROLES[account.role].word}</Badge>}
        about={`${account.email} · ${ROLES[account.role].may}`}
      />
      <div className="page">
        {local && (
          <div className="columns">
            <SecondFactor on={totp} />
            <Password />
          </div>
        )}
        <Sessions />
      </div>
    </>
  );
}
