/** This gateway: its version, since when it runs, and how much it holds. */
import { useGet } from '@/api/query';
import { count, duration } from '@/format/format';
import { Copy, KeyValue, Load, RelativeTime } from '@/ui';
import { middle } from '../../fleet/parts/words';

export function About() {
  const info = useGet('/api/v1/info', undefined, { every: 15_000 });
  return (
    <Load query={info}>
      {({
        version,
        node,
        started_at,
        uptime_seconds,
        revision,
        snapshot_revision,
        log_queue,
        counts,
        configuration,
      }) => (
        <div className="columns">
          <section className="section">
            <h2>This node</h2>
            <KeyValue
              rows={[
                ['Version', version],
                ['Node', <Copy key="node" text={node} shown={middle(node, 24)} />],
                ['Started', <RelativeTime key="started" at={started_at} />],
                ['Up for', duration(uptime_seconds)],
                ['Revision stored', count(revision)],
                [
                  'Revision in force',
                  snapshot_revision == null ? 'none yet' : count(snapshot_revision),
                ],
                ['Finished calls on their way to the store', count(log_queue.depth)],
                ['Log rows dropped since start', count(log_queue.dropped)],
              ]}
            />
            {configuration && (
              <>
                <h2>Configuration file</h2>
                <KeyValue
                  rows={[
                    [
                      'In force since',
                      <RelativeTime key="configuration" at={configuration.since} />,
                    ],
                    ['Digest', <code key="digest">{configuration.digest}</code>],
                  ]}
                />
                {configuration.refused && (
                  <div role="alert">
                    <p>
                      What is on the disk is not in force; the last good one stays. Refused{' '}
                      <RelativeTime at={configuration.refused.at} />:
                    </p>
                    <pre className="small">{configuration.refused.why}</pre>
                  </div>
                )}
              </>
            )}
          </section>
          <section className="section">
            <h2>What there is</h2>
            <KeyValue
              rows={Object.entries(counts).map(([name, many]) => [
                name.charAt(0).toUpperCase() + name.slice(1),
                count(many),
              ])}
            />
            <h2>Retention</h2>
            <p className="secondary">
              Logged calls are kept as long as <code>[retention] requests</code> in the gateway’s
              configuration says (90 days unless set); sums of usage, the ledger and the audit stay.
            </p>
          </section>
        </div>
      )}
    </Load>
  );
}
