import type { MappingSet } from '../core/overrides.ts'
import { headsOf, ordersToTry } from '../store/overrides/documents.ts'
import { standingRules, type FailingDocument } from '../store/overrides/write-version.ts'
import { compareMappings, draftContext, type ComparedDocument } from './compare-mappings.ts'
import type { IngestDeps } from './ingest.ts'
import type { ConnectionContext } from './prepare.ts'

/** Orders a version is tried on before it holds, besides one of each status. */
const NEWEST = 300
const BATCH = 100

interface Trial {
  readonly tried: number
  /** Documents that pass now and would fail. */
  readonly failing: readonly FailingDocument[]
}

/**
 * Tries a set on the newest orders and on one under each word the channel used lately, and says which of them would newly fail. A few hundred
 * documents: short enough for the request that publishes, in slices that leave others their turn.
 */
export async function tryMapping(deps: IngestDeps, live: ConnectionContext, set: MappingSet, names: readonly string[]): Promise<Trial> {
  const draft = draftContext(live, await standingRules(deps.pool, live.connectionId), set, names)
  const keys = await ordersToTry(deps.pool, live.connectionId, NEWEST)
  const failing: FailingDocument[] = []
  for (let at = 0; at < keys.length; at += BATCH) {
    const heads = await headsOf(deps.pool, live.connectionId, keys.slice(at, at + BATCH))
    for (const { entity, number, outcome, draft: reading } of await compareMappings(deps, live, draft, heads))
      if (outcome === 'newly_fails') failing.push({ entity, number, reason: (reading.problem ?? '').slice(0, 300) })
  }
  return { tried: keys.length, failing }
}

/** One past document read both ways; undefined where the connection has none of this name. */
export async function compareDocument(
  deps: IngestDeps,
  live: ConnectionContext,
  asked: { readonly set: MappingSet; readonly names: readonly string[]; readonly entity: string },
): Promise<ComparedDocument | undefined> {
  const [kind = '', ...id] = asked.entity.split('/')
  const heads = await headsOf(deps.pool, live.connectionId, [{ kind, externalId: id.join('/') }])
  const draft = draftContext(live, await standingRules(deps.pool, live.connectionId), asked.set, asked.names)
  return (await compareMappings(deps, live, draft, heads))[0]
}
