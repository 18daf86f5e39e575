import { expect } from 'vitest'
import { ChannelError } from '../../../../src/core/fault.ts'
import type { Party } from '../../../../src/core/order.ts'
import { mapRecord } from '../../../../src/normalize/prepare.ts'
import { either, expectNone, needs, needsHttp, type Check } from '../check.ts'
import { everything, faultOf, orderOf, pages, recordsOf } from '../reading.ts'
import { onStage, type Stage } from '../stage.ts'
import { ability, type Subject } from '../subject.ts'
import { severalPages } from './reading.ts'

const SHORTEST = 6
const WRONG = 'wrong-CANARY-credential'

export const privacy: readonly Check[] = [
  {
    id: 'canaries',
    title:
      'no credential, token, address or name of a buyer stands in a log line, an error, a cursor or an id; none in a document it was not sent in',
    beside: either(needs('pullOrders'), needsHttp),
    run: (subject) =>
      onStage(subject, { products: 10, orders: severalPages(subject, 2) }, async (stage) => {
        const tokens: string[] = []
        const call = stage.call()
        const found = await pages(subject, call, everything(stage))
        tokens.push(...Object.values(await call.tokens()))
        const secrets = [...Object.values(stage.secrets), ...tokens, WRONG].filter((text) => text.length >= SHORTEST)
        const people = [...new Set(recordsOf(found).flatMap((record) => peopleIn(stage, record)))].filter((text) => text.length >= SHORTEST)
        expect(secrets.length).toBeGreaterThan(0)
        expect(people.length).toBeGreaterThan(0)
        const errors = await everyError(subject, stage)
        expect(errors.length).toBeGreaterThan(5)
        expect(stage.log.length).toBeGreaterThan(5)
        const told = {
          log: stage.log.join('\n'),
          errors: errors.join('\n'),
          positions: JSON.stringify(found.map((page) => page.cursor)),
          ids: JSON.stringify(recordsOf(found).map(({ kind, externalId, parentId }) => [kind, externalId, parentId])),
        }
        const leaks = Object.entries(told).flatMap(([where, text]) =>
          [...secrets, ...people].filter((canary) => text.includes(canary)).map((canary) => `${where}: ${canary}`),
        )
        expectNone(leaks)
        const documents = JSON.stringify(recordsOf(found).map((record) => record.payload))
        expect(secrets.filter((secret) => documents.includes(secret))).toEqual([])
        for (const line of stage.log) expect(line).not.toMatch(/[?&][a-z_]+=/i)
      }),
  },
  {
    id: 'hosts',
    title: 'nothing is read from or written to an address outside the connection’s own hosts',
    beside: either(needs('pullOrders'), needsHttp),
    run: (subject) =>
      onStage(subject, { products: 10, orders: 6 }, async (stage) => {
        const { call } = stage
        await pages(subject, call(), everything(stage))
        await subject.connector.check(call())
        if (subject.connector.pullListings)
          for await (const page of subject.connector.pullListings(call(), undefined)) if (page.cursor === null) break
        const { manifest } = subject.connector
        const origins = manifest.hosts(manifest.config.parse(stage.context.config)).map((host) => new URL(host).origin)
        expect(stage.asked.length).toBeGreaterThan(2)
        expect([...new Set(stage.asked.map((url) => new URL(url).origin))].filter((origin) => !origins.includes(origin))).toEqual([])
        const elsewhere = stage.call({ rewrite: (body) => body.replaceAll(new URL(stage.asked[0] ?? '').host, 'attacker.example') })
        await pages(subject, elsewhere, everything(stage)).catch((error: unknown) => expect(error).toBeInstanceOf(ChannelError))
        expect(stage.asked.filter((url) => url.includes('attacker.example'))).toEqual([])
      }),
  },
  {
    id: 'opened-recipient',
    title: 'a sealed recipient is opened by the channel, whole and for its own order alone, stands in no log, and an order nobody knows is refused',
    beside: needs('decryptRecipient'),
    run: (subject) =>
      onStage(subject, { products: 10, orders: severalPages(subject, 2) }, async (stage) => {
        const records = recordsOf(await pages(subject, stage.call(), everything(stage))).filter(({ kind }) => kind === 'order')
        const sealed = records.flatMap((record) => {
          const { piiMode, channelOrderNo, cancelled, closed, payment, fulfilment } = orderOf(stage, record)
          // Channels open recipients for sending: of orders that are paid and wait.
          const waits = payment === 'paid' && fulfilment === 'unallocated' && !cancelled && !closed
          return piiMode === 'plain' || !waits ? [] : [{ orderId: record.externalId, channelOrderNo, document: record.payload }]
        })
        expect(sealed.length).toBeGreaterThan(1)
        const open = ability(subject, 'decryptRecipient')
        const before = stage.log.length
        for (const one of sealed.slice(0, 3)) {
          const { name = '', phone = '', address = '' } = await open(stage.call(), { ...one, purpose: 'shipping' })
          for (const text of [name, phone, address]) {
            expect(text).not.toBe('')
            expect(text).not.toContain('*')
            expect(one.document).not.toContain(text)
            expect(stage.log.slice(before).join('\n')).not.toContain(text)
          }
        }
        const [first] = sealed
        const fault = await faultOf(open(stage.call(), { orderId: '1', channelOrderNo: '1', document: '{}', purpose: 'support' }))
        expect(['refused', 'missing']).toContain(fault.kind)
        expect(JSON.stringify(fault)).not.toContain(first?.document.slice(0, 40))
      }),
  },
]

/** Everything of a record that names, finds or describes a person, in whatever form it was sent. */
function peopleIn(stage: Stage, record: Parameters<typeof mapRecord>[0]): readonly string[] {
  const outcome = mapRecord(record, stage.subject.mapping, stage.context)
  if (outcome.kind !== 'order') return []
  const { recipient, billTo, buyerNote } = outcome.order
  return [...partyTexts(recipient), ...partyTexts(billTo), buyerNote ?? '']
}

const partyTexts = (party: Party | undefined): readonly string[] =>
  party ? [party.name, party.phone, party.email, party.address, party.channelId].flatMap((text) => (text ? text.split('\n') : [])) : []

/** Provokes faults of every sort and keeps all that an error can tell. */
async function everyError(subject: Subject, stage: Stage): Promise<readonly string[]> {
  const told: string[] = []
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error
      told.push(
        `${JSON.stringify(error.fault)} ${error.stack ?? ''} ${String(error.cause)} ${error.cause instanceof Error ? (error.cause.stack ?? '') : ''}`,
      )
    }
  }
  let deadline: number | undefined
  const read = (): Promise<unknown> => pages(subject, stage.call({ timeoutMs: () => deadline }), everything(stage))
  for (const kind of ['429', '500', 'html', 'truncated', 'gbk', 'null-data', 'throttle200', 'unauthorized', 'reset', 'timeout'] as const) {
    stage.sim.control.setFault({ kind, ...(kind === 'truncated' ? { clean: true } : {}) })
    deadline = kind === 'timeout' ? 300 : undefined
    await attempt(read)
    stage.sim.control.clearFaults()
  }
  const wrong = Object.fromEntries(Object.keys(stage.sim.credentials).map((name) => [name, WRONG]))
  const fresh = {
    read: () => Promise.resolve({}),
    renew: async (_: unknown, refresh: () => Promise<{ readonly values: Readonly<Record<string, string>> }>) => (await refresh()).values,
  }
  await attempt(() => pages(subject, stage.call({ secrets: wrong, tokens: fresh }), everything(stage)))
  await attempt(() =>
    Promise.resolve(ability(subject, 'pullOrders')).then((pull) => pull(stage.call(), { stream: 'no-such-stream' })[Symbol.asyncIterator]().next()),
  )
  return told
}
