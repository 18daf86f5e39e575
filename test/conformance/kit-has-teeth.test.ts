import { expect, it } from 'vitest'
import type { AnyConnector, Call, Page } from '../../src/core/connector.ts'
import { checks } from './kit/checks/index.ts'
import { subjectOf, type Subject } from './kit/subject.ts'

type Sabotage = (subject: Subject) => Subject
type AnyCall = Call<unknown, unknown>

const woo = subjectOf('woocommerce')
const changed =
  (change: (connector: AnyConnector) => Partial<AnyConnector>): Sabotage =>
  (subject) => ({ ...subject, connector: { ...subject.connector, ...change(subject.connector) } })
const pagesChanged = (change: (page: Page, n: number, call: AnyCall) => Page | undefined): Sabotage =>
  changed(({ pullOrders }) => ({
    async *pullOrders(call, request) {
      let n = 0
      for await (const page of pullOrders?.(call, request) ?? []) {
        const put = change(page, n, call)
        n += 1
        if (put) yield put
      }
    },
  }))
const quietly = (call: AnyCall): AnyCall => ({ ...call, http: (request) => call.http({ ...request, limit: 'undeclared' }) })
const accepted = (body: Uint8Array) => ({
  deliveryId: String(body.length),
  type: 'event' as const,
  meta: { topic: 'order.updated' },
  reply: { status: 200, body: '' },
})

/** What a careless connector does, and the check that has to see it. */
const sabotages: readonly (readonly [check: string, what: string, sabotage: Sabotage, subject?: Subject])[] = [
  ['capabilities', 'declares what it does not do', changed(() => ({ fetchOrder: undefined as never }))],
  ['complete', 'loses an order on each page', pagesChanged((page) => ({ ...page, records: page.records.slice(1) }))],
  ['resume', 'moves its cursor a page too far', skipAhead],
  [
    'repeat',
    'writes something of its own into documents',
    pagesChanged((page) => ({ ...page, records: page.records.map((record) => ({ ...record, payload: `${record.payload}${Math.random()}` })) })),
  ],
  ['changed-meanwhile', 'hides what changed', pagesChanged((page) => (page.cursor === null ? { records: [], cursor: null } : page))],
  [
    'own-time',
    'stamps documents by its own clock',
    changed(({ fetchOrder }) => ({
      fetchOrder: async (call, ids) => ((await fetchOrder?.(call, ids)) ?? []).map((record) => ({ ...record, sourceTime: '2026-11-22T00:00:00Z' })),
    })),
  ],
  [
    'ties',
    'takes the start of a window for exclusive',
    changed(({ pullOrders }) => ({
      pullOrders: (call, request) =>
        pullOrders?.(call, { ...request, ...(request.window && { window: { ...request.window, from: later(request.window.from) } }) }) ?? none(),
    })),
  ],
  [
    'odd-cursor',
    'takes a cursor it does not know for the end',
    changed(({ pullOrders }) => ({
      pullOrders: (call, request) => (request.after && !('after' in request.after) ? none() : (pullOrders?.(call, request) ?? none())),
    })),
  ],
  ['bad-answers', 'does not read the channel’s own words', changed(() => ({ classify: () => undefined }))],
  [
    'words-of-the-channel',
    'calls everything transient',
    changed(() => ({ classify: (status) => ({ kind: 'transient', status, message: 'Try again.' }) })),
  ],
  [
    'pace',
    'goes round the limiter',
    changed(({ fetchOrder }) => ({ fetchOrder: async (call, ids) => (await fetchOrder?.(quietly(call), ids)) ?? [] })),
  ],
  [
    'revoked',
    'goes on trying',
    changed(({ pullOrders }) => ({ pullOrders: (call, request) => stubborn(() => pullOrders?.(call, request) ?? none()) })),
  ],
  [
    'one-renewal-for-eight',
    'renews without asking who else does',
    changed(({ fetchOrder, refreshToken }) => ({
      fetchOrder: async (call, ids) => (await fetchOrder?.({ ...call, renew: async () => (await refreshToken?.(call))?.values ?? {} }, ids)) ?? [],
    })),
    subjectOf('vendure'),
  ],
  [
    'opened-recipient',
    'passes a mask off as what the channel opened',
    changed(({ decryptRecipient }) => ({ decryptRecipient: async (call, sealed) => ({ ...(await decryptRecipient?.(call, sealed)), name: '张*' }) })),
    subjectOf('pinduoduo'),
  ],
  [
    'opened-recipient',
    'makes a recipient up where the channel knows no such order',
    changed(({ decryptRecipient }) => ({
      decryptRecipient: async (call, sealed) => (await decryptRecipient?.(call, sealed).catch(() => ({}))) ?? {},
    })),
    subjectOf('wechat-shop'),
  ],
  [
    'good-delivery',
    'gives a delivery a new id each time',
    changed(({ verifyWebhook }) => ({
      verifyWebhook: (...given) => ({ ...(verifyWebhook?.(...given) ?? accepted(given[0].body)), deliveryId: String(Math.random()) }),
    })),
  ],
  ['forged-delivery', 'checks no signature', changed(() => ({ verifyWebhook: ({ body }) => accepted(body) }))],
  ['wrong-secret', 'checks no signature', changed(() => ({ verifyWebhook: ({ body }) => accepted(body) }))],
  [
    'subscription-dropped',
    'believes that subscriptions stay',
    changed(({ ensureWebhooks }) => ({
      ensureWebhooks: once(
        async (call, target) => (await ensureWebhooks?.(call, target)) ?? { healthy: false, detail: '', topics: [], ids: [], repaired: false },
      ),
    })),
  ],
  [
    'batch-too-large',
    'sends what fits and forgets the rest',
    changed(({ pushInventory }) => ({ pushInventory: async (call, writes) => (await pushInventory?.(call, writes.slice(0, 100))) ?? [] })),
  ],
  [
    'levels-out',
    'sets one too many',
    changed(({ pushInventory }) => ({
      pushInventory: async (call, writes) =>
        (await pushInventory?.(
          call,
          writes.map((write) => ({ ...write, quantity: write.quantity + 1 })),
        )) ?? [],
    })),
  ],
  [
    'stock-facts',
    'reads a level once and believes it for ever',
    changed(({ readInventory }) => ({ readInventory: once(async (call, asked) => (await readInventory?.(call, asked)) ?? []) })),
  ],
  [
    'lost-answer-timeout',
    'takes silence for a refusal',
    changed(({ pushInventory }) => ({
      pushInventory: async (call, writes) =>
        ((await pushInventory?.(call, writes)) ?? []).map((outcome) => (outcome.status === 'unknown' ? { ...outcome, status: 'refused' } : outcome)),
    })),
  ],
  [
    'ship-whole',
    'says applied without doing it',
    changed(() => ({ pushShipment: ({ connectionId }, { key }) => Promise.resolve({ key, status: 'applied', proof: { connectionId } }) })),
  ],
  [
    'cancel-decision',
    'says applied without doing it',
    changed(() => ({ decideCancel: (_call, { key }) => Promise.resolve({ key, status: 'applied' }) })),
  ],
  [
    'canaries',
    'keeps a key in its cursor',
    pagesChanged((page, _n, call) => ({
      ...page,
      cursor: page.cursor && { ...page.cursor, key: String(Reflect.get(Object(call.secrets), 'consumerSecret')) },
    })),
  ],
  [
    'strange-status',
    'ignores what it does not know',
    (subject) => ({ ...subject, mapping: { ...subject.mapping, map: (raw, context) => orIgnored(() => subject.mapping.map(raw, context)) } }),
  ],
  [
    'drifted-documents',
    'trips over a missing member',
    (subject) => ({
      ...subject,
      mapping: {
        ...subject.mapping,
        map: (raw, context) => (!('line_items' in Object(raw.doc)) ? Object(undefined).no.such : subject.mapping.map(raw, context)),
      },
    }),
  ],
]

const trials = sabotages.map(([id, what, sabotage, subject = woo]) => ({ id, what, sabotage, subject }))

it.each(trials)('$id sees a connector that $what', { timeout: 120_000 }, async ({ id, sabotage, subject }) => {
  const check = checks.find((one) => one.id === id)
  expect(check?.beside?.(subject)).toBeUndefined()
  const trouble = await check?.run(sabotage(subject)).then(
    () => 'nothing was seen',
    (error: unknown) => error,
  )
  expect(trouble).toBeInstanceOf(Error)
})

/** Hands out the cursor of the page after. */
function skipAhead(subject: Subject): Subject {
  return changed(({ pullOrders }) => ({
    async *pullOrders(call, request) {
      const pages: Page[] = []
      for await (const page of pullOrders?.(call, request) ?? []) pages.push(page)
      for (const [n, page] of pages.entries()) yield { ...page, cursor: page.cursor && (pages[n + 1]?.cursor ?? page.cursor) }
    },
  }))(subject)
}

async function* none(): AsyncGenerator<Page> {
  yield { records: [], cursor: null }
}

async function* stubborn(pull: () => AsyncIterable<Page>): AsyncGenerator<Page> {
  for (let tries = 0; ; tries += 1) {
    try {
      yield* pull()
      return
    } catch (error) {
      if (tries > 8) throw error
    }
  }
}

const later = (instant: string): string => new Date(Date.parse(instant) + 1000).toISOString()

/** The first answer for ever. */
function once<A extends readonly unknown[], T>(work: (...given: A) => Promise<T>): (...given: A) => Promise<T> {
  let first: Promise<T> | undefined
  return (...given) => (first ??= work(...given))
}

function orIgnored<T>(map: () => T): T | { readonly kind: 'ignore'; readonly rule: string; readonly reason: string } {
  try {
    return map()
  } catch {
    return { kind: 'ignore', rule: 'unknown', reason: 'Not known.' }
  }
}
