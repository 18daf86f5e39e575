import { hash, randomBytes } from 'node:crypto'
import type { Mapping } from '../../src/core/mapping.ts'
import { parseJson } from '../../src/kit/json.ts'
import { parseXml } from '../../src/kit/xml.ts'
import { mapRaw, prepareRaw, type ConnectionContext } from '../../src/normalize/prepare.ts'
import { SecretBox } from '../../src/store/envelope.ts'
import { benchMapping } from '../channel/mapping.ts'
import { FIRST_ID, orderText, placedAt } from '../mock/orders.ts'
import { judge, median } from '../report.ts'
import type { Metric, Sitting } from '../sitting.ts'
import { xmlMapping } from '../xml/mapping.ts'
import { xmlOrder } from '../xml/order-text.ts'

const SAMPLE = 4000
const ROUNDS = 7

/**
 * The hub's own functions from a document's text to the rows of one batch: parse, hash, map, check, render, hash again, the
 * blind indexes of phone and mail. Sealing and the database are left out; bulk has them. One thread, in this process.
 */
export const metric: Metric = {
  name: 'normalise',
  rank: 5,
  about: 'one document to its rows, JSON and XML',
  run: async (sitting) => {
    const json = Array.from({ length: SAMPLE }, (_, index) => orderText({ index, revision: 0, updatedAt: placedAt(index) }))
    const xml = Array.from({ length: SAMPLE / 4 }, (_, index) => xmlOrder(index))
    const jsonMicros = await micros(sitting, json, async (text, index) => normalise(benchMapping, String(FIRST_ID + index), text, parseJson(text)))
    const xmlMicros = await micros(sitting, xml, async (text, index) => normalise(xmlMapping, String(index), text, await parseXml(text)))
    return [
      judge({ metric: 'normalise_json', value: jsonMicros, unit: 'µs/order' }, { atMost: 60 }),
      judge({ metric: 'normalise_xml', value: xmlMicros, unit: 'µs/order' }, { atMost: 350 }),
    ]
  },
}

const context: ConnectionContext = { connectionId: 'c_bench', channel: 'bench', timezone: 'UTC', currency: 'USD', config: {}, sandbox: false }
const box = new SecretBox(randomBytes(32))
const unsealed = { keyId: 0, rowKey: Buffer.alloc(0), body: Buffer.alloc(0) }

function normalise(mapping: Mapping, externalId: string, text: string, doc: unknown): boolean {
  const at = '2024-06-01T00:00:00.000Z'
  const mapped = mapRaw(
    {
      ...{ kind: 'order', externalId, source: 'poll', receivedAt: at, sourceTime: at, authoritative: true, readStartedAt: at },
      ...{ sha256: hash('sha256', text, 'buffer'), size: Buffer.byteLength(text) },
    },
    doc,
    mapping,
    context,
  )
  const skus = { find: (line: { readonly channelSku: string }) => ({ sku: line.channelSku, ignored: false }) }
  const { result } = prepareRaw(mapped, { mapping, context, box, seal: () => unsealed, skus, overridesVersion: 0 })
  return result.kind === 'order' && result.order.holds.length === 0
}

/** Median of several rounds, microseconds of CPU a document: of this process, so that a busy machine does not count. */
async function micros(sitting: Sitting, texts: readonly string[], one: (text: string, index: number) => Promise<boolean>): Promise<number> {
  const rounds: number[] = []
  for (let round = 0; round <= ROUNDS; round += 1) {
    const before = process.cpuUsage()
    for (const [index, text] of texts.entries()) if (!(await one(text, index))) throw new Error(`Document ${index} was not accepted without a hold.`)
    const used = process.cpuUsage(before)
    if (round > 0) rounds.push((used.user + used.system) / texts.length) // the first round compiles
  }
  sitting.say(`normalise: ${median(rounds).toFixed(1)} µs of ${Math.round((texts[0]?.length ?? 0) / 10) / 100} KB`)
  return median(rounds)
}
