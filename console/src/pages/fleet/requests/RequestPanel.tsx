/** One request beside the list. */
import { Link } from 'react-router';
import type { Schema } from '@/api/client';
import { Copy, Drawer, KeyValue, RelativeTime, StatusBadge } from '@/ui';
import { KIND, itemPath, middle } from '../parts/words';
import styles from '../parts/fleet.module.css';
import { AnswerButtons } from './AnswerButtons';

interface Props {
  request: Schema<'AccessRequest'>;
  onClose: () => void;
}

export function RequestPanel({ request, onClose }: Props) {
  const { kind, item, state, hostname, device, os_user, decided_at } = request;
  return (
    <Drawer
      open
      onClose={onClose}
      title={middle(item, 40)}
      about={`${os_user} asks on ${hostname}`}
      foot={state === 'open' ? <AnswerButtons request={request} /> : undefined}
    >
      <p className={styles.quote}>{request.reason}</p>
      <KeyValue
        rows={[
          ['State', <StatusBadge key="state" of={state} />],
          ['Kind', KIND[kind] ?? kind],
          [
            'Item',
            kind === 'support' ? (
              item
            ) : (
              <Link key="item" to={itemPath(kind, item)}>
                {item}
              </Link>
            ),
          ],
          [
            'Device',
            <Link key="device" to={`/devices/${device}`}>
              {hostname}
            </Link>,
          ],
          ['OS user', os_user],
          ['Asked', <RelativeTime key="asked" at={request.asked_at} />],
          ['Answered', <RelativeTime key="decided" at={decided_at} never="not yet" />],
          ['By', request.decided_by_name ?? request.decided_by],
          ['Answer', request.answer],
          ['Id', <Copy key="id" text={request.id} />],
        ]}
      />
    </Drawer>
  );
}
