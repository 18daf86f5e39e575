import { createServer } from 'node:http'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { z } from 'zod'
import type { Fault as Trouble } from '../../../../sandbox/stage/faults.ts'
import type { Fault, FaultKind } from '../../../../src/core/fault.ts'
import { createHttp } from '../../../../src/kit/http.ts'
import { memoryLimiter } from '../../../../src/kit/limiter.ts'
import { either, expectNone, needs, needsHttp, type Check } from '../check.ts'
import { placeOf } from '../folders.ts'
import { everything, faultOf, orderIds, pages, recordsOf, stored } from '../reading.ts'
import { CONNECTION, onStage } from '../stage.ts'
import { ability, type Subject } from '../subject.ts'
import { severalPages } from './reading.ts'

const QUARTER_HOUR_MS = 900_000
/** Short for everybody: what hangs or drips ends after this, whatever deadline the connector asked for. */
const DEADLINE_MS = 600
/** The simulator hangs for two minutes; a call that outlives its deadline shows long before. */
const FAR_BEYOND_MS = 15_000
const WAITS: ReadonlySet<string> = new Set(['timeout', 'drip'])

type Expected = Partial<Fault> & { readonly kind: FaultKind }
interface Case {
  readonly trouble: Trouble
  readonly expected: Expected
}
const throttled = (retryAfterMs?: number): Expected => ({ kind: 'throttled', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })

/** What the channel (or somebody before it) answers, and what has to be made of it. */
const cases: Readonly<Record<string, Case>> = {
  '429 with seconds': { trouble: { kind: '429', retryAfter: '7' }, expected: throttled(7000) },
  '429 without a wait': { trouble: { kind: '429', retryAfter: null }, expected: throttled() },
  '429 with 0': { trouble: { kind: '429', retryAfter: '0' }, expected: throttled() },
  '429 with 1e9': { trouble: { kind: '429', retryAfter: '1000000000' }, expected: throttled(QUARTER_HOUR_MS) },
  '429 with a negative wait': { trouble: { kind: '429', retryAfter: '-5' }, expected: throttled() },
  'throttling inside 200': { trouble: { kind: 'throttle200' }, expected: throttled() },
  '500': { trouble: { kind: '500' }, expected: { kind: 'transient' } },
  '502': { trouble: { kind: '502' }, expected: { kind: 'transient' } },
  '503': { trouble: { kind: '503', retryAfter: null }, expected: { kind: 'transient' } },
  '503 with a wait': { trouble: { kind: '503', retryAfter: '600' }, expected: throttled(600_000) },
  '504': { trouble: { kind: '504' }, expected: { kind: 'transient' } },
  'a page for people': { trouble: { kind: 'html' }, expected: { kind: 'unreadable' } },
  'nothing at all': { trouble: { kind: 'empty' }, expected: { kind: 'unreadable' } },
  'half an answer under an honest length': { trouble: { kind: 'truncated', clean: true }, expected: { kind: 'unreadable' } },
  'an answer that breaks off': { trouble: { kind: 'truncated' }, expected: { kind: 'transient' } },
  'bytes of GBK': { trouble: { kind: 'gbk' }, expected: { kind: 'unreadable' } },
  'a gzip bomb': { trouble: { kind: 'bomb' }, expected: { kind: 'unreadable' } },
  'null where data belongs': { trouble: { kind: 'null-data' }, expected: { kind: 'unreadable' } },
  silence: { trouble: { kind: 'timeout' }, expected: { kind: 'transient' } },
  'a byte at a time': { trouble: { kind: 'drip' }, expected: { kind: 'transient' } },
  'a reset': { trouble: { kind: 'reset' }, expected: { kind: 'transient' } },
  'a refused credential': { trouble: { kind: 'unauthorized' }, expected: { kind: 'unauthorized' } },
}

export const answers: readonly Check[] = [
  {
    id: 'bad-answers',
    title: `${Object.keys(cases).length} kinds of bad answers on a later page: named by what has to happen next, ended within the deadline, no page handed out, and resumed without a gap`,
    beside: either(needs('pullOrders'), needsHttp),
    run: async (subject) => {
      const wrong: string[] = []
      const names = Object.entries(cases)
      // A few at a time: most of them only wait.
      const lanes = Array.from({ length: 6 }, async () => {
        for (let next = names.shift(); next; next = names.shift()) {
          const [name, given] = next
          await tryAnswer(subject, given).catch((error: unknown) => wrong.push(`${name}: ${error instanceof Error ? error.message : String(error)}`))
        }
      })
      await Promise.all(lanes)
      expectNone(wrong)
    },
  },
  {
    id: 'retry-after-date',
    title: 'a Retry-After that is a date is waited for until then, on the channel’s clock',
    beside: either(needs('pullOrders'), needsHttp),
    run: (subject) =>
      onStage(subject, { products: 10, orders: 12 }, async (stage) => {
        const call = stage.call()
        await pages(subject, call, everything(stage))
        stage.sim.control.setFault({ kind: '429', retryAfter: new Date(stage.now() + 42_000).toUTCString() })
        expect(await faultOf(pages(subject, call, everything(stage)))).toMatchObject(throttled(42_000))
      }),
  },
  {
    id: 'aborted',
    title: 'a pull that is told to stop ends at once as transient',
    beside: either(needs('pullOrders'), needsHttp),
    run: (subject) =>
      onStage(subject, { products: 10, orders: severalPages(subject, 2) }, async (stage) => {
        const stop = new AbortController()
        const call = stage.call({ signal: stop.signal })
        const iterator = ability(subject, 'pullOrders')(call, everything(stage))[Symbol.asyncIterator]()
        await iterator.next()
        stage.sim.control.setFault({ kind: 'timeout' })
        const next = iterator.next()
        setTimeout(() => stop.abort(), 20)
        const began = performance.now()
        expect(await faultOf(next)).toMatchObject({ kind: 'transient' })
        expect(performance.now() - began).toBeLessThan(FAR_BEYOND_MS)
      }),
  },
  {
    id: 'words-of-the-channel',
    title: 'the channel’s own error answers (fixtures/errors/*.json) are named by what has to happen next, their code kept',
    beside: needsHttp,
    run: async (subject) => {
      const known = errorFixtures(subject.id)
      expect(known.length, `error answers in connectors/${subject.id}/fixtures/errors: put in what the channel documents`).toBeGreaterThanOrEqual(3)
      const wrong: unknown[] = []
      for (const { name, answer } of known) {
        const { kind, code } = await heard(subject, answer)
        if (kind !== answer.expect.kind || (answer.expect.code !== undefined && code !== answer.expect.code))
          wrong.push({ name, wanted: answer.expect, got: { kind, code } })
      }
      expectNone(wrong)
    },
  },
]

/** Page one, then the trouble, then everything behind page one. */
async function tryAnswer(subject: Subject, { trouble, expected }: Case): Promise<void> {
  await onStage(subject, { products: 10, orders: severalPages(subject, 2) }, async (stage) => {
    const request = everything(stage)
    const all = orderIds(recordsOf(await pages(subject, stage.call(), request)))
    const deadline: { ms?: number } = {}
    const call = stage.call({ timeoutMs: () => deadline.ms })
    const iterator = ability(subject, 'pullOrders')(call, request)[Symbol.asyncIterator]()
    const first = await iterator.next()
    if (first.done || first.value.cursor === null) throw new Error('There is no second page.')
    stage.sim.control.setFault(trouble)
    // Only what never ends by itself is cut short: a busy machine answers slowly too.
    if (WAITS.has(trouble.kind)) deadline.ms = DEADLINE_MS
    const began = performance.now()
    const fault = await faultOf(iterator.next())
    expect(performance.now() - began).toBeLessThan(FAR_BEYOND_MS)
    expect(fault).toMatchObject(expected)
    if (fault.kind === 'throttled') {
      expect(fault.retryAfterMs ?? -1).toBeGreaterThanOrEqual(0)
      expect(fault.retryAfterMs).toBeLessThanOrEqual(QUARTER_HOUR_MS)
      if (trouble.retryAfter === null || trouble.retryAfter === '-5') expect(fault.retryAfterMs).toBeGreaterThan(0)
    }
    expect(stage.sim.faults.fired(trouble.kind)).toBeGreaterThan(0)
    stage.sim.control.clearFaults()
    const rest = await pages(subject, stage.call(), { ...request, after: stored(first.value.cursor) })
    expect(orderIds([...first.value.records, ...recordsOf(rest)])).toEqual(all)
  })
}

const errorAnswer = z.object({
  status: z.number().int(),
  headers: z.record(z.string(), z.string()).default({ 'content-type': 'application/json' }),
  /** Text as sent, or the JSON document. */
  body: z.unknown(),
  /** How a write differs: in-doubt or not. */
  write: z.boolean().default(false),
  expect: z.object({ kind: z.string().nullable(), code: z.string().optional() }),
  source: z.string().optional(),
})
type ErrorAnswer = z.output<typeof errorAnswer>

/** One answer a file, or a list of them. `expect.kind: null` = an answer that is no error although it may look like one. */
function errorFixtures(id: string): readonly { readonly name: string; readonly answer: ErrorAnswer }[] {
  const folder = placeOf(id, 'fixtures/errors/')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => {
      const content: unknown = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
      return (Array.isArray(content) ? content : [content]).map((one: unknown, i) => ({ name: `${file}#${i}`, answer: errorAnswer.parse(one) }))
    })
}

/** What the door says when exactly this answer comes. */
async function heard(subject: Subject, answer: ErrorAnswer): Promise<{ readonly kind: string | null; readonly code?: string | undefined }> {
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(answer.status, answer.headers).end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  try {
    const http = createHttp({
      connector: subject.connector,
      connectionId: CONNECTION,
      hosts: [`http://${host}`],
      limiter: memoryLimiter(Date.now),
      allowPrivate: [host],
      now: () => new Date(),
      signal: new AbortController().signal,
    })
    const request = { method: answer.write ? 'POST' : 'GET', url: `http://${host}/`, expect: 'any' } as const
    return await faultOf(http(request)).catch(() => ({ kind: null }))
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
