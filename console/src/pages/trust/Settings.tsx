/** What holds for the whole organisation, and who may change it. */
import { useMay } from '@/api/session';
import { PageHeader, type Tab, Tabs } from '@/ui';
import { About } from './settings/About';
import { Accounts } from './settings/Accounts';
import { Authority } from './settings/Authority';
import { DeviceGroups } from './settings/DeviceGroups';
import { Fleet } from './settings/Fleet';
import { Prices } from './settings/Prices';
import { SignIn } from './settings/SignIn';
import { Tokens } from './settings/Tokens';

const TABS: readonly (Tab & { administer?: boolean })[] = [
  { id: 'fleet', title: 'Devices', body: () => <Devices /> },
  { id: 'authority', title: 'Certificate authority', body: () => <Authority /> },
  { id: 'sign-in', title: 'Sign-in', administer: true, body: () => <SignIn /> },
  { id: 'accounts', title: 'Accounts', administer: true, body: () => <Accounts /> },
  { id: 'tokens', title: 'API tokens', administer: true, body: () => <Tokens /> },
  { id: 'prices', title: 'Prices', body: () => <Prices /> },
  { id: 'about', title: 'About', body: () => <About /> },
];

function Devices() {
  return (
    <>
      <Fleet />
      <DeviceGroups />
    </>
  );
}

export default function Settings() {
  const administers = useMay('administer');
  return (
    <>
      <PageHeader
        title="Settings"
        about="What holds for the whole organisation. Every change is in the audit."
      />
      <div className="page">
        <Tabs label="Settings" tabs={TABS.filter((tab) => administers || !tab.administer)} />
      </div>
    </>
  );
}
