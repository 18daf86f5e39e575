import { MappingError } from '../core/fault.ts'
import type { Mapped } from '../core/mapping.ts'
import { parseJson } from '../kit/json.ts'
import { rawAad } from '../store/envelope.ts'
import { seenStatuses } from '../store/overrides/seen-statuses.ts'
import { selectHeads } from '../store/replay/select-heads.ts'
import type { IngestDeps } from './ingest.ts'
import { fieldOf, mapWithRules, wordAt } from './overrides.ts'
import type { ConnectionContext } from './prepare.ts'

/** A word the channel is known to use in this place, and what a waiting document would be, read so. */
interface WordChoice {
  readonly to: string
  readonly payment: string | null
  readonly fulfilment: string | null
  readonly cancelled: boolean
  readonly closed: boolean
  /** Orders of this channel that stand under this word. */
  readonly seen: number
  /** Why the document would wait all the same; null where it would become an order. */
  readonly problem: string | null
}

export interface WordChoices {
  /** Name of the member that holds the word. */
  readonly field: string
  readonly pointer: string
  readonly word: string
  readonly choices: readonly WordChoice[]
}

const MOST = 60

/**
 * What an unknown word could mean: each known word is tried on a document that waits because of it. Nothing is written.
 * Undefined where no document of the group waits for a word, or its place cannot be named.
 */
export async function wordChoices(deps: IngestDeps, context: ConnectionContext, groupId: number): Promise<WordChoices | undefined> {
  const mapping = deps.mappings.get(context.channel)
  const [head] = await selectHeads(deps.pool, { group: groupId }, null, 1)
  if (!mapping || !head) return undefined
  const doc = parseJson(await deps.keys.open(head, rawAad(head.connectionId, head.storedKind, head.storedId)))
  const raw = { kind: head.kind, externalId: head.externalId, doc, ...(head.parentId !== null && { parentId: head.parentId }) }
  const read = (rules: ConnectionContext['overrides']): Mapped | MappingError => {
    try {
      return mapWithRules(mapping, raw, context, rules).mapped
    } catch (error) {
      if (error instanceof MappingError) return error
      throw error
    }
  }
  const failed = read(context.overrides)
  const word = failed instanceof MappingError ? wordAt(doc, failed) : undefined
  if (!(failed instanceof MappingError) || failed.pointer === undefined || word === undefined) return undefined
  const field = fieldOf(failed.pointer)
  const seen = await seenStatuses(deps.pool, context.channel)
  const candidates = [...new Set(failed.known.length > 0 ? failed.known : seen.keys())].filter((each) => each !== word).slice(0, MOST)
  const rules = context.overrides ?? { version: 0, words: [], fields: [], carriers: {} }
  const choices = candidates.map((to) => {
    const tried = read({ ...rules, words: [{ id: 0, field, from: word, to }, ...rules.words] })
    return { to, ...meaningOf(tried), seen: seen.get(to) ?? 0 }
  })
  return {
    field,
    pointer: failed.pointer,
    word,
    choices: choices.toSorted((a, b) => Number(a.problem !== null) - Number(b.problem !== null) || b.seen - a.seen),
  }
}

function meaningOf(tried: Mapped | MappingError): Omit<WordChoice, 'to' | 'seen'> {
  const nothing = { payment: null, fulfilment: null, cancelled: false, closed: false }
  if (tried instanceof MappingError) return { ...nothing, problem: tried.message }
  if (tried.kind !== 'order') return { ...nothing, problem: null }
  const { payment, fulfilment, cancelled, closed } = tried.order
  return { payment, fulfilment, cancelled: cancelled !== undefined, closed, problem: null }
}

/** Where the mapping stumbles over a document; undefined where it does not, or cannot name the place. */
export function stumblesAt(
  deps: Pick<IngestDeps, 'mappings'>,
  context: ConnectionContext,
  document: { readonly entity: string; readonly text: string },
): string | undefined {
  const [kind = '', ...id] = document.entity.split('/')
  const raw = { kind: kind === 'refund' ? ('refund' as const) : ('order' as const), externalId: id.join('/'), doc: parseJson(document.text) }
  const mapping = deps.mappings.get(context.channel)
  try {
    if (mapping) mapWithRules(mapping, raw, context, context.overrides)
    return undefined
  } catch (error) {
    return error instanceof MappingError ? error.pointer : undefined
  }
}
