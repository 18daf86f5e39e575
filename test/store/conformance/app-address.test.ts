import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { registry } from '../../../connectors/index.ts'
import { createHookDoor } from '../../../src/app/hook-door.ts'
import type { Inbound } from '../../../src/core/connector.ts'
import { ChannelError } from '../../../src/core/fault.ts'
import type { HookReply } from '../../../src/http/deps.ts'
import { createHookSink } from '../../../src/intake/receive-hook.ts'
import { sealSecrets } from '../../../src/store/connection-secrets.ts'
import { testHub, type TestHub } from '../../support/builders.ts'
import { freshDatabase, type TestDatabase } from '../../support/db.ts'

const APP = { appKey: 'app-key-0123456789', appSecret: 'app-secret-0123456789' }
const OTHER = { appKey: 'other-key-0123456789', appSecret: 'other-secret-0123456789' }

let database: TestDatabase
let hub: TestHub
let accept: (messages: readonly unknown[], app?: typeof APP) => Promise<HookReply | undefined>

beforeAll(async () => {
  database = await freshDatabase()
  hub = await testHub(database.url)
  const { pool, box } = hub
  for (const [id, shopId, app] of [
    ['c_a', '111', APP],
    ['c_b', '222', APP],
    ['c_c', '333', OTHER],
  ] as const) {
    await pool.query(`insert into connections (id, channel, name, config, secrets) values ($1, 'douyin', $1, $2, $3)`, [
      id,
      { shopId },
      sealSecrets(box, id, app),
    ])
  }
  const door = createHookDoor({ pool, box, registry, sink: createHookSink(hub), now: () => new Date() })
  accept = (messages, app = APP) => door.acceptForApp('douyin', signed(JSON.stringify(messages), app))
})
afterAll(async () => {
  await hub.close()
  await database.drop()
})

const signed = (body: string, app: typeof APP): Inbound => ({
  method: 'POST',
  url: '/hooks/apps/douyin',
  query: {},
  body: Buffer.from(body),
  headers: { 'event-sign': createHash('md5').update(`${app.appKey}${body}${app.appSecret}`).digest('hex') },
})
const message = (shop: string, order: string): unknown => ({ tag: '100', msg_id: order, data: JSON.stringify({ p_id: order, shop_id: shop }) })
const stored = async (): Promise<readonly string[]> => {
  const { rows } = await hub.pool.query<{ id: string }>('select r.connection_id as id from inbox i join raw_events r on r.id = i.raw_id')
  await hub.pool.query('delete from inbox')
  return rows.map(({ id }) => id).sort()
}

it('gives a delivery to the connection whose shop it names, and one about several shops to each of them', async () => {
  expect(await accept([message('111', '1')])).toMatchObject({ status: 200 })
  expect(await stored()).toEqual(['c_a'])
  await accept([message('111', '2'), message('222', '3')])
  expect(await stored()).toEqual(['c_a', 'c_b'])
})

it('reads of a body for several shops only what is of the own one', () => {
  const body = JSON.stringify([message('111', '2'), message('222', '3')])
  const read = registry.get('douyin')?.readWebhook
  expect(read?.(body, { shop: '222' }).fetch).toEqual([{ kind: 'order', externalId: '3' }])
})

it('refuses what is signed with the secret of another app, also when it names a shop of ours', async () => {
  await expect(accept([message('111', '4')], OTHER)).rejects.toThrow(ChannelError)
  await expect(accept([message('111', '4')], { appKey: 'x', appSecret: 'y' })).rejects.toThrow(ChannelError)
  await expect(accept([message('999', '4')], { appKey: 'x', appSecret: 'y' })).rejects.toThrow(ChannelError)
  expect(await stored()).toEqual([])
})

it('answers messages of a shop nobody connected and trials of the address, signed by the app, and keeps none of them', async () => {
  expect(await accept([message('999', '5')])).toMatchObject({ status: 200 })
  expect(await accept([{ tag: '0', msg_id: '0', data: '{}' }])).toMatchObject({ status: 200 })
  expect(await stored()).toEqual([])
})

it('has no such address for a channel that sends each shop’s messages to its own', async () => {
  const door = createHookDoor({ pool: hub.pool, box: hub.box, registry, sink: createHookSink(hub), now: () => new Date() })
  expect(await door.acceptForApp('woocommerce', signed('{}', APP))).toBeUndefined()
  expect(await door.acceptForApp('nowhere', signed('{}', APP))).toBeUndefined()
})
