import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { saveDraft } from '../../api/mappings.ts'
import type { Mapping, MappingSet } from '../../api/mappings.ts'

const settle = 700

export interface DraftState {
  readonly set: MappingSet
  /** Whether a draft is kept at the hub; without one the page shows what holds. */
  readonly exists: boolean
  /** Version of the draft as it is kept. */
  readonly version: number
  readonly unsaved: boolean
  readonly error: Error | null
  readonly change: (set: MappingSet) => void
}

/** Whether every rule says something: half a rule stays on the page. */
export const isComplete = ({ rules }: MappingSet): boolean =>
  rules.every(
    (rule) =>
      (rule.from !== rule.to || rule.kind === 'place') &&
      (rule.kind === 'field' ? rule.field !== '' && rule.entity !== '' : rule.from !== '' && rule.to !== ''),
  )

const setOf = (mapping: Mapping): MappingSet => {
  const { rules, settings } = mapping.draft ?? mapping
  return { rules: rules.map(({ kind, field, entity, from, to, reason }) => ({ kind, field, entity, from, to, reason: reason ?? null })), settings }
}

/** The draft as it is typed; it is saved whenever typing rests, never over what somebody else saved. */
export const useDraft = (mapping: Mapping): DraftState => {
  const queries = useQueryClient()
  const [set, setSet] = useState(() => setOf(mapping))
  const [unsaved, setUnsaved] = useState(false)
  const [error, setError] = useState<Error | null>(null)
  const saved = useRef(mapping.draft?.version ?? 0)
  const saving = useRef(Promise.resolve())
  const id = mapping.connection_id
  const change = useCallback((next: MappingSet) => {
    setSet(next)
    setUnsaved(true)
    setError(null)
  }, [])
  useEffect(() => {
    if (!unsaved || error !== null || !isComplete(set)) return undefined
    let gone = false
    const save = async (): Promise<void> => {
      try {
        const kept = await saveDraft(id, set, saved.current)
        saved.current = kept.draft?.version ?? 0
        queries.setQueryData([`/v1/mappings/${encodeURIComponent(id)}`, 'one', {}], kept)
        if (!gone) setUnsaved(false)
      } catch (failed) {
        if (!gone) setError(failed instanceof Error ? failed : new Error(String(failed)))
      }
    }
    // One after another: a save names the version the one before it made.
    const timer = setTimeout(() => {
      saving.current = saving.current.then(save)
    }, settle)
    return () => {
      gone = true
      clearTimeout(timer)
    }
  }, [set, unsaved, error, id, queries])
  return { set, exists: mapping.draft !== null || unsaved, version: mapping.draft?.version ?? 0, unsaved, error, change }
}
