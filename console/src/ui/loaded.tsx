import type { ReactElement, ReactNode } from 'react'
import { Failed, Skeleton } from './state.tsx'

interface LoadedProps {
  readonly query: { readonly isError: boolean; readonly isPending: boolean; readonly error: Error | null; readonly refetch: () => unknown }
  /** What did not load, for the sentence that says so. */
  readonly what: string
  /** How many things there are to show. */
  readonly count: number
  /** Shown when there is nothing. */
  readonly empty: ReactNode
  readonly rows?: number
  readonly height?: number
  readonly children: ReactNode
}

/** A list in its four conditions. Data that is there stays while a refresh fails; the top of the page says it is old. */
export const Loaded = ({ query, what, count, empty, rows = 8, height = 36, children }: LoadedProps): ReactElement => {
  if (query.isError && query.error !== null && count === 0) return <Failed error={query.error} what={what} retry={() => void query.refetch()} />
  if (query.isPending) return <Skeleton rows={rows} height={height} />
  return <>{count === 0 ? empty : children}</>
}
