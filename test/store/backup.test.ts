import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ingest } from '../../src/normalize/ingest.ts'
import { backup, restore } from '../../src/store/backup.ts'
import { createPool } from '../../src/store/db.ts'
import { DataKeys } from '../../src/store/envelope.ts'
import { unlock } from '../../src/store/master-key.ts'
import { audit, verifyAudit } from '../../src/store/people/audit.ts'
import { incoming, plainMapping } from '../support/builders.ts'
import { freshDatabase, type TestDatabase } from '../support/db.ts'

let databases: readonly TestDatabase[]
let folder: string
let [before, after]: readonly ReturnType<typeof createPool>[] = []
const context = { connectionId: 'c_b', channel: 'plain', timezone: 'UTC', currency: 'CNY', config: {}, sandbox: false }
const masterKey = randomBytes(32)

async function bring(pool: ReturnType<typeof createPool>, ...numbers: readonly string[]): Promise<void> {
  const box = await unlock(pool, masterKey)
  await ingest(
    { pool, box, keys: new DataKeys(pool, box), mappings: new Map([['plain', plainMapping]]), now: () => new Date() },
    context,
    numbers.map((no) => incoming({ no, at: '2026-11-01T00:00:00Z' })),
  )
}

beforeAll(async () => {
  databases = await Promise.all([freshDatabase(), freshDatabase()])
  const [from, to] = databases.map((database) => createPool(database.url))
  if (!from || !to) return
  ;[before, after] = [from, to]
  folder = await mkdtemp(join(tmpdir(), 'hub-backup-'))
  const file = join(folder, 'hub.gz')
  await from.query(`insert into connections (id, channel, name) values ('c_b', 'plain', 'b')`)
  await bring(from, 'B1', 'B2', 'B3')
  await from.query(`insert into effects (connection_id, kind, idempotency_key, order_id, intent, state, sent_at)
    select 'c_b', 'shipment', state, (select min(id) from orders), '{}', state, case when state = 'pending' then null else now() end from unnest(array['pending', 'sending', 'done', 'refused']) state`)
  await audit(from, { actor: 'system', action: 'old.entry' }, new Date())
  // The new hub was started once: people signed in there.
  await audit(to, { actor: 'system', action: 'new.entry' }, new Date())
  await backup(databases[0]?.url ?? '', file, () => undefined)
  // The old hub goes on: consumers hear of these, and the backup does not know them.
  await bring(from, 'B4', 'B5')
  await restore(databases[1]?.url ?? '', file, () => undefined)
})
afterAll(async () => {
  await Promise.all([before?.end(), after?.end()])
  await Promise.all(databases.map((database) => database.drop()))
  await rm(folder, { recursive: true, force: true })
})

describe('a hub restored from a backup', () => {
  it('goes on with the audit log of the backup, which only grows here too', async () => {
    if (!after) return
    await audit(after, { actor: 'system', action: 'next.entry' }, new Date())
    expect((await after.query('select action from audit_log order by id')).rows.map((row) => row.action)).toEqual(['old.entry', 'next.entry'])
    expect(await verifyAudit(after)).toMatchObject({ entries: 2, firstBroken: null })
    await expect(after.query('truncate audit_log')).rejects.toMatchObject({ code: '42501' })
  })

  it('sends nothing that may have been sent since: what waited is in doubt, what ended stays', async () => {
    const { rows } = await (after?.query(
      `select idempotency_key as was, state, not_before <= now() as due, sent_at is not null as dated from effects order by 1`,
    ) ?? {
      rows: [],
    })
    expect(rows).toEqual([
      { was: 'done', state: 'done', due: true, dated: true },
      { was: 'pending', state: 'unknown', due: true, dated: true },
      { was: 'refused', state: 'refused', due: true, dated: true },
      { was: 'sending', state: 'unknown', due: true, dated: true },
    ])
  })

  it('tells a consumer that had read further than the backup everything that comes now', async () => {
    const position = (await before?.query<{ seq: number }>('select max(seq) as seq from feed'))?.rows[0]?.seq ?? Number.NaN
    if (after) await bring(after, 'B4', 'B5')
    const seen = await after?.query('select o.channel_order_no as no from feed f join orders o on o.id = f.order_id where f.seq > $1 order by 1', [
      position,
    ])
    expect(seen?.rows).toEqual([{ no: 'B4' }, { no: 'B5' }])
  })
})
