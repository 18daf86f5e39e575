import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'
import type { Search } from './search.ts'
import { plainSearch } from './search.ts'

type Change = Readonly<Record<string, string | undefined>>

/**
 * The page's filters, panel and tab live in the address, so that Back undoes them and a link shows the same thing.
 * @returns the parameters and a setter that merges; `undefined` or an empty text removes one.
 */
export const useAddress = (): readonly [Search, (change: Change, replace?: boolean) => void] => {
  const search = plainSearch(useSearch({ strict: false }))
  const navigate = useNavigate()
  const set = useCallback(
    (change: Change, replace = false) => {
      void navigate({ to: '.', replace, search: (before: Record<string, unknown>) => plainSearch({ ...before, ...change }) })
    },
    [navigate],
  )
  return [search, set]
}
