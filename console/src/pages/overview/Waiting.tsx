/** What waits for a decision, to be decided right here. */
import { Check, X } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import type { Schema } from '@/api/client';
import { useList } from '@/api/query';
import { useMay } from '@/api/session';
import { plural } from '@/format/format';
import { Button, EmptyState, RelativeTime, StatusDot } from '@/ui';
import { href } from '@/url/search';
import { Identity } from '../fleet/parts/Identity';
import { AnswerButtons } from '../fleet/requests/AnswerButtons';
import { useDecide } from '../fleet/parts/useDecide';
import { KIND, itemFilter, itemPath } from '../fleet/parts/words';
import styles from './overview.module.css';

const SHOWN = 7;

interface Props {
  of: Schema<'OverviewFleet'>;
  /** When that was worked out. */
  at: string;
}

export function Waiting({ of, at }: Props) {
  // The gateway keeps an answer for up to a minute: what was decided since does not wait in it any more.
  const [decided, setDecided] = useState<{ at: string; items: readonly string[] }>();
  const gone = decided?.at === at ? decided.items : [];
  const sees = useMay('audit');
  const asked = useList(
    '/api/v1/edge/access-requests',
    { params: { query: { state: 'open', limit: 3 } } },
    { enabled: sees && of.open_access_requests > 0 },
  );
  const requests = of.open_access_requests > 0 ? asked.items : [];
  const items = of.waiting
    .filter((item) => !gone.includes(keyOf(item)))
    .slice(0, Math.max(3, SHOWN - requests.length));
  const pending = of.apps.pending + of.mcp_servers.pending;
  return (
    <section className="section">
      <div className="row">
        <h2 className="grow">Waits for a decision</h2>
        {of.open_access_requests > requests.length && (
          <Link className="small" to={href('/access-requests', { state: 'open' })}>
            All {plural(of.open_access_requests, 'request')}
          </Link>
        )}
        {of.mcp_servers.pending > 0 && sees && (
          <Link
            className="small"
            to={href('/mcp-servers', {
              decision: 'pending',
              present: true,
              sort: 'devices',
              order: 'desc',
            })}
          >
            All {plural(of.mcp_servers.pending, 'server')}
          </Link>
        )}
        {of.apps.pending > 0 && sees && (
          <Link
            className="small"
            to={href('/apps', {
              decision: 'pending',
              present: true,
              sort: 'devices',
              order: 'desc',
            })}
          >
            All {plural(of.apps.pending, 'app')}
          </Link>
        )}
      </div>
      {requests.length === 0 && items.length === 0 ? (
        <EmptyState title={pending === 0 ? 'Nothing waits' : 'Nothing that you can see waits'}>
          New apps, new MCP servers and what people ask for appear here. Until somebody decides, the
          default of the settings holds.
        </EmptyState>
      ) : (
        <ul className={styles.list}>
          {requests.map((request) => (
            <li key={request.id}>
              <div className={styles.grow}>
                <div className="truncate">
                  <span className="strong">{request.os_user}</span> asks for{' '}
                  <Link to="/access-requests?state=open">
                    <Identity of={request.item} />
                  </Link>
                </div>
                <div className={styles.sub} title={request.reason}>
                  “{request.reason}” on{' '}
                  <Link to={`/devices/${request.device}`}>{request.hostname}</Link>,{' '}
                  <RelativeTime at={request.asked_at} />
                </div>
              </div>
              <AnswerButtons request={request} />
            </li>
          ))}
          {items.map((item) => (
            <Item
              key={keyOf(item)}
              of={item}
              onDecided={() => setDecided({ at, items: [...gone, keyOf(item)] })}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

const keyOf = ({ kind, item }: Schema<'OverviewWaiting'>): string => `${kind} ${item}`;

interface ItemProps {
  of: Schema<'OverviewWaiting'>;
  onDecided: () => void;
}

function Item({ of, onDecided }: ItemProps) {
  const sees = useMay('audit');
  const may = useMay('decide');
  const decide = useDecide(onDecided);
  const kind = of.kind === 'app' ? 'app' : 'mcp_server';
  const target = { kind, item: of.item } as const;
  return (
    <li>
      <div className={styles.grow}>
        <Link
          className={styles.name}
          to={sees ? itemPath(kind, of.item) : href('/devices', itemFilter(kind, of.item))}
        >
          <Identity of={of.item} />
        </Link>
        <div className={styles.sub}>
          {KIND[kind]} on{' '}
          <Link to={href('/devices', itemFilter(kind, of.item))}>
            {plural(of.devices, 'device')}
          </Link>
          {of.first_seen_at && (
            <>
              , first seen <RelativeTime at={of.first_seen_at} />
            </>
          )}
        </div>
      </div>
      {may ? (
        <div className={styles.acts}>
          <Button
            small
            pending={decide.pending}
            aria-label={`Approve ${of.item}`}
            onClick={() =>
              decide.act({ targets: [target], decision: 'approved', audience: 'fleet' })
            }
          >
            <Check size={13} aria-hidden /> Approve
          </Button>
          <Button
            small
            look="danger"
            pending={decide.pending}
            aria-label={`Deny ${of.item}`}
            onClick={() => decide.act({ targets: [target], decision: 'denied', audience: 'fleet' })}
          >
            <X size={13} aria-hidden /> Deny
          </Button>
        </div>
      ) : (
        <StatusDot of="pending" />
      )}
    </li>
  );
}
