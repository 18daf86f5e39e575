import { describe, expect, it } from 'vitest'
import { registry } from '../../connectors/index.ts'
import { channels } from '../../sandbox/server.ts'
import { checks } from './kit/checks/index.ts'
import { skipsOf } from './kit/skips.ts'
import { channelFolders, subjectOf } from './kit/subject.ts'

/** No check takes long; a machine that does much else may. */
const TIMEOUT_MS = 180_000

describe.each(channelFolders)('%s', (id) => {
  const skips = skipsOf(id)

  it('is registered, and skips only what is there to be skipped', () => {
    expect(subjectOf(id).id).toBe(id)
    const known = checks.map((check) => check.id)
    expect(skips.filter((skip) => !known.includes(skip.check))).toEqual([])
  })

  if (!registry.has(id) || !channels.includes(id)) return
  for (const check of checks) {
    if (check.beside?.(subjectOf(id)) !== undefined || skips.some((skip) => skip.check === check.id)) continue
    it(`${check.id}: ${check.title}`, { timeout: TIMEOUT_MS }, async () => {
      const trouble = await check.run(subjectOf(id)).then(
        () => undefined,
        (error: unknown) => error,
      )
      if (trouble instanceof Error) throw trouble
      expect(trouble).toBeUndefined()
    })
  }
})
