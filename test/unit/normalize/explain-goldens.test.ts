import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { mappings } from '../../../mappings/index.ts'
import { at } from '../../../mappings/parts/read.ts'
import { moneyToDecimal } from '../../../src/core/money.ts'
import { vocabularyOf } from '../../../src/normalize/explain-document.ts'
import { agrees, applyStep, stepOf } from '../../../src/normalize/explain-steps.ts'
import { analyse, type Origin } from '../../../src/normalize/explain.ts'
import { mapRecord } from '../../../src/normalize/prepare.ts'
import { mappedFixtures, type Fixture } from '../../conformance/kit/fixtures.ts'

/** Money, quantities and status: what people ask about. */
const ASKED =
  /^(?:payment|fulfilment|afterSale|sourceStatus|closed|amount|state|kind|shipping|totals\..*)$|\.(?:quantity|cancelled|shipped|unitPrice|gross|discount|net|tax|amount|status|state|shipping)$/

const mapOf = ({ raw, context }: Fixture, channel: string) => {
  const mapping = mappings.get(channel)
  if (!mapping) throw new Error(`${channel} has no mapping`)
  return (doc: unknown) => mapRecord({ kind: raw.kind, externalId: raw.externalId, payload: '', doc }, mapping, context)
}

/** The agreed value, read from the golden file and not from the mapping. */
function agreed(golden: unknown, path: string): unknown {
  const value = path.split('.').reduce<unknown>((now, step) => (typeof now === 'object' && now !== null ? Reflect.get(now, step) : undefined), golden)
  if (typeof value === 'object' && value !== null && 'minor' in value && 'currency' in value)
    return { amount: moneyToDecimal({ minor: Number(value.minor), currency: String(value.currency) }), currency: value.currency }
  return value
}

/** The raw value at a source's pointer, read anew; "#" goes into a text that carries JSON. */
const rawAt = (doc: unknown, pointer: string): unknown =>
  pointer.split('#').reduce<unknown>((now, part, i) => at(i === 0 ? now : JSON.parse(String(now)), part), doc)

function goldenOf(fixture: Fixture): unknown {
  if (!existsSync(fixture.golden)) return undefined
  const golden: unknown = JSON.parse(readFileSync(fixture.golden, 'utf8'))
  return typeof golden === 'object' && golden !== null ? (Reflect.get(golden, 'order') ?? Reflect.get(golden, 'refund')) : undefined
}

/** What is wrong with the explanation of one value; empty when re-applying it gives the agreed value. */
function flaws(
  path: string,
  origin: Origin,
  given: { readonly doc: unknown; readonly wanted: unknown; readonly map: ReturnType<typeof mapOf> },
): readonly string[] {
  const step = stepOf(path, origin)
  const found: string[] = []
  if (!origin.sufficient) found.push('sources are not all there is')
  if (JSON.stringify(origin.value) !== JSON.stringify(given.wanted)) found.push('is not the agreed value')
  if (step.op !== 'constant' && step.op !== 'computed') {
    const raw = new Map(
      origin.sources.map(({ leaf }) => [leaf.pointer, leaf.absent || leaf.holds ? leaf.value : (rawAt(given.doc, leaf.pointer) ?? leaf.value)]),
    )
    if (!agrees(applyStep(step, raw), origin.value)) found.push(`${step.op} does not give it`)
  }
  if (step.op === 'constant' && origin.sources.length > 0) found.push('a constant with sources')
  // Applied to the sources alone, everything else in the document being something else, the mapping gives it too.
  const alone = given.map(origin.alone)
  const again = alone.kind === 'order' ? agreed(alone.order, path) : alone.kind === 'refund' ? agreed(alone.refund, path) : alone
  if (JSON.stringify(again) !== JSON.stringify(given.wanted)) found.push('the sources alone do not give it')
  return found
}

const channels = readdirSync(new URL('../../../connectors/', import.meta.url)).filter((name) => mappings.has(name))

/** Each fourth document in the ordinary run; EXPLAIN_GOLDENS=all for every one (`npm run test:explain`). */
const STRIDE = process.env['EXPLAIN_GOLDENS'] === 'all' ? 1 : 4

describe('every money, quantity and status of every golden document', () => {
  it('has a channel to look at', () => expect(channels.length).toBeGreaterThanOrEqual(25))

  it.each(channels)(
    '%s: the explanation, applied again, gives the value',
    async (channel) => {
      const fixtures = await mappedFixtures(channel)
      const vocabulary = vocabularyOf(fixtures.map(({ raw }) => raw.doc))
      const [wrong, ops]: [string[], Map<string, number>] = [[], new Map()]
      let asked = 0
      for (const fixture of fixtures.filter((_, i) => i % STRIDE === 0)) {
        const map = mapOf(fixture, channel)
        const outcome = map(fixture.raw.doc)
        const golden =
          channel === 'files'
            ? outcome.kind === 'order'
              ? outcome.order
              : outcome.kind === 'refund'
                ? outcome.refund
                : undefined
            : goldenOf(fixture)
        const analysis = await analyse(fixture.raw.doc, map, { vocabulary, budgetMs: 120_000 })
        for (const path of [...analysis.values.keys()].filter((one) => ASKED.test(one))) {
          const origin = await analysis.originOf(path)
          if (!origin) throw new Error(`${fixture.name} ${path} has no origin`)
          asked += 1
          const { op } = stepOf(path, origin)
          ops.set(op, (ops.get(op) ?? 0) + 1)
          wrong.push(
            ...flaws(path, origin, { doc: fixture.raw.doc, wanted: agreed(golden, path), map }).map((flaw) => `${fixture.name} ${path}: ${flaw}`),
          )
        }
      }
      expect(wrong).toEqual([])
      expect(asked).toBeGreaterThan(10)
      // A step that can be said and applied by hand is the rule; "only the mapping can say" must stay the exception.
      if (STRIDE === 1) expect((ops.get('computed') ?? 0) / asked).toBeLessThan(0.35)
    },
    600_000,
  )
})
