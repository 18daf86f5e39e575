import type { Mapping } from '../core/mapping.ts'
import { parseJson } from '../kit/json.ts'
import { vocabularyOf } from './explain-document.ts'
import { stepOf, type Step } from './explain-steps.ts'
import { canonicalValues, pathAmong, type CanonicalValue } from './explain-values.ts'
import { analyse, type Analysis } from './explain.ts'
import { mapRecord, type ConnectionContext } from './prepare.ts'

/** A document to explain a value of, and others of its connection that show which values there can be. */
export interface ExplainInput {
  /** Names the document and what it is read by: the same again is answered from memory. */
  readonly key: string
  readonly kind: 'order' | 'refund'
  readonly externalId: string
  readonly text: string
  readonly path: string
  readonly others: () => Promise<readonly string[]>
}

export interface ExplainedSource {
  readonly pointer: string
  readonly value: unknown
  readonly absent: boolean
  readonly holds: boolean
  /** Other values that were put there, and what came out then. */
  readonly trials: readonly { readonly put: unknown; readonly gave: CanonicalValue }[]
}

export interface Explained {
  readonly path: string
  readonly value: CanonicalValue
  readonly step: Step
  readonly sources: readonly ExplainedSource[]
  readonly conditions: readonly string[]
  readonly sufficient: boolean
  readonly complete: boolean
}

const BUDGET_MS = 4000
const KEPT = 16
const kept = new Map<string, Promise<Analysis>>()
const MAX_TRIALS = 4

/**
 * Where a canonical value comes from, found by running the mapping in force. Undefined when the mapping makes no such value
 * of the document (it belongs to the hub, or the path is wrong).
 */
export async function explainValue(input: ExplainInput, mapping: Mapping, context: ConnectionContext): Promise<Explained | undefined> {
  const analysis = await analysisOf(input, mapping, context)
  const path = pathAmong(analysis.values, input.path)
  const origin = path === undefined ? undefined : await analysis.originOf(path)
  if (path === undefined || origin === undefined) return undefined
  const sources = origin.sources.map(({ leaf, trials }): ExplainedSource => ({
    pointer: leaf.pointer,
    value: leaf.value,
    absent: leaf.absent === true,
    holds: leaf.holds === true,
    trials: trials
      .flatMap(({ put, moved }) => {
        const gave = moved?.get(path)
        return gave === undefined || typeof put === 'symbol' ? [] : [{ put, gave }]
      })
      .slice(0, MAX_TRIALS),
  }))
  return {
    path,
    value: origin.value,
    step: stepOf(path, origin),
    sources,
    conditions: origin.conditions.map(({ pointer }) => pointer),
    sufficient: origin.sufficient,
    complete: analysis.complete,
  }
}

/** What today's mapping reads at a path of a document; undefined when it makes nothing of it there. */
export function valueNow(
  input: Pick<ExplainInput, 'kind' | 'externalId' | 'text' | 'path'>,
  mapping: Mapping,
  context: ConnectionContext,
): CanonicalValue | undefined {
  const values = canonicalValues(mapRecord({ kind: input.kind, externalId: input.externalId, payload: input.text }, mapping, context))
  const path = values && pathAmong(values, input.path)
  return path === undefined ? undefined : values?.get(path)
}

function analysisOf(input: ExplainInput, mapping: Mapping, context: ConnectionContext): Promise<Analysis> {
  const known = kept.get(input.key)
  if (known) return known
  const made = input.others().then((others) =>
    analyse(parseJson(input.text), (doc) => mapRecord({ kind: input.kind, externalId: input.externalId, payload: '', doc }, mapping, context), {
      vocabulary: vocabularyOf(others.flatMap(parsed)),
      budgetMs: BUDGET_MS,
    }),
  )
  const [oldest] = kept.keys()
  if (kept.size >= KEPT && oldest !== undefined) kept.delete(oldest)
  kept.set(input.key, made)
  made.catch(() => kept.delete(input.key))
  return made
}

function parsed(text: string): readonly unknown[] {
  try {
    return [parseJson(text)]
  } catch {
    return []
  }
}
