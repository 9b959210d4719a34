/** The way into every page but the sign-in page: there has to be a session. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { Navigate, useLocation } from 'react-router';
import { useSession } from '@/api/session';
import { listen } from '@/live/live';
import { ErrorState } from '@/ui/States';
import { href } from '@/url/search';
import { Boot } from './Boot';
import { Layout } from './Layout';
import { fetchPages } from './pages';

export function RequireSession() {
  const { session, problem, retry } = useSession();
  const { pathname, search } = useLocation();
  const client = useQueryClient();
  const signedIn = Boolean(session);
  useEffect(() => (signedIn ? listen(client) : undefined), [client, signedIn]);
  useEffect(() => (signedIn ? fetchPages() : undefined), [signedIn]);

  if (session) return <Layout />;
  if (session === null) {
    const back = pathname + search;
    return (
      <Navigate to={href('/sign-in', { return_to: back === '/' ? undefined : back })} replace />
    );
  }
  if (problem) return <ErrorState problem={problem} retry={retry} />;
  return <Boot />;
}
