import { useQueryClient } from '@tanstack/react-query'
import type { FailureGroup } from '../../../api/failures.ts'

export interface FixProps {
  readonly group: FailureGroup
  /** A replay was started; its progress is shown below. */
  readonly onReplay: (jobId: string) => void
}

/** After a fix the group, its orders and what was told to channels may all have changed. */
export const useFixed = (): (() => Promise<void>) => {
  const queries = useQueryClient()
  return () =>
    queries.invalidateQueries({
      predicate: (query) => /^\/v1\/(failures|orders|effects|overrides|connections|listings)/.test(String(query.queryKey[0])),
    })
}
