import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import type { MapContext, RawDocument } from '../../../../src/core/mapping.ts'
import { checkOrder } from '../../../../src/normalize/check.ts'
import { mapRecord } from '../../../../src/normalize/prepare.ts'
import { either, expectNone, needs, needsHttp, type Check } from '../check.ts'
import { mappedFixtures, type Fixture } from '../fixtures.ts'
import { done, trouble } from '../lever.ts'
import { everything, orderIds, pages, readOrder, recordsOf, truthIds } from '../reading.ts'
import { onStage } from '../stage.ts'
import type { Subject } from '../subject.ts'

type Outcome = ReturnType<typeof mapRecord>
type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

const outcomeOf = (subject: Subject, raw: RawDocument, context: MapContext): Outcome => mapRecord({ ...raw, payload: '' }, subject.mapping, context)
/** Fixtures that are wrong on purpose say so in their name. */
const ADMITS = /add-up|mismatch|wrong|broken|ragged|ambiguous|destroyed|unclosed|scattered|invalid/
/** Enough different documents; drift is tried on every part of each. */
const DRIFTED = 5

export const mapping: readonly Check[] = [
  {
    id: 'fixtures',
    title: 'every recorded document maps or is held with a reason, never crashes; orders add up to the last minor unit',
    run: async (subject) => {
      const wrong: string[] = []
      for (const fixture of await mappedFixtures(subject.id)) {
        const outcome = outcomeOf(subject, fixture.raw, fixture.context)
        if (outcome.kind === 'held' && (outcome.code === 'mapping-crashed' || outcome.message === '')) wrong.push(`${fixture.name}: ${outcome.code}`)
        if (outcome.kind !== 'order' || ADMITS.test(fixture.name)) continue
        const holds = checkOrder(outcome.order).filter((hold) => /mismatch|quantity-invalid/.test(hold.code))
        if (holds.length > 0) wrong.push(`${fixture.name}: ${holds.map((hold) => hold.code).join(', ')}`)
      }
      expectNone(wrong)
    },
  },
  {
    id: 'golden',
    title: 'every recorded document maps to exactly the agreed canonical form beside it (`-u` agrees to a new one)',
    beside: ({ connector }) => (connector.manifest.kind === 'files' ? 'files have their own golden test' : undefined),
    alone: true,
    run: async (subject) => {
      for (const fixture of await mappedFixtures(subject.id))
        await expect(rendered(subject, fixture)).toMatchFileSnapshot(fileURLToPath(fixture.golden))
    },
  },
  {
    id: 'strange-status',
    title: 'an order in a status nobody has heard of is held with that word, and the orders beside it are not',
    beside: either(needs('pullOrders'), needsHttp),
    run: (subject) =>
      onStage(subject, { products: 10, orders: 6 }, async (stage) => {
        const id = done(stage.sim.control.shop())
        done(trouble(stage, 'strangeStatus')(id))
        const word = stage.sim.ledger.order(id)?.status ?? ''
        const strange = mapRecord(await readOrder(stage, id), subject.mapping, stage.context)
        expect(strange).toMatchObject({ kind: 'held', code: expect.stringMatching(/-(unmapped|unknown)$/), message: expect.stringContaining(word) })
        const others = recordsOf(await pages(subject, stage.call(), everything(stage))).filter((record) => record.externalId !== id)
        expect(others.length).toBeGreaterThan(0)
        expect(others.filter((record) => mapRecord(record, subject.mapping, stage.context).kind === 'held')).toEqual([])
      }),
  },
  {
    id: 'new-fields',
    title: 'a field nobody asked for, in every object of every answer, changes neither what is read nor what it means',
    beside: either(needs('pullOrders'), needsHttp),
    run: (subject) =>
      onStage(subject, { products: 10, orders: 12 }, async (stage) => {
        const meaning = async (rewrite?: (body: string) => string): Promise<readonly string[]> =>
          recordsOf(await pages(subject, stage.call(rewrite ? { rewrite } : {}), everything(stage))).map((record) =>
            JSON.stringify(mapRecord(record, subject.mapping, stage.context)),
          )
        const plain = await meaning()
        expect(plain.length).toBeGreaterThan(0)
        expect(await meaning((body) => body.replace(/\{(?=")/g, '{"zz_new":{"a":[1]},'))).toEqual(plain)
      }),
  },
  {
    id: 'drifted-documents',
    title: 'a member that is gone, null, or of another type leaves the document mapped or held with a reason; it never crashes',
    run: async (subject) => {
      const crashed = new Set<string>()
      for (const { name, raw, context } of (await mappedFixtures(subject.id)).slice(0, DRIFTED)) {
        for (const [what, doc] of drifted(asJson(raw.doc))) {
          const outcome = outcomeOf(subject, { ...raw, doc }, context)
          if (outcome.kind === 'held' && outcome.code === 'mapping-crashed') crashed.add(`${name} ${what}`)
        }
      }
      expectNone([...crashed])
    },
  },
  {
    id: 'one-bad-document',
    title: 'a document of which the channel sends nonsense costs that document only: the others of the page come through',
    beside: either(needs('pullOrders', 'fetchOrder'), needsHttp),
    run: (subject) =>
      onStage(subject, { products: 10, orders: 8 }, async (stage) => {
        const [id = ''] = truthIds(stage)
        const truth = stage.sim.ledger.order(id)
        const name = truth?.lines[0]?.name ?? ''
        // A name turns into a number, in whatever member it stands.
        const found = recordsOf(
          await pages(subject, stage.call({ rewrite: (body) => body.replaceAll(JSON.stringify(name), '12.5') }), everything(stage)),
        )
        expect(orderIds(found)).toEqual(truthIds(stage))
        for (const record of found) expect(mapRecord(record, subject.mapping, stage.context)).not.toMatchObject({ code: 'mapping-crashed' })
      }),
  },
]

/** As the golden files are written: what was mapped, or why it was held. */
function rendered(subject: Subject, { raw, context }: Fixture): string {
  try {
    return `${JSON.stringify(subject.mapping.map(raw, context), null, 2)}\n`
  } catch (error) {
    const held = outcomeOf(subject, raw, context)
    if (held.kind !== 'held') throw error
    const pointer: unknown = Reflect.get(Object(error), 'pointer')
    const message = error instanceof Error ? error.message : ''
    return `${JSON.stringify({ kind: 'held', code: held.code, pointer, message }, null, 2)}\n`
  }
}

const asJson = (doc: unknown): Json => JSON.parse(JSON.stringify(doc))

/** The document with each of its members, three levels deep, gone, null, and turned into something else. */
function* drifted(doc: Json, depth = 3, path = ''): Generator<readonly [string, Json]> {
  if (typeof doc !== 'object' || doc === null || depth === 0) return
  if (Array.isArray(doc)) {
    const [first] = doc
    if (first === undefined) return
    for (const [what, changed] of drifted(first, depth - 1, `${path}/0`)) yield [what, [changed, ...doc.slice(1)]]
    yield [`${path}/0 null`, [null, ...doc.slice(1)]]
    return
  }
  for (const [name, value] of Object.entries(doc)) {
    const put = (other: Json): Json => ({ ...doc, [name]: other })
    const { [name]: _gone, ...rest } = Object(doc)
    yield [`${path}/${name} gone`, asJson(rest)]
    yield [`${path}/${name} null`, put(null)]
    yield [`${path}/${name} other`, put(otherType(value))]
    for (const [what, changed] of drifted(value, depth - 1, `${path}/${name}`)) yield [what, put(changed)]
  }
}

const otherType = (value: Json): Json =>
  typeof value === 'number' ? String(value) : typeof value === 'string' ? 17 : typeof value === 'boolean' ? 'yes' : 'text'
