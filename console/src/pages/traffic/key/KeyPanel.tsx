/** One key beside the list: its facts, and what can be done with it. */
import { useState } from 'react';
import type { UseQueryResult } from '@tanstack/react-query';
import { useAct } from '@/api/act';
import { call, http } from '@/api/client';
import type { ApiProblem } from '@/api/problem';
import { useMay } from '@/api/session';
import {
  Button,
  ButtonLink,
  ConfirmDialog,
  Copy,
  Drawer,
  KeyValue,
  Load,
  RelativeTime,
  StatusBadge,
} from '@/ui';
import { href } from '@/url/search';
import { middle } from '../../fleet/parts/words';
import { Allowances } from '../budget/Allowances';
import { KeyDialog } from './KeyDialog';
import { type Key, keyState } from './state';

interface Props {
  query: UseQueryResult<Key, ApiProblem>;
  onClose: () => void;
  onSecret: (secret: string) => void;
}

export function KeyPanel({ query, onClose, onSecret }: Props) {
  const key = query.data;
  return (
    <Drawer
      open
      onClose={onClose}
      title={key?.name ?? 'Key'}
      foot={key && <Acts stored={key} onSecret={onSecret} />}
    >
      <Load query={query}>{(key) => <Facts stored={key} />}</Load>
    </Drawer>
  );
}

function Facts({ stored }: { stored: Key }) {
  const { id, hint, user_name, team_name, allow, log_content, created_at, expires_at } = stored;
  return (
    <>
      <KeyValue
        rows={[
          ['State', <StatusBadge key="state" of={keyState(stored)} />],
          [
            'Secret',
            <span key="hint" className="mono">
              {hint}
            </span>,
          ],
          [
            'Old secret until',
            stored.previous_valid_until ? (
              <RelativeTime key="old" at={stored.previous_valid_until} />
            ) : null,
          ],
          ['User', user_name],
          ['Team', team_name],
          ['Models', (allow.models ?? []).join(', ') || 'All'],
          ['Providers', (allow.providers ?? []).join(', ') || 'All'],
          ['Operations', (allow.routes ?? []).join(', ') || 'All'],
          ['Prompts and answers', log_content ? 'Stored' : 'Not kept'],
          ['Created', <RelativeTime key="created" at={created_at} />],
          ['Expires', <RelativeTime key="expires" at={expires_at} />],
          ['Id', <Copy key="id" text={id} shown={middle(id, 24)} />],
        ]}
      />
      <Allowances scope={id} />
    </>
  );
}

function Acts({ stored, onSecret }: { stored: Key; onSecret: (secret: string) => void }) {
  const may = useMay('keys');
  const { id, name, disabled, revoked_at, device } = stored;
  const params = { path: { id } };
  const topics = ['keys', 'audit'] as const;
  const [asked, setAsked] = useState<'change' | 'revoke' | null>(null);
  const turn = (off: boolean) =>
    off
      ? call(http.POST('/api/v1/keys/{id}/disable', { params }))
      : call(http.POST('/api/v1/keys/{id}/enable', { params }));
  const disable = useAct({
    run: turn,
    done: (_, off) => `${name} ${off ? 'disabled' : 'enabled'}`,
    undo: (_, off) => turn(!off),
    topics,
  });
  const revoke = useAct({
    run: () => call(http.POST('/api/v1/keys/{id}/revoke', { params })),
    done: () => `${name} revoked`,
    topics,
    then: () => setAsked(null),
  });
  const rotate = useAct({
    run: () =>
      call(http.POST('/api/v1/keys/{id}/rotate', { params, body: { grace_seconds: 86_400 } })),
    done: () => 'New secret made; the old one works for a day',
    topics,
    then: (made) => made && onSecret(made.secret),
  });
  return (
    <>
      <ButtonLink to={href('/requests', { key: id })}>Its requests</ButtonLink>
      {may && !revoked_at && !device && (
        <>
          <Button onClick={() => setAsked('change')}>Change</Button>
          <Button onClick={() => rotate.act()} pending={rotate.pending}>
            Rotate
          </Button>
          <Button onClick={() => disable.act(!disabled)}>{disabled ? 'Enable' : 'Disable'}</Button>
          <Button look="danger" onClick={() => setAsked('revoke')}>
            Revoke
          </Button>
        </>
      )}
      {asked === 'change' && <KeyDialog stored={stored} onClose={() => setAsked(null)} />}
      <ConfirmDialog
        open={asked === 'revoke'}
        onClose={() => setAsked(null)}
        title={`Revoke ${name}?`}
        action="Revoke key"
        danger
        pending={revoke.pending}
        onConfirm={() => revoke.act()}
      >
        What calls with it is refused within a second, and it cannot be brought back. To change only
        the secret, rotate it.
      </ConfirmDialog>
    </>
  );
}
