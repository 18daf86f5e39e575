import { setImmediate } from 'node:timers/promises'

/** So many documents take a few milliseconds: longer must neither a delivery at the door nor the batch being written wait. */
const PART = 25

/** Works on one item after another; after each part others get a turn. */
export async function inParts<From, To>(items: readonly From[], work: (item: From) => To): Promise<readonly To[]> {
  const done: To[] = []
  for (const [i, item] of items.entries()) {
    if (i > 0 && i % PART === 0) await setImmediate()
    done.push(work(item))
  }
  return done
}
