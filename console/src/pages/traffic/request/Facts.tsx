/** Whose call it was and where it went; everything that has a page of its own is a link. */
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { Bytes, Copy, KeyValue } from '@/ui';
import { href } from '@/url/search';
import { middle } from '../../fleet/parts/words';
import type { Call } from './columns';

const link = (to: string, text: string) => <Link to={to}>{text}</Link>;

function origin({ edge }: Call): readonly (readonly [string, ReactNode])[] {
  if (!edge) return [];
  return [
    ['Device', link(`/devices/${edge.device}`, edge.device_name ?? edge.device)],
    ['App', link(`/apps/${encodeURIComponent(edge.app)}`, edge.app)],
    ['Process', <Copy key="process" text={edge.process} shown={middle(edge.process, 40)} />],
    ['OS user', edge.os_user],
    ['Asked for', edge.host],
  ];
}

export function Facts({ call }: { call: Call }) {
  const { id, key, key_name, team, team_name, user, user_name, provider, operation, shadow_of } =
    call;
  return (
    <KeyValue
      rows={[
        ['User', user ? link(href('/users', { user }), user_name ?? user) : null],
        ['Team', team ? link(href('/teams', { team }), team_name ?? team) : null],
        ['Copy of', shadow_of ? link(`/requests/${shadow_of}`, middle(shadow_of, 24)) : null],
        [
          'Key',
          shadow_of
            ? null
            : key
              ? link(href('/keys', { key }), key_name ?? key)
              : 'None that is valid',
        ],
        ...origin(call),
        ['Provider', provider ? link(href('/providers', { provider }), provider) : null],
        ['Operation', operation],
        ['Refused because', call.code ? <code key="code">{call.code}</code> : null],
        ['Request body', <Bytes key="in" of={call.request_bytes} />],
        ['Answer body', <Bytes key="out" of={call.response_bytes} />],
        ['Request id', <Copy key="id" text={id} shown={middle(id, 24)} />],
        [
          'Trace',
          call.trace_id ? (
            <Copy key="trace" text={call.trace_id} shown={middle(call.trace_id, 24)} />
          ) : null,
        ],
      ]}
    />
  );
}
