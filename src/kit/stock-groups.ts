import type { InventoryWrite, Outcome } from '../core/connector.ts'
import { ChannelError, type Fault } from '../core/fault.ts'

type Answer = readonly Outcome[] | Fault

export interface StockGroups {
  /** Why this level cannot be sent at all. */
  readonly unsendable: (write: InventoryWrite) => Fault | undefined
  /** The writes that one call takes together, each call made once. */
  readonly groupsOf: (writes: readonly InventoryWrite[]) => readonly (readonly InventoryWrite[])[]
  /** One call: an outcome for each of the group, or the fault of the whole call. */
  readonly write: (group: readonly InventoryWrite[]) => Promise<Answer>
}

/**
 * Levels in groups, for channels that refuse a call as a whole and do not say which of its items it was about: the items
 * of a refused call are then written alone. Calls behind one that was throttled, say, are not made; when nothing was
 * written at all that fault itself comes out.
 */
export async function pushInGroups(writes: readonly InventoryWrite[], how: StockGroups): Promise<readonly Outcome[]> {
  const outcomes = new Map<string, Outcome>()
  const keep = (group: readonly InventoryWrite[], answer: Answer): void => {
    if (isFault(answer)) for (const { key } of group) outcomes.set(key, failed(key, answer))
    else for (const outcome of answer) outcomes.set(outcome.key, outcome)
  }
  for (const each of writes) {
    const problem = how.unsendable(each)
    if (problem) outcomes.set(each.key, failed(each.key, problem))
  }
  let stopped: Fault | undefined
  const attempt = async (group: readonly InventoryWrite[]): Promise<Answer> => {
    const answer = stopped ?? (await how.write(group))
    if (isFault(answer) && !isOwn(answer) && answer.kind !== 'in-doubt') {
      if (outcomes.size === 0) throw new ChannelError(answer)
      stopped = answer
    }
    return answer
  }
  for (const group of how.groupsOf(writes.filter(({ key }) => !outcomes.has(key)))) {
    const answer = await attempt(group)
    if (isFault(answer) && isOwn(answer) && group.length > 1) for (const one of group) keep([one], await attempt([one]))
    else keep(group, answer)
  }
  return writes.map(({ key }) => outcomes.get(key) ?? unanswered(key))
}

/** Members of a list, at most `most` together. */
export const chunked = <T>(items: readonly T[], most: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / most) }, (_, i) => items.slice(i * most, (i + 1) * most))

const isFault = (answer: Answer): answer is Fault => 'kind' in answer

/** About this item only: the other calls go on. */
const isOwn = (fault: Fault): boolean => fault.kind === 'refused' || fault.kind === 'missing'

const failed = (key: string, fault: Fault): Outcome => ({ key, status: fault.kind === 'in-doubt' ? 'unknown' : 'refused', fault })

/** The channel's answer says nothing about this item. */
export const unanswered = (key: string): Outcome => ({
  key,
  status: 'unknown',
  fault: { kind: 'in-doubt', code: 'not-in-answer', message: 'The answer of the channel does not show this item.' },
})
