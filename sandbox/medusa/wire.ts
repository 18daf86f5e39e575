import type { Context } from 'hono'
import type { FaultEnv } from '../stage/faults.ts'
import type { Market } from '../stage/market/index.ts'
import type { Desk } from './views.ts'

export interface Shop extends Market {
  readonly desk: Desk
  /** Lists asked for while a test wants an empty page between others. */
  asked: number
}

export type Call = Context<FaultEnv>
export const json = (doc: unknown, status = 200): Response => Response.json(doc, { status })
export const refusal = (status: number, type: string, message: string): Response => json({ type, message }, status)
