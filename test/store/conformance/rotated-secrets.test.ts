import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { registry } from '../../../connectors/index.ts'
import { createHookDoor } from '../../../src/app/hook-door.ts'
import type { Inbound } from '../../../src/core/connector.ts'
import { ChannelError } from '../../../src/core/fault.ts'
import { createHookSink } from '../../../src/intake/receive-hook.ts'
import { sealSecrets } from '../../../src/store/connection-secrets.ts'
import { changeConnection } from '../../../src/store/edit/connections.ts'
import { testHub, type TestHub } from '../../support/builders.ts'
import { freshDatabase, type TestDatabase } from '../../support/db.ts'

const [OLD, NEW, NEWER] = ['hook-old-0123456789', 'hook-new-0123456789', 'hook-newer-0123456789']
const DAY_MS = 86_400_000

let database: TestDatabase
let hub: TestHub
let clock: { ms: number }
let accept: (body: string, secret: string) => Promise<number>

beforeAll(async () => {
  database = await freshDatabase()
  hub = await testHub(database.url)
  const { pool, box } = hub
  const secrets = sealSecrets(box, 'c_rotate', { consumerKey: 'ck_1', consumerSecret: 'cs_1', webhookSecret: OLD })
  await pool.query(`insert into connections (id, channel, name, secrets) values ('c_rotate', 'woocommerce', 'Rotating', $1)`, [secrets])
  clock = { ms: Date.now() }
  const door = createHookDoor({ pool, box, registry, sink: createHookSink(hub), now: () => new Date(clock.ms) })
  accept = async (body, secret) => (await door.accept({ id: 'c_rotate', channel: 'woocommerce' }, signed(body, secret))).status
})
afterAll(async () => {
  await hub.close()
  await database.drop()
})

const signed = (body: string, secret: string): Inbound => ({
  method: 'POST',
  url: '/hooks/t',
  query: {},
  body: Buffer.from(body),
  headers: { 'x-wc-webhook-topic': 'order.updated', 'x-wc-webhook-signature': createHmac('sha256', secret).update(body).digest('base64') },
})
const rotate = (webhookSecret: string): Promise<void> => changeConnection(hub.pool, hub.box, 'c_rotate', { secrets: { webhookSecret } }, undefined)

it('takes deliveries signed with either secret for a day after a change, and with none that came before', async () => {
  expect(await accept('{"id":1}', OLD)).toBe(200)
  await expect(accept('{"id":2}', NEW)).rejects.toThrow(ChannelError)
  await rotate(NEW)
  clock.ms += 1000
  expect(await accept('{"id":3}', NEW)).toBe(200)
  expect(await accept('{"id":4}', OLD)).toBe(200)
  await rotate(NEWER)
  clock.ms += 6000
  expect(await accept('{"id":5}', NEWER)).toBe(200)
  expect(await accept('{"id":6}', NEW)).toBe(200)
  await expect(accept('{"id":7}', OLD)).rejects.toThrow(ChannelError)
  clock.ms += DAY_MS
  expect(await accept('{"id":8}', NEWER)).toBe(200)
  await expect(accept('{"id":9}', NEW)).rejects.toThrow(ChannelError)
  expect((await hub.pool.query(`select 1 from inbox`)).rowCount).toBe(6)
})
