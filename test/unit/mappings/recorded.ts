import { readFileSync } from 'node:fs'
import { MappingError } from '../../../src/core/fault.ts'
import type { MapContext, Mapping, RawDocument } from '../../../src/core/mapping.ts'
import type { Order, Refund } from '../../../src/core/order.ts'
import { parseJson } from '../../../src/kit/json.ts'

/** The recorded documents of one channel, for tests of what each is there to show; that all of them map as agreed is the kit's to check. */
export function recorded(channel: string, mapping: Mapping, context: Pick<MapContext, 'timezone' | 'currency'>) {
  const folder = new URL(`../../../connectors/${channel}/fixtures/`, import.meta.url)
  const rawOf = (name: string): RawDocument => ({
    kind: name.startsWith('refund-') ? 'refund' : 'order',
    externalId: '1',
    doc: parseJson(readFileSync(new URL(`${name}.json`, folder), 'utf8')),
  })
  const mapRaw = (raw: RawDocument, given: Partial<MapContext> = {}) => {
    try {
      return mapping.map(raw, { connectionId: 'c_1', config: {}, ...context, ...given })
    } catch (error) {
      if (!(error instanceof MappingError)) throw error
      return { kind: 'held' as const, code: error.code, pointer: error.pointer, message: error.message }
    }
  }
  const mapped = (name: string, given: Partial<MapContext> = {}) => mapRaw(rawOf(name), given)
  return {
    rawOf,
    mapRaw,
    mapped,
    order(name: string, given: Partial<MapContext> = {}): Order {
      const result = mapped(name, given)
      if (result.kind !== 'order') throw new Error(`${name} is ${result.kind}`)
      return result.order
    },
    refund(name: string): Refund {
      const result = mapped(name)
      if (result.kind !== 'refund') throw new Error(`${name} is ${result.kind}`)
      return result.refund
    },
  }
}
