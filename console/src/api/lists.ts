import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { InfiniteData, UseInfiniteQueryResult, UseQueryResult } from '@tanstack/react-query'
import { useMemo } from 'react'
import { get } from './http.ts'
import type { Query } from './http.ts'

/** A keyset page. `next_cursor` is opaque and stays valid while rows are written. */
export interface ListPage<T> {
  readonly items: readonly T[]
  readonly next_cursor: string | null
  readonly has_more: boolean
}

export interface List<T> {
  readonly items: readonly T[]
  readonly query: UseInfiniteQueryResult<InfiniteData<ListPage<T>>>
}

interface ListOptions {
  /** Milliseconds between refreshes; none when left out. */
  readonly every?: number
  readonly enabled?: boolean
}

/** A long list, page by page. */
export const useList = <T>(path: string, filters: Query, options: ListOptions = {}): List<T> => {
  const query = useInfiniteQuery({
    queryKey: [path, 'list', filters],
    queryFn: ({ pageParam, signal }) => get<ListPage<T>>(path, { ...filters, cursor: pageParam }, signal),
    initialPageParam: '',
    getNextPageParam: (last) => (last.has_more ? (last.next_cursor ?? undefined) : undefined),
    refetchInterval: options.every ?? false,
    enabled: options.enabled ?? true,
    placeholderData: (before) => before,
  })
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data])
  return { items, query }
}

/** One answer of the hub, kept fresh. */
export const useOne = <T>(path: string, options: ListOptions & { readonly query?: Query } = {}): UseQueryResult<T> =>
  useQuery({
    queryKey: [path, 'one', options.query ?? {}],
    queryFn: ({ signal }) => get<T>(path, options.query, signal),
    refetchInterval: options.every ?? false,
    enabled: options.enabled ?? true,
  })
