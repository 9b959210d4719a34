import { act, screen } from '@testing-library/react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { expect, test, vi } from 'vitest';
import { useGet } from '@/api/query';
import { gateway, show } from '@/test/show';
import { listen, useLive } from './live';

class Stream extends EventTarget {
  static CLOSED = 2;
  static last: Stream | undefined;
  readyState = 1;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  constructor() {
    super();
    Stream.last = this;
  }
  say(topics: string[]) {
    this.dispatchEvent(new MessageEvent('changed', { data: JSON.stringify({ topics }) }));
  }
  close() {}
}

function Keys() {
  const client = useQueryClient();
  useEffect(() => listen(client), [client]);
  const keys = useGet('/api/v1/keys');
  return (
    <p>
      {useLive()} {keys.data?.items.length ?? '…'}
    </p>
  );
}

test('what an event names is fetched again, what it does not is left', async () => {
  vi.stubGlobal('EventSource', Stream);
  let many = 1;
  const seen = gateway({
    'GET /api/v1/keys': () => ({ body: { items: Array(many).fill({}), next_cursor: null } }),
  });
  show(<Keys />);
  expect(await screen.findByText('connecting 1')).toBeTruthy();
  act(() => Stream.last?.onopen?.());
  expect(await screen.findByText('live 1')).toBeTruthy();
  many = 2;
  act(() => Stream.last?.say(['devices', 'unheard_of']));
  expect(seen).toHaveLength(1);
  act(() => Stream.last?.say(['keys']));
  expect(await screen.findByText('live 2')).toBeTruthy();
  // What was missed while away is fetched on coming back.
  many = 3;
  act(() => Stream.last?.onerror?.());
  expect(await screen.findByText('reconnecting 2')).toBeTruthy();
  act(() => Stream.last?.onopen?.());
  expect(await screen.findByText('live 3')).toBeTruthy();
});
