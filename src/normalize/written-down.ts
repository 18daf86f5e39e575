import { hash } from 'node:crypto'
import type { Order } from '../core/order.ts'
import type { Room } from '../store/room.ts'
import { JsonBytes } from './json-bytes.ts'
import { writeOrder, type WrittenBeside } from './write-order.ts'

/** Where all documents are written: preparing one is never interrupted. */
const DESK = new JsonBytes()

/**
 * The texts of an order as bytes, and the hash over all of them. The document is kept in `room` until it is stored: as text it would be copied about by the
 * garbage collector. The party's bytes are overwritten by the next call.
 */
export function writtenDown(order: Order, beside: WrittenBeside, state: string, room: Room): WrittenDown {
  writeOrder(DESK.clear(), order, beside)
  const docEnd = DESK.end
  const party = { recipient: order.recipient, bill_to: order.billTo, buyer_note: order.buyerNote }
  const partyEnd = DESK.json(party).end
  const hashed = DESK.plain(state).read(0, DESK.end)
  const doc = room.take(docEnd)
  doc.set(hashed.subarray(0, docEnd))
  return {
    doc,
    party: partyEnd - docEnd > NOBODY.length ? hashed.subarray(docEnd, partyEnd) : undefined,
    hash: Buffer.from(hash('sha256', hashed, 'hex'), 'hex'),
  }
}

const NOBODY = '{}'

interface WrittenDown {
  readonly doc: Buffer
  /** Absent where a document names nobody. */
  readonly party: Buffer | undefined
  readonly hash: Buffer
}

/** The order as the API is going to show it. */
export function shownOrder(order: Order): unknown {
  writeOrder(DESK.clear(), order, { skus: new Map() })
  const shown: unknown = JSON.parse(DESK.read(0, DESK.end).toString())
  return shown
}
