import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { UseQueryResult } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { previewMapping } from '../../api/mappings.ts'
import type { MappingSet, Preview } from '../../api/mappings.ts'
import { isComplete } from './use-draft.ts'

const settle = 150

/** What the set on the page makes of a document, asked as soon as it changes or typing rests. */
export const usePreview = (id: string, set: MappingSet, entity: string | undefined): UseQueryResult<Preview> => {
  const [asked, setAsked] = useState(set)
  const last = useRef(0)
  useEffect(() => {
    // One change is asked about at once; of many in a row the first and the one they end with.
    const wait = Math.max(0, Math.min(settle, settle - (performance.now() - last.current)))
    last.current = performance.now()
    const timer = setTimeout(() => {
      if (isComplete(set)) setAsked(set)
    }, wait)
    return () => clearTimeout(timer)
  }, [set])
  return useQuery({
    queryKey: ['mapping-preview', id, entity, asked],
    queryFn: ({ signal }) => previewMapping(id, asked, entity ?? '', signal),
    enabled: entity !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 60_000,
  })
}
