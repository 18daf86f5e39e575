import type { UseQueryResult } from '@tanstack/react-query'
import type { Search } from '../app/search.ts'
import { post, remove } from './http.ts'
import { useOne } from './lists.ts'

export type ViewPage = 'orders' | 'failures'

/** A list under a name: what a view contains is the address itself. */
export interface SavedView {
  readonly id: string
  readonly page: ViewPage
  readonly name: string
  readonly owner: string
  readonly shared: boolean
  readonly own: boolean
  readonly search: Search
}

export const useViews = (page: ViewPage): UseQueryResult<{ readonly items: readonly SavedView[] }> => useOne('/v1/views', { query: { page } })
export const saveView = (view: Pick<SavedView, 'page' | 'name' | 'shared' | 'search'>): Promise<SavedView> => post('/v1/views', view)
export const dropView = (id: string): Promise<void> => remove(`/v1/views/${encodeURIComponent(id)}`)
