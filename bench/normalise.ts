import { randomBytes } from 'node:crypto'
import type { Mapping } from '../src/core/mapping.ts'
import { parseJson } from '../src/kit/json.ts'
import { parseXml } from '../src/kit/xml.ts'
import { mapRaw, prepareRaw, sha256, type ConnectionContext, type ReadRaw } from '../src/normalize/prepare.ts'
import { SecretBox } from '../src/store/envelope.ts'
import { Room } from '../src/store/room.ts'
import { benchMapping } from './channel/mapping.ts'
import { FIRST_ID, orderText, placedAt } from './mock/orders.ts'
import { median } from './report.ts'
import { xmlMapping } from './xml/mapping.ts'
import { xmlOrder } from './xml/order-text.ts'

const SAMPLE = 4000
const ROUNDS = 15

// A program of its own, so that it runs as the hub does: compiled, with the hub's flags. It prints microseconds of CPU a document, as JSON.
const json = Array.from({ length: SAMPLE }, (_, index) => orderText({ index, revision: 0, updatedAt: placedAt(index) }))
const xml = Array.from({ length: SAMPLE / 4 }, (_, index) => xmlOrder(index))

const context: ConnectionContext = { connectionId: 'c_bench', channel: 'bench', timezone: 'UTC', currency: 'USD', config: {}, sandbox: false }
const box = new SecretBox(randomBytes(32))
const room = new Room()
const unsealed = { keyId: 0, rowKey: Buffer.alloc(0), body: Buffer.alloc(0) }

const skus = { find: (line: { readonly channelSku: string }) => ({ sku: line.channelSku, ignored: false }) }
const at = '2024-06-01T00:00:00.000Z'

/** The hub's own functions, one after the other. @throws where a document is not accepted without a hold */
function normalise(mapping: Mapping, externalId: string, text: string, doc: unknown): void {
  const raw: ReadRaw = {
    kind: 'order',
    externalId,
    source: 'poll',
    receivedAt: at,
    sourceTime: at,
    authoritative: true,
    readStartedAt: at,
    sha256: sha256(text),
    size: Buffer.byteLength(text),
  }
  const { result } = prepareRaw(mapRaw(raw, doc, mapping, context), { mapping, context, box, seal: () => unsealed, skus, room, overridesVersion: 0 })
  room.giveBack()
  if (result.kind !== 'order' || result.order.holds.length > 0) throw new Error(`Document ${externalId} was not accepted without a hold.`)
}

/** Median of several rounds, of this process, so that a busy machine does not count. */
async function micros(documents: number, round: () => void | Promise<void>): Promise<number> {
  const rounds: number[] = []
  for (let n = 0; n <= ROUNDS; n += 1) {
    const before = process.cpuUsage()
    await round()
    const used = process.cpuUsage(before)
    if (n > 0) rounds.push((used.user + used.system) / documents) // the first round compiles
  }
  return median(rounds)
}

const found = {
  json: await micros(json.length, () => {
    for (const [index, text] of json.entries()) normalise(benchMapping, String(FIRST_ID + index), text, parseJson(text))
  }),
  xml: await micros(xml.length, async () => {
    for (const [index, text] of xml.entries()) normalise(xmlMapping, String(index), text, await parseXml(text))
  }),
}
process.stdout.write(`${JSON.stringify(found)}\n`)
