/** Where one is signed in, and ending a session that should not be. */
import { useAct } from '@/api/act';
import { type Schema, call, http } from '@/api/client';
import { useList } from '@/api/query';
import { Badge, Button, type Column, EmptyState, RelativeTime, Table } from '@/ui';

type Session = Schema<'Session'>;

const idOf = ({ id }: Session) => id;

export function Sessions() {
  const list = useList('/api/v1/sessions');
  const end = useAct({
    run: (id: string) => call(http.DELETE('/api/v1/sessions/{id}', { params: { path: { id } } })),
    done: () => 'Session ended',
    topics: ['accounts', 'audit'],
  });
  const columns: readonly Column<Session>[] = [
    {
      id: 'agent',
      header: 'Where',
      width: 'minmax(180px, 2fr)',
      cell: ({ user_agent, current }) => (
        <span className="row">
          <span className="truncate" title={user_agent}>
            {user_agent || 'Unnamed client'}
          </span>
          {current && <Badge tone="ok">This one</Badge>}
        </span>
      ),
    },
    { id: 'address', header: 'Address', width: '150px', from: 560, cell: ({ address }) => address },
    {
      id: 'since',
      header: 'Since',
      width: '96px',
      align: 'end',
      from: 700,
      cell: ({ created_at }) => <RelativeTime at={created_at} />,
    },
    {
      id: 'used',
      header: 'Last used',
      width: '96px',
      from: 480,
      align: 'end',
      cell: ({ last_used_at }) => <RelativeTime at={last_used_at} />,
    },
    {
      id: 'acts',
      header: 'Actions',
      width: '72px',
      align: 'end',
      cell: ({ id, current }) =>
        current ? null : (
          <Button small look="quiet" onClick={() => end.act(id)}>
            End
          </Button>
        ),
    },
  ];
  return (
    <section className="section">
      <h2>Sessions</h2>
      <p className="secondary">A session ends by itself when it is not used for two hours.</p>
      <Table
        label="Sessions"
        list={list}
        rowKey={idOf}
        columns={columns}
        empty={<EmptyState title="No session" />}
      />
    </section>
  );
}
