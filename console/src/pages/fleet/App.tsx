/** One app over the whole fleet: the decision, its effect, where it is and in which versions. */
import { useState } from 'react';
import { useParams } from 'react-router';
import { useGet, useList } from '@/api/query';
import { useMay } from '@/api/session';
import { count } from '@/format/format';
import { useCrumbName } from '@/shell/crumb';
import {
  Button,
  ButtonLink,
  EmptyState,
  Load,
  PageHeader,
  RelativeTime,
  StatusBadge,
  Tabs,
} from '@/ui';
import { href } from '@/url/search';
import { AppDevices } from './app/AppDevices';
import { AppOverrides } from './app/AppOverrides';
import { Versions } from './app/Versions';
import { DecideButtons } from './parts/DecideButtons';
import { DecideDialog } from './parts/DecideDialog';
import { EffectSentence } from './parts/FleetEffect';
import { History } from './parts/History';
import { Decided, FactList } from './server/Facts';

export default function AppPage() {
  const { app: id = '' } = useParams();
  const found = useGet('/api/v1/edge/apps', { params: { query: { q: id } } });
  const rules = useList('/api/v1/edge/app-rules', { params: { query: { app: id } } });
  const [asking, setAsking] = useState(false);
  const may = useMay('decide');
  useCrumbName(id);
  return (
    <Load query={found}>
      {({ items }) => {
        const app = items.find((one) => one.app === id);
        if (!app) {
          return (
            <EmptyState title="No such app" actions={<ButtonLink to="/apps">All apps</ButtonLink>}>
              Nobody decided about {id}, and no device has it.
            </EmptyState>
          );
        }
        const target = { kind: 'app', item: app.app } as const;
        const devices = Math.max(app.installed?.devices ?? 0, app.seen?.devices ?? 0);
        return (
          <>
            <PageHeader
              title={app.app}
              badges={<StatusBadge of={app.decision} />}
              about={[app.vendor ?? 'Unknown maker', app.kind?.replace('_', ' ')]
                .filter(Boolean)
                .join(' · ')}
              actions={
                <>
                  <ButtonLink to={href('/requests', { app: app.app })}>Its requests</ButtonLink>
                  {may && <Button onClick={() => setAsking(true)}>Scope and note…</Button>}
                  {may && <DecideButtons target={target} decision={app.decision} />}
                </>
              }
            />
            <div className="page">
              <EffectSentence of={app.effects} decision={app.decision} kind="app" item={app.app} />
              <FactList
                facts={[
                  [
                    'Decided for the fleet',
                    <Decided
                      key="decided"
                      at={app.decided_at ?? null}
                      by={app.decided_by_name ?? app.decided_by}
                    />,
                    app.note ? `“${app.note}”` : 'no note',
                  ],
                  [
                    'Credential of its calls',
                    app.mode === 'gateway' ? 'The gateway’s' : 'Its own, passed through',
                  ],
                  [
                    'When it pins certificates',
                    app.pinned === 'block' ? 'Its connections are refused' : 'It passes unseen',
                  ],
                  [
                    'Traffic',
                    app.seen ? `${count(app.seen.relayed)} relayed` : 'none seen',
                    app.seen
                      ? `${count(app.seen.denied)} refused, ${count(app.seen.pinned)} pinned`
                      : undefined,
                  ],
                  [
                    'First seen',
                    <RelativeTime
                      key="first"
                      at={app.installed?.first_seen_at ?? app.seen?.first_seen_at}
                    />,
                  ],
                  [
                    'Last seen',
                    <RelativeTime
                      key="last"
                      at={app.seen?.last_seen_at ?? app.installed?.last_seen_at}
                    />,
                  ],
                ]}
              />
              <Tabs
                label="Parts of the app"
                tabs={[
                  {
                    id: 'devices',
                    title: 'Devices',
                    count: devices,
                    body: () => <AppDevices app={app.app} />,
                  },
                  {
                    id: 'versions',
                    title: 'Versions',
                    count: app.installed?.versions.length ?? 0,
                    body: () => <Versions versions={app.installed?.versions ?? []} />,
                  },
                  {
                    id: 'decisions',
                    title: 'Decisions',
                    count: rules.items.length,
                    body: () => <AppOverrides rules={rules} />,
                  },
                  { id: 'history', title: 'History', body: () => <History item={app.app} /> },
                ]}
              />
            </div>
            {asking && (
              <DecideDialog
                targets={[target]}
                decision={app.decision}
                note={app.note}
                onClose={() => setAsking(false)}
              />
            )}
          </>
        );
      }}
    </Load>
  );
}
