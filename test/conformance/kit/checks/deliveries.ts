import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Delivery, Inbound } from '../../../../src/core/connector.ts'
import { ChannelError } from '../../../../src/core/fault.ts'
import { either, expectNone, needs, type Check } from '../check.ts'
import { done, trouble } from '../lever.ts'
import { truthIds } from '../reading.ts'
import { openSink, type Sink } from '../sink.ts'
import { HOOK_SECRET, onStage, type Stage } from '../stage.ts'
import { ability, capabilitiesOf, type Subject } from '../subject.ts'

const OTHER_SECRET = 'hook-OTHER-connection-9876543210'
const PATIENCE_MS = 10_000
/** Channels repeat what was not answered for hours. */
const LATE_MS = 4 * 3_600_000

/** An app's own secret signs, which nobody chooses. */
const ownSecret = (subject: Subject): string | undefined =>
  capabilitiesOf(subject).verifyWebhook?.secretScope === 'app' ? 'the app’s secret signs' : undefined

export const deliveries: readonly Check[] = [
  {
    id: 'good-delivery',
    title: 'a delivery the channel signed passes, has the same id each time, a 2xx reply, and leads to the order it is about',
    beside: needs('verifyWebhook', 'readWebhook'),
    run: (subject) =>
      withDelivery(subject, async ({ stage, inbound, orderId }) => {
        const [first, again] = [verify(stage, inbound), verify(stage, inbound)]
        expect(first.type).toBe('event')
        expect(again.deliveryId).toBe(first.deliveryId)
        expect(first.reply.status).toBeGreaterThanOrEqual(200)
        expect(first.reply.status).toBeLessThan(300)
        const content = ability(subject, 'readWebhook')(Buffer.from(inbound.body).toString('utf8'), first.meta)
        expect([...content.records, ...content.fetch].map((one) => ('parentId' in one ? one.parentId : one.externalId))).toContain(orderId)
      }),
  },
  {
    id: 'forged-delivery',
    title: 'one changed byte in body or signature, a missing, shortened or longer signature, re-written JSON: all refused as unauthorized',
    beside: needs('verifyWebhook'),
    run: (subject) => withDelivery(subject, ({ stage, inbound }) => Promise.resolve(expectForgeriesRefused(stage, inbound))),
  },
  {
    id: 'wrong-secret',
    title: 'an empty or missing secret of ours, and another connection’s, refuse even a well-signed delivery',
    beside: needs('verifyWebhook'),
    run: (subject) =>
      withDelivery(subject, ({ stage, inbound }) => {
        const deciding = Object.keys(stage.secrets).filter((name) => refused(() => verify(stage, inbound, { [name]: OTHER_SECRET })))
        expect(deciding.length).toBeGreaterThan(0)
        for (const name of deciding) {
          for (const value of ['', undefined, `${stage.secrets[name]} `])
            expect({ name, value, refused: refused(() => verify(stage, inbound, { [name]: value })) }).toMatchObject({ refused: true })
        }
        return Promise.resolve()
      }),
  },
  {
    id: 'unsigned-secret',
    title: 'a delivery signed with an empty secret is refused while our own secret is empty',
    beside: either(needs('verifyWebhook'), ownSecret),
    run: (subject) =>
      withDelivery(
        subject,
        ({ stage, inbound }) => {
          expect(refused(() => verify(stage, inbound, { webhookSecret: '' }))).toBe(true)
          expect(refused(() => verify(stage, inbound))).toBe(true)
          return Promise.resolve()
        },
        '',
      ),
  },
  {
    id: 'stale-delivery',
    title:
      'a delivery that comes four hours late is the same delivery; where the signature covers a time, it is refused one second after that time is up',
    beside: needs('verifyWebhook'),
    run: (subject) =>
      withDelivery(subject, ({ stage, inbound }) => {
        const seconds = capabilitiesOf(subject).verifyWebhook?.maxAgeSeconds
        const { deliveryId } = verify(stage, inbound)
        if (seconds === undefined) {
          stage.sim.clock.advance(LATE_MS)
          expect(verify(stage, inbound).deliveryId).toBe(deliveryId)
        } else {
          stage.sim.clock.advance((seconds - 1) * 1000)
          expect(verify(stage, inbound).deliveryId).toBe(deliveryId)
          stage.sim.clock.advance(2000)
          expect(refused(() => verify(stage, inbound))).toBe(true)
        }
        return Promise.resolve()
      }),
  },
  {
    id: 'odd-delivery',
    title: 'an empty body, a body that is no document, and two signatures at once end in a ChannelError, never in a crash',
    beside: needs('verifyWebhook', 'readWebhook'),
    run: (subject) =>
      withDelivery(subject, ({ stage, inbound }) => {
        for (const body of ['', '{', 'null', '[]', '<xml/>', 'a=1&b=2', '\u0000']) {
          refused(() => verify(stage, { ...inbound, body: Buffer.from(body) }))
          refused(() => ability(subject, 'readWebhook')(body, verify(stage, inbound).meta))
        }
        for (const [name, value] of deciding(stage, inbound).headers)
          expect(refused(() => verify(stage, withHeader(inbound, name, `${value}, ${value}`)))).toBe(true)
        return Promise.resolve()
      }),
  },
  {
    id: 'routed-delivery',
    title:
      'a delivery to the address of an app names the shop of its connection and of no other; a body that is no document names none, without a crash',
    beside: ({ connector }) => (connector.routeWebhook ? undefined : 'each connection has an address of its own'),
    run: (subject) =>
      withDelivery(subject, ({ stage, inbound }) => {
        const { routeWebhook } = subject.connector
        const mine = routeWebhook?.shopOf(stage.call().config) ?? ''
        expect(mine).not.toBe('')
        expect([...new Set(routeWebhook?.shopsIn(inbound))]).toEqual([mine])
        for (const body of ['', '{', 'null', '[]', '[null]', '<xml/>', 'a=1&b=2', '\u0000'])
          expect(routeWebhook?.shopsIn({ ...inbound, body: Buffer.from(body), query: {} })).toEqual([])
        return Promise.resolve()
      }),
  },
  {
    id: 'subscription-dropped',
    title: 'a subscription that vanished is made again, and deliveries arrive; with everything in place nothing is changed',
    beside: needs('ensureWebhooks'),
    run: (subject) =>
      onStage(subject, { products: 10 }, async (stage) => {
        const sink = await openSink()
        try {
          const ensure = ability(subject, 'ensureWebhooks')
          const target = { url: sink.url, secret: HOOK_SECRET }
          const first = await ensure(stage.call(), target)
          expect([first.healthy, first.repaired, first.topics.length > 0]).toEqual([true, true, true])
          const second = await ensure(stage.call(), target)
          expect([second.healthy, second.repaired, [...second.ids].sort()]).toEqual([true, false, [...first.ids].sort()])
          trouble(stage, 'dropSubscriptions')()
          expect(await ensure(stage.call(), target)).toMatchObject({ healthy: true, repaired: true })
          done(stage.sim.control.shop())
          await heardOne(stage, sink)
        } finally {
          await sink.stop()
        }
      }),
  },
]

interface Delivered {
  readonly stage: Stage
  readonly inbound: Inbound
  readonly orderId: string
}

/** A real delivery about a new order, from a simulated channel that signs by itself. */
async function withDelivery(subject: Subject, play: (given: Delivered) => Promise<void>, secret = HOOK_SECRET): Promise<void> {
  await onStage(subject, { products: 10 }, async (stage) => {
    const sink = await openSink()
    try {
      await subscribe(stage, { url: sink.url, secret })
      done(stage.sim.control.shop())
      const inbound = await heardOne(stage, sink)
      await play({ stage, inbound, orderId: truthIds(stage)[0] ?? '' })
    } finally {
      await sink.stop()
    }
  })
}

/** Through the connector where it can, by the seller's own hand where the channel has no call for it. */
export async function subscribe(stage: Stage, target: { readonly url: string; readonly secret: string }): Promise<void> {
  const { connector, id } = stage.subject
  if (stage.sim.subscribe) return stage.sim.subscribe(target)
  if (!connector.ensureWebhooks) throw new Error(`Nobody can subscribe at ${id}: it has no ensureWebhooks, and its simulator no subscribe.`)
  await connector.ensureWebhooks(stage.call(), target)
}

async function heardOne(stage: Stage, sink: Sink): Promise<Inbound> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(5)) {
    const event = sink.heard.find((inbound) => isEvent(stage, inbound))
    if (event) return event
  }
  throw new Error(`No delivery came within ${PATIENCE_MS} ms; ${sink.heard.length} others did.`)
}

/** A delivery about something, as opposed to the channel's own trial of the address. */
function isEvent(stage: Stage, inbound: Inbound): boolean {
  try {
    return verify(stage, inbound).type === 'event'
  } catch {
    return inbound.body.length > 60
  }
}

function verify(stage: Stage, inbound: Inbound, change: Readonly<Record<string, string | undefined>> = {}): Delivery {
  return ability(stage.subject, 'verifyWebhook')(inbound, { ...stage.secrets, ...change }, new Date(stage.now()), stage.context.config)
}

/** True when it ends in a refusal; any other error than ChannelError fails the check. */
function refused(work: () => unknown): boolean {
  try {
    work()
    return false
  } catch (error) {
    if (error instanceof ChannelError) return true
    throw error
  }
}

const withHeader = (inbound: Inbound, name: string, value: string | undefined): Inbound => {
  const headers = Object.entries(inbound.headers).filter(([other]) => other !== name)
  return { ...inbound, headers: Object.fromEntries(value === undefined ? headers : [...headers, [name, value]]) }
}
const withQuery = (inbound: Inbound, name: string, value: string | undefined): Inbound => {
  const query = Object.entries(inbound.query).filter(([other]) => other !== name)
  const changed = Object.fromEntries(value === undefined ? query : [...query, [name, value]])
  const url = new URL(inbound.url)
  url.search = new URLSearchParams(changed).toString()
  return { ...inbound, query: changed, url: url.toString() }
}

/** Headers and query parameters without which the delivery is refused: the signature, and what it covers besides the body. */
function deciding(stage: Stage, inbound: Inbound) {
  const needed = (change: Inbound): boolean => refused(() => verify(stage, change))
  return {
    headers: Object.entries(inbound.headers).filter(([name]) => needed(withHeader(inbound, name, undefined))),
    query: Object.entries(inbound.query).filter(([name]) => needed(withQuery(inbound, name, undefined))),
  }
}

function expectForgeriesRefused(stage: Stage, inbound: Inbound): void {
  const let_: string[] = []
  const expectRefused = (what: string, forged: Inbound): void => {
    if (!refused(() => verify(stage, forged))) let_.push(what)
  }
  const body = Buffer.from(inbound.body)
  for (const at of [0, Math.floor(body.length / 2), body.length - 1]) {
    const changed = Buffer.from(body)
    changed[at] = (changed[at] ?? 0) ^ 1
    expectRefused(`body byte ${at}`, { ...inbound, body: changed })
  }
  expectRefused('one byte more', { ...inbound, body: Buffer.concat([body, Buffer.from(' ')]) })
  for (const rewritten of rewrittenJson(body)) expectRefused('re-written JSON', { ...inbound, body: rewritten })
  const { headers, query } = deciding(stage, inbound)
  expect(headers.length + query.length).toBeGreaterThan(0)
  const signatures = [
    ...headers.map(([name, value]) => ({ value, put: (text: string) => withHeader(inbound, name, text) })),
    ...query.map(([name, value]) => ({ value, put: (text: string) => withQuery(inbound, name, text) })),
  ]
  for (const { value, put } of signatures) {
    for (const forged of ['', value.slice(1), value.slice(0, -4), `${value}00`, flipped(value), 'x', '😀'.repeat(10)])
      expectRefused(`signature "${forged.slice(0, 12)}"`, put(forged))
  }
  expectNone(let_)
}

/** Another letter of the same alphabet in the middle. */
function flipped(text: string): string {
  const at = Math.floor(text.length / 2)
  return `${text.slice(0, at)}${text[at] === 'a' || text[at] === '1' ? (text[at] === 'a' ? 'b' : '2') : /\d/.test(text[at] ?? '') ? '1' : 'a'}${text.slice(at + 1)}`
}

/** The same document in other bytes: what a proxy or a body parser makes of it. */
function rewrittenJson(body: Buffer): readonly Buffer[] {
  try {
    const doc: unknown = JSON.parse(body.toString('utf8'))
    return [JSON.stringify(doc), JSON.stringify(doc, null, 2)].map((text) => Buffer.from(text)).filter((bytes) => !bytes.equals(body))
  } catch {
    return []
  }
}
