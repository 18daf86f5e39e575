import { HubProblem } from '../../api/http.ts'
import { arm, armPreview } from '../../api/connections.ts'
import type { ArmPreview, ArmTarget } from '../../api/connections.ts'

const tries = 4

const keysOf = (preview: ArmPreview, zeroOnly: boolean): ReadonlySet<string> =>
  new Set(preview.items.filter((row) => (zeroOnly ? row.change === 'zero' : row.change !== 'skip')).map((row) => row.listing_key))

/** Nobody is told who was not on the list that was approved, and nobody is told zero who was not told zero on it. */
export const sameInSubstance = (approved: ArmPreview, now: ArmPreview): boolean => {
  const told = keysOf(approved, false)
  const zeros = keysOf(approved, true)
  return [...keysOf(now, false)].every((key) => told.has(key)) && [...keysOf(now, true)].every((key) => zeros.has(key))
}

/** The list changed in a way that a person has to look at before arming. */
export class PreviewChanged extends Error {}

interface ArmOrder {
  readonly connection: string
  readonly what: ArmTarget
  readonly approved: ArmPreview
  readonly confirmZero: boolean
}

/**
 * Arms as approved. On a busy channel levels move while a person reads; where only amounts moved, the fresh list is armed.
 * @throws PreviewChanged when a listing or a zero came in that was not on the approved list
 */
export const armAsApproved = async ({ connection, what, approved, confirmZero }: ArmOrder): Promise<void> => {
  let preview = approved
  for (let left = tries; left > 0; left -= 1) {
    try {
      await arm(connection, [what], preview.hash, confirmZero)
      return
    } catch (error) {
      if (!(error instanceof HubProblem) || error.code !== 'preview-outdated' || left === 1) throw error
    }
    preview = await armPreview(connection, what)
    if (!sameInSubstance(approved, preview)) throw new PreviewChanged()
  }
}
