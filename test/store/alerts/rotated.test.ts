import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { createPool } from '../../../src/store/db.ts'
import { createDestination, openDestination } from '../../../src/store/alerts/destinations.ts'
import { rotateMasterKey, unlock } from '../../../src/store/master-key.ts'
import { freshDatabase } from '../../support/db.ts'

it('opens the credentials of a destination after the master key was replaced, and no longer with the old one', async () => {
  const database = await freshDatabase()
  const pool = createPool(database.url)
  try {
    const [from, to] = [randomBytes(32), randomBytes(32)]
    const before = await unlock(pool, from)
    const input = {
      name: 'Duty',
      kind: 'wecom',
      config: {},
      secrets: { url: 'https://x.example/K' },
      language: 'en',
      timezone: 'UTC',
      quiet: null,
      enabled: true,
    } as const
    const id = await createDestination(pool, before, input, 'test')
    await rotateMasterKey(pool, from, to)
    expect((await openDestination(pool, await unlock(pool, to), id))?.secrets).toEqual({ url: 'https://x.example/K' })
    await expect(openDestination(pool, before, id)).rejects.toThrow(/credentials|key/i)
  } finally {
    await pool.end()
    await database.drop()
  }
})
