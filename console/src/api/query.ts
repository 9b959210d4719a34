/** Reading: one hook for a thing, one for a list that goes on behind a cursor. */
import {
  type QueryClient,
  type UseQueryResult,
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
} from '@tanstack/react-query';
import type { FetchOptions } from 'openapi-fetch';
import type { FilterKeys, PathsWithMethod, SuccessResponseJSON } from 'openapi-typescript-helpers';
import { useMemo } from 'react';
import { type Paths, http } from './client';
import type { ApiProblem } from './problem';
import { type Topic, topicsOf } from './topics';

export type GetPath = PathsWithMethod<Paths, 'get'>;
type Operation<P extends GetPath> = FilterKeys<Paths[P], 'get'>;
/** What a GET takes: `{ params: { path, query } }`. */
export type Init<P extends GetPath> = FetchOptions<Operation<P>>;
/** What a GET answers. */
export type Answer<P extends GetPath> =
  Operation<P> extends Record<string | number, unknown> ? SuccessResponseJSON<Operation<P>> : never;

interface Options {
  enabled?: boolean;
  /** Events that make this old, where the path's own are not right. */
  topics?: readonly Topic[];
  /** Milliseconds between refetches of what no event announces. */
  every?: number;
}

/** The cache key of a GET; its first part is the path. */
export const keyOf = (path: string, init?: unknown): readonly unknown[] => [path, init ?? null];

async function get(path: GetPath, init: unknown, signal?: AbortSignal): Promise<unknown> {
  // The types were checked where the hook was called; here the path is any of them.
  const GET = http.GET as (path: GetPath, init: object) => Promise<{ data?: unknown }>;
  return (await GET(path, { ...(init as object | undefined), signal })).data;
}

/** The same outside of a component, for what is needed once: `await read('/api/v1/edge/apps')`. */
export async function read<P extends GetPath>(path: P, init?: Init<P>): Promise<Answer<P>> {
  return (await get(path, init)) as Answer<P>;
}

/** `const { data, error } = useGet('/api/v1/devices/{id}', { params: { path: { id } } })` */
export function useGet<P extends GetPath>(
  path: P,
  init?: Init<P>,
  options: Options = {},
): UseQueryResult<Answer<P>, ApiProblem> {
  return useQuery<Answer<P>, ApiProblem>({
    queryKey: keyOf(path, init),
    queryFn: async ({ signal }) => (await get(path, init, signal)) as Answer<P>,
    enabled: options.enabled ?? true,
    refetchInterval: options.every ?? false,
    placeholderData: keepPreviousData,
    meta: { topics: options.topics ?? topicsOf(path) },
  });
}

type Item<A> = A extends { items: readonly (infer T)[] } ? T : never;

/** A list as far as it was read. `<Table list={…}>` takes it whole. */
export interface List<T> {
  items: readonly T[];
  /** Nothing was read yet. */
  loading: boolean;
  /** The filter changed; the rows shown are those of the last one. */
  stale: boolean;
  problem: ApiProblem | null;
  more: boolean;
  loadingMore: boolean;
  loadMore: () => void;
  retry: () => void;
}

interface Page {
  items: readonly unknown[];
  next_cursor?: string | null;
}

/** `const list = useList('/api/v1/devices', { params: { query: { presence } } })` */
export function useList<P extends GetPath>(
  path: P,
  init?: Init<P>,
  options: Options = {},
): List<Item<Answer<P>>> {
  const query = useInfiniteQuery<Page, ApiProblem>({
    queryKey: keyOf(path, ['list', init ?? null]),
    queryFn: async ({ signal, pageParam }) => {
      const { params, ...rest } = (init ?? {}) as { params?: { query?: object } };
      const cursor = pageParam === null ? {} : { cursor: pageParam };
      const next = { ...rest, params: { ...params, query: { ...params?.query, ...cursor } } };
      return (await get(path, next, signal)) as Page;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    enabled: options.enabled ?? true,
    refetchInterval: options.every ?? false,
    placeholderData: keepPreviousData,
    meta: { topics: options.topics ?? topicsOf(path) },
  });
  const { data } = query;
  // The same as long as nothing came, so that no row is drawn again.
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  return {
    items: items as Item<Answer<P>>[],
    loading: query.isPending && (options.enabled ?? true),
    stale: query.isPlaceholderData,
    problem: query.error,
    more: query.hasNextPage,
    loadingMore: query.isFetchingNextPage,
    loadMore: () => {
      if (query.hasNextPage && !query.isFetching) void query.fetchNextPage();
    },
    retry: () => void query.refetch(),
  };
}

/** Marks what these topics name as old and refetches what is on the screen. */
export function refresh(client: QueryClient, topics: readonly string[], visible = true): void {
  void client.invalidateQueries({
    predicate: ({ meta }) => {
      const own = meta?.topics;
      return Array.isArray(own) && own.some((topic: string) => topics.includes(topic));
    },
    refetchType: visible ? 'active' : 'none',
  });
}
