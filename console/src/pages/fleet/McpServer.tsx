/** One MCP server over the whole fleet: the decision, its effect, where it is, its tools, how it starts. */
import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { useParams } from 'react-router';
import { useGet } from '@/api/query';
import { useMay } from '@/api/session';
import { plural } from '@/format/format';
import { useCrumbName } from '@/shell/crumb';
import { Button, Copy, Load, PageHeader, StatusBadge, Tabs, cx } from '@/ui';
import { DecideButtons } from './parts/DecideButtons';
import { DecideDialog } from './parts/DecideDialog';
import { EffectSentence } from './parts/FleetEffect';
import { History } from './parts/History';
import { identityParts, middle } from './parts/words';
import { ServerFacts } from './server/Facts';
import { Launches } from './server/Launches';
import { Overrides } from './server/Overrides';
import { Places } from './server/Places';
import { Tools } from './server/Tools';
import styles from './parts/fleet.module.css';

export default function McpServerPage() {
  const { identity = '' } = useParams();
  const detail = useGet('/api/v1/edge/mcp-servers/{identity}', { params: { path: { identity } } });
  const [asking, setAsking] = useState(false);
  const may = useMay('decide');
  const { kind, name } = identityParts(identity);
  useCrumbName(middle(name, 40));
  return (
    <Load query={detail}>
      {(data) => {
        const { server, rules, launches, occurrences, effects } = data;
        const target = { kind: 'mcp_server', item: server.identity } as const;
        const fleet = rules.find(
          ({ audience, arguments: args, launch }) => audience === 'fleet' && !args && !launch,
        );
        return (
          <>
            <PageHeader
              title={middle(name, 64)}
              badges={<StatusBadge of={server.decision} />}
              about={
                <>
                  {kind && `${kind} · `}
                  {server.names.length > 0 && `people call it ${server.names.join(', ')} · `}
                  <Copy text={server.identity} shown={middle(server.identity, 52)} />
                </>
              }
              actions={
                may && (
                  <>
                    <Button onClick={() => setAsking(true)}>Scope and note…</Button>
                    <DecideButtons target={target} decision={server.decision} />
                  </>
                )
              }
            />
            <div className="page">
              <EffectSentence
                of={server.effects}
                decision={server.decision}
                kind="mcp_server"
                item={server.identity}
              />
              {server.drift > 0 && (
                <div className={cx(styles.notice, styles.warn)} role="status">
                  <TriangleAlert size={16} aria-hidden />
                  <div>
                    <div className="strong">
                      {plural(server.drift, 'launch', 'launches')} no approval covers
                    </div>
                    <div className="secondary">
                      An approval is bound to arguments or to an exact launch, and somebody starts
                      it another way since. See Launches.
                    </div>
                  </div>
                </div>
              )}
              <ServerFacts server={server} />
              <Tabs
                label="Parts of the server"
                tabs={[
                  {
                    id: 'devices',
                    title: 'Devices',
                    count: server.devices,
                    body: () => (
                      <Places
                        places={occurrences}
                        effects={effects}
                        decision={server.decision}
                        identity={server.identity}
                      />
                    ),
                  },
                  {
                    id: 'tools',
                    title: 'Tools',
                    count: server.tools.length,
                    body: () => <Tools server={server} rule={fleet} />,
                  },
                  {
                    id: 'launches',
                    title: 'Launches',
                    count: server.launches,
                    body: () => <Launches server={server} launches={launches} rules={rules} />,
                  },
                  {
                    id: 'decisions',
                    title: 'Decisions',
                    count: rules.length,
                    body: () => <Overrides rules={rules} />,
                  },
                  {
                    id: 'history',
                    title: 'History',
                    body: () => <History item={server.identity} />,
                  },
                ]}
              />
            </div>
            {asking && (
              <DecideDialog
                targets={[target]}
                decision={server.decision}
                note={server.note}
                onClose={() => setAsking(false)}
              />
            )}
          </>
        );
      }}
    </Load>
  );
}
