/** One entry of a client's configuration: what it starts, with which tools, and what holds for it. */
import type { Schema } from '@/api/client';
import { useGet } from '@/api/query';
import { useMay } from '@/api/session';
import {
  Button,
  ButtonLink,
  CodeBlock,
  Copy,
  Drawer,
  KeyValue,
  RelativeTime,
  StatusBadge,
} from '@/ui';
import { useDecide, useForget } from '../parts/useDecide';
import {
  DECIDE,
  type Decision,
  SCOPE,
  TOOL_SOURCE,
  TRANSPORT,
  identityParts,
  itemPath,
  meansWords,
  middle,
} from '../parts/words';
import type { Device } from './columns';
import type { Effect } from './effectOf';

interface Props {
  device: Device;
  server: Schema<'DeviceMcpServer'>;
  effect?: Effect;
  onClose: () => void;
}

const ALL: readonly Decision[] = ['pending', 'approved', 'denied'];

export function ServerPanel({ device, server, effect, onClose }: Props) {
  const may = useMay('decide');
  const decide = useDecide();
  const forget = useForget();
  const audience = `device:${device.id}`;
  const target = { kind: 'mcp_server', item: server.identity } as const;
  const rules = useGet(
    '/api/v1/edge/mcp-rules',
    { params: { query: { identity: server.identity, audience } } },
    { enabled: may },
  );
  const own = rules.data?.items.find((rule) => !rule.arguments && !rule.launch);
  const launched = server.url ?? [server.command, ...server.args].filter(Boolean).join(' ');
  const current = effect?.decision === server.decision ? effect : undefined;
  return (
    <Drawer
      open
      onClose={onClose}
      title={middle(identityParts(server.identity).name, 40)}
      about={`${server.name} in ${server.client} on ${device.hostname}`}
      foot={
        <>
          <ButtonLink to={itemPath('mcp_server', server.identity)}>In the whole fleet</ButtonLink>
          {may &&
            ALL.filter((next) => next !== server.decision).map((next) => (
              <Button
                key={next}
                look={next === 'denied' ? 'danger' : next === 'approved' ? 'primary' : 'default'}
                pending={decide.pending}
                onClick={() =>
                  decide.act({
                    targets: [target],
                    decision: next,
                    audience,
                    whom: device.hostname,
                  })
                }
              >
                {DECIDE[next]} here
              </Button>
            ))}
        </>
      }
    >
      <KeyValue
        rows={[
          ['Decision', <StatusBadge key="decision" of={server.decision} />],
          [
            'Decided',
            own ? (
              <span key="own" className="row">
                for this device, <RelativeTime at={own.decided_at} />
                <Button
                  small
                  look="quiet"
                  pending={forget.pending}
                  onClick={() => forget.act({ target, audience, rule: own.id })}
                >
                  Remove
                </Button>
              </span>
            ) : (
              'by its team, the fleet or the default'
            ),
          ],
          [
            'Effect',
            current ? (
              <StatusBadge key="effect" of={current.state} />
            ) : server.decision === 'denied' ? (
              <StatusBadge key="effect" of="unreported">
                Waits for device
              </StatusBadge>
            ) : (
              'Nothing has to be enforced'
            ),
          ],
          ...(current && current.means.length > 0
            ? ([['By', meansWords(current.means)]] as const)
            : []),
          ...(current?.detail ? ([['Detail', current.detail]] as const) : []),
          [
            'Identity',
            <Copy key="id" text={server.identity} shown={middle(server.identity, 44)} />,
          ],
          ['Client', `${server.client}, ${SCOPE[server.scope] ?? server.scope}`],
          ['User', server.user ?? 'whole machine'],
          ...(server.project ? ([['Project', server.project]] as const) : []),
          [
            'File',
            <Copy key="file" text={server.config_path} shown={middle(server.config_path)} />,
          ],
          ['Transport', TRANSPORT[server.transport] ?? server.transport],
          ['Version', server.version ?? 'any'],
          ['State', server.enabled ? 'Switched on in the client' : 'Switched off in the client'],
          ['Is given', server.given.length > 0 ? server.given.join(', ') : 'No variable or header'],
        ]}
      />
      <section className="section">
        <h3>What it starts</h3>
        <CodeBlock label="Launch" text={launched} wrap />
        <p className="small secondary">
          Secrets were taken out on the device. This exact launch is{' '}
          <Copy text={server.launch} shown={server.launch.slice(0, 12)} />
        </p>
      </section>
      <section className="section">
        <h3>Tools</h3>
        {server.tools.length === 0 ? (
          <p className="secondary">
            Not known yet: they are read when a client speaks to it, never by starting it.
          </p>
        ) : (
          <>
            <CodeBlock label="Tools" text={server.tools.join('\n')} />
            {server.tool_source && (
              <p className="small secondary">
                Known {TOOL_SOURCE[server.tool_source] ?? server.tool_source}.
              </p>
            )}
          </>
        )}
      </section>
    </Drawer>
  );
}
