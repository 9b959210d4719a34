/** One device: what is on it, what holds there, and whether that is in force. */
import { useParams } from 'react-router';
import { useGet, useList } from '@/api/query';
import { useMay } from '@/api/session';
import { useCrumbName } from '@/shell/crumb';
import { Load, Tabs } from '@/ui';
import { Activity } from './device/Activity';
import { Apps } from './device/Apps';
import { Coverage } from './device/Coverage';
import { Effects } from './device/Effects';
import { Facts } from './device/Facts';
import { Header, Notices } from './device/Head';
import { Servers } from './device/Servers';

export default function DevicePage() {
  const { id = '' } = useParams();
  const device = useGet('/api/v1/devices/{id}', { params: { path: { id } } }, { every: 30_000 });
  const inventory = useGet('/api/v1/devices/{id}/inventory', { params: { path: { id } } });
  const effects = useList('/api/v1/devices/{id}/effects', { params: { path: { id } } });
  const seen = useList('/api/v1/devices/{id}/apps', { params: { path: { id } } });
  const audit = useMay('audit');
  useCrumbName(device.data?.hostname);
  const found = inventory.data;
  return (
    <Load query={device}>
      {(device) => (
        <>
          <Header device={device} />
          <div className="page">
            <Notices device={device} />
            <Facts device={device} />
            <Tabs
              label={`Parts of ${device.hostname}`}
              tabs={[
                {
                  id: 'mcp',
                  title: 'MCP servers',
                  count: found?.mcp_servers.length ?? device.mcp_servers,
                  body: () => <Servers device={device} inventory={inventory} effects={effects} />,
                },
                {
                  id: 'apps',
                  title: 'Apps',
                  count: found?.apps.length ?? device.apps,
                  body: () => (
                    <Apps device={device} inventory={inventory} effects={effects} seen={seen} />
                  ),
                },
                {
                  id: 'effects',
                  title: 'Effects',
                  count: effects.items.length,
                  body: () => <Effects effects={effects} />,
                },
                {
                  id: 'activity',
                  title: 'Activity',
                  body: () => <Activity device={device} audit={audit} />,
                },
                {
                  id: 'coverage',
                  title: 'Coverage',
                  count: found?.coverage.length,
                  body: () => <Coverage inventory={inventory} />,
                },
              ]}
            />
          </div>
        </>
      )}
    </Load>
  );
}
