import type { MappingSet } from '../core/overrides.ts'
import type { Overruled } from '../store/overrides/write-version.ts'
import type { AppDeps } from './deps.ts'
import { Problem } from './problem.ts'

const NAMED = 20

/**
 * Tries a set on recent documents. Where some newly fail it is published with a reason for that, or not at all.
 * @throws Problem 409 `mapping-newly-fails`, naming the documents
 */
export async function requireNoNewFailures(
  deps: AppDeps,
  connectionId: string,
  asked: { readonly set: MappingSet; readonly names: readonly string[]; readonly overrideReason: string | undefined },
): Promise<Overruled | undefined> {
  const { tried, failing } = await deps.control.tryMapping(connectionId, { set: asked.set, names: asked.names })
  if (failing.length === 0) return undefined
  const named = failing.slice(0, NAMED)
  if (asked.overrideReason !== undefined) return { failing: named, reason: asked.overrideReason }
  throw new Problem(
    409,
    'mapping-newly-fails',
    `${failing.length} of ${tried} recent documents would newly fail. Say why it is published all the same.`,
    {
      params: { failing: failing.length, tried },
      errors: named.map(({ entity, number, reason }, i) => ({
        pointer: `/documents/${i}`,
        code: entity.slice(0, 220),
        message: `${number}: ${reason}`,
      })),
    },
  )
}
