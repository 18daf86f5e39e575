import { describe, expect, it } from 'vitest'
import { registry } from '../../connectors/index.ts'
import { mappings } from '../../mappings/index.ts'
import { createDouyin } from '../../sandbox/douyin/index.ts'
import { createKuaishou } from '../../sandbox/kuaishou/index.ts'
import { createPinduoduo } from '../../sandbox/pinduoduo/index.ts'
import { start } from '../../sandbox/server.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import { personAt } from '../../sandbox/stage/people.ts'
import { createWechatShop } from '../../sandbox/wechat-shop/index.ts'
import { createXiaohongshu } from '../../sandbox/xiaohongshu/index.ts'
import { createYouzan } from '../../sandbox/youzan/index.ts'
import type { Http, OpenedRecipient, SealedRecipient } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import { createAgents } from '../../src/kit/agents.ts'
import { createCall, memoryTokens } from '../../src/kit/call.ts'
import { createHttp } from '../../src/kit/http.ts'
import { parseJson } from '../../src/kit/json.ts'
import { memoryLimiter } from '../../src/kit/limiter.ts'

const CHANNELS = [
  { id: 'pinduoduo', limited: () => createPinduoduo({ decryptsPerDay: 3 }), spent: '50001:51005', standsIn: true },
  { id: 'douyin', limited: () => createDouyin({ decryptsPerDay: 3 }), spent: '50002:isv.business-failed:300007', standsIn: true },
  { id: 'kuaishou', limited: () => createKuaishou({ decryptsPerDay: 3 }), spent: '21', standsIn: false },
  { id: 'youzan', limited: () => createYouzan({ decryptsPerDay: 3 }), spent: '141502012', standsIn: false },
  { id: 'xiaohongshu', limited: () => createXiaohongshu({ decryptsPerDay: 1 }), spent: '100016', standsIn: true },
  { id: 'wechat-shop', limited: () => createWechatShop({ decodesPerDay: 1 }), spent: '100105', standsIn: true },
] as const

/** A shop that opens one recipient a day, with orders of two buyers who come one after the other, called through the real HTTP door. */
async function openShop(id: string, sim: MarketSim, rewrite = (body: string): string => body) {
  const [connector, mapping] = [registry.get(id), mappings.get(id)]
  if (!connector || !mapping) throw new Error(`No ${id}.`)
  const sandbox = await start({ shops: [{ name: 'one', sim }] })
  // Stand-ins end a while after they were asked for: in the same second, however slow the machine.
  sim.clock.freeze(Date.UTC(2026, 10, 22, 4))
  const url = sandbox.shops[0]?.url ?? ''
  const { host } = new URL(url)
  const config: unknown = connector.manifest.config.parse(sim.settings?.(url) ?? { url })
  const [now, signal] = [(): Date => new Date(sim.clock.now()), new AbortController().signal]
  const agents = createAgents({ allowPrivate: [host] })
  const limiter = memoryLimiter(sim.clock.now, (ms) => Promise.resolve(sim.clock.advance(ms)))
  const hosts = connector.manifest.hosts(config)
  const door = createHttp({ connector, connectionId: 'c_1', hosts, limiter, allowPrivate: [host], agents, now, signal })
  const http: Http = async (request) => {
    const response = await door(request)
    return { ...response, body: rewrite(response.body) }
  }
  const call = createCall({ connector, connectionId: 'c_1', config, secrets: sim.credentials, http, tokens: memoryTokens(), now, signal })
  sim.control.addItem({ title: 'Cup', sku: 'CUP', priceMinor: 1000, stock: 50 })
  const place = async (): Promise<SealedRecipient & { readonly person: number }> => {
    const placed = sim.control.placeOrder({ lines: [{ sku: 'CUP', quantity: 1 }] })
    if (!placed.ok) throw new Error(placed.reason)
    const [record] = (await connector.fetchOrder?.(call, [placed.orderId])) ?? []
    if (!record) throw new Error('The channel does not know its own order.')
    const doc = parseJson(record.payload)
    const mapped = mapping.map({ ...record, doc }, { connectionId: 'c_1', timezone: 'Asia/Shanghai', currency: 'CNY', config: Object(config) })
    expect(mapped).toMatchObject({ kind: 'order', order: { piiMode: expect.stringMatching(/^(?:cipher|mask|token)$/) } })
    const person = sim.market.orders.get(placed.orderId)?.person ?? -1
    return { orderId: record.externalId, channelOrderNo: placed.orderId, document: record.payload, purpose: 'shipping', person }
  }
  const open = (sealed: SealedRecipient): Promise<OpenedRecipient> => {
    if (!connector.decryptRecipient) throw new Error(`${id} opens no recipients.`)
    return connector.decryptRecipient(call, sealed)
  }
  return {
    sim,
    place,
    open,
    async stop() {
      agents.close()
      await sandbox.stop()
    },
  }
}

const faultOf = async (promise: Promise<unknown>): Promise<Fault> => {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ChannelError)) throw new Error(`No fault of a channel: ${String(error)}`)
  return error.fault
}

describe.each(CHANNELS)('$id', ({ id, limited, spent, standsIn }) => {
  it('opens whose order it is, says when a number only stands in, and passes on that the day’s quota is spent', { timeout: 60_000 }, async () => {
    const shop = await openShop(id, limited())
    try {
      const [first, second] = [await shop.place(), await shop.place()]
      expect(second.person).not.toBe(first.person)
      const midnight = 86_400_000
      for (const sealed of [first, second]) {
        const opened = await shop.open(sealed)
        const { lastName, firstName, line1, phone } = personAt(sealed.person)
        expect(opened).toMatchObject({ name: `${lastName}${firstName}`, address: expect.stringContaining(line1), city: expect.stringMatching(/市$/) })
        if (standsIn && sealed.person % 2 === 1)
          expect(opened).toMatchObject({ isVirtualPhone: true, phone: expect.stringMatching(/^\d{11}-\d{4}$/) })
        else expect([opened.phone, opened.isVirtualPhone]).toEqual([phone, undefined])
        // Once more costs nothing; another one is refused until the next day.
        expect(await shop.open(sealed)).toEqual(opened)
        const fault = await faultOf(shop.open(sealed === first ? second : await shop.place()))
        expect(fault).toMatchObject({ kind: 'refused', code: spent })
        expect(JSON.stringify(fault)).not.toMatch(new RegExp(sealed.orderId))
        shop.sim.clock.advance(midnight)
      }
    } finally {
      await shop.stop()
    }
  })
})

it('asks nobody, and spends nothing, where a document shows nothing that could be opened', async () => {
  const shop = await openShop('pinduoduo', createPinduoduo({ decryptsPerDay: 0 }))
  try {
    const sealed = await shop.place()
    shop.sim.control.ship(sealed.orderId)
    const masked = sealed.document.replaceAll(/"(receiver_(?:name|phone|address))":"[^"]*"/g, '"$1":""')
    expect(await faultOf(shop.open({ ...sealed, document: masked }))).toMatchObject({ kind: 'refused', code: 'nothing-sealed' })
    expect(await faultOf(shop.open(sealed))).toMatchObject({ kind: 'refused', code: '50001:51005' })
  } finally {
    await shop.stop()
  }
})

it('gives back the channel’s own number where it opens none of the texts', async () => {
  const shop = await openShop('pinduoduo', createPinduoduo())
  try {
    const [mine, other] = [await shop.place(), await shop.place()]
    // The texts of one order do not open under the number of another.
    expect(await faultOf(shop.open({ ...mine, document: other.document }))).toMatchObject({ kind: 'refused', code: '10' })
  } finally {
    await shop.stop()
  }
})

it('opens no Xiaohongshu recipient whose address was changed since the order was read, nor one of an order that left', async () => {
  const shop = await openShop('xiaohongshu', createXiaohongshu({ decryptsPerDay: 1 }))
  try {
    const [moved, sent, waiting] = [await shop.place(), await shop.place(), await shop.place()]
    expect(shop.sim.control.changeAddress(moved.orderId)).toMatchObject({ ok: true })
    expect(await faultOf(shop.open(moved))).toMatchObject({ kind: 'refused', code: 'address-changed' })
    shop.sim.control.ship(sent.orderId)
    expect(await faultOf(shop.open(sent))).toMatchObject({ kind: 'refused', code: 'nothing-sealed' })
    // Neither spent the one opening of the day.
    expect(await shop.open(waiting)).toMatchObject({ name: expect.any(String) })
  } finally {
    await shop.stop()
  }
})

/** What a document of the channel might look like as well, as far as clients and pages differ. */
const rewriting = (marker: string, change: (doc: Record<string, unknown>) => unknown) => (body: string) =>
  body.includes(marker) ? JSON.stringify(change(Object(parseJson(body)))) : body

describe('answers in another dress', () => {
  it.each([
    {
      id: 'youzan',
      create: createYouzan,
      dress: 'a list in the order of what was sent',
      rewrite: rewriting('"data":{"$', (doc) => ({ ...doc, data: Object.values(Object(doc['data'])) })),
    },
    {
      id: 'kuaishou',
      create: createKuaishou,
      dress: 'the list below data',
      rewrite: rewriting('batchDecryptResultList', ({ batchDecryptResultList, ...doc }) => ({ ...doc, data: { batchDecryptResultList } })),
    },
    {
      id: 'wechat-shop',
      create: createWechatShop,
      dress: 'the stand-in within the address',
      rewrite: rewriting('virtual_number_info', ({ virtual_number_info: beside, address_info, ...doc }) => {
        const { virtual_number, extension, expiration } = Object(beside)
        const within = { virtual_tel_number: `${virtual_number}-${extension}`, virtual_tel_expire_time: expiration }
        return { ...doc, address_info: { ...Object(address_info), tel_number_ext_info: within } }
      }),
    },
  ])('are read the same: $id, $dress', async ({ id, create, rewrite }) => {
    let rewritten = 0
    const counted = (body: string): string => {
      const odd = rewrite(body)
      if (odd !== body) rewritten += 1
      return odd
    }
    const [shop, other] = [await openShop(id, create({ seed: 5 })), await openShop(id, create({ seed: 5 }), counted)]
    try {
      for (let n = 0; n < 2; n += 1) {
        const [usual, odd] = [await shop.open(await shop.place()), await other.open(await other.place())]
        expect(odd).toEqual(usual)
        expect(odd).toMatchObject({ name: expect.any(String), phone: expect.stringMatching(/^[^*]{7,}$/), address: expect.any(String) })
      }
      expect(rewritten).toBeGreaterThan(0)
    } finally {
      await shop.stop()
      await other.stop()
    }
  })

  it('leave out what the channel would not open, and keep the rest', async () => {
    const refusing = (all: boolean) =>
      rewriting('"decrypt_infos"', (doc) => {
        const { decrypt_infos: items, ...data } = Object(doc['data'])
        const changed = [...items].map((item) => (all || item.data_type === 3 ? { ...item, decrypt_text: '', err_no: 300004 } : item))
        return { ...doc, data: { ...data, decrypt_infos: changed } }
      })
    const [some, none] = [await openShop('douyin', createDouyin(), refusing(false)), await openShop('douyin', createDouyin(), refusing(true))]
    try {
      const opened = await some.open(await some.place())
      expect([opened.phone, opened.name, opened.address]).toEqual([undefined, expect.any(String), expect.any(String)])
      expect(await faultOf(none.open(await none.place()))).toMatchObject({ kind: 'refused', code: '300004' })
    } finally {
      await some.stop()
      await none.stop()
    }
  })
})
