import { launch, outputOf } from '../processes.ts'
import type { Connection } from '../steps.ts'

export interface Sent {
  readonly accepted: number
  readonly refused: number
  readonly seconds: number
  /** Milliseconds from when a delivery was due to its 2xx. */
  readonly answers: readonly number[]
  /** Channel order number → when its delivery was due, milliseconds since 1970. */
  readonly due: Readonly<Record<string, number>>
}

let next = 10_000_000

/** Deliveries of orders nobody saw before, at a rate or as fast as they are answered. */
export async function sendHooks(
  to: Connection,
  how: { readonly count: number; readonly connections: number; readonly rate?: number; readonly sku?: string },
): Promise<Sent> {
  const first = next
  next += how.count
  const args = {
    url: to.hookUrl,
    secret: to.hookSecret,
    count: how.count,
    first,
    connections: how.connections,
    ...(how.rate !== undefined && { rate: how.rate }),
    ...(how.sku !== undefined && { sku: how.sku }),
  }
  const output = await outputOf(launch(['bench/load/hooks.ts', ...Object.entries(args).map(([name, value]) => `--${name}=${value}`)]))
  return parseSent(output)
}

/** Parsing of our own program's words. */
const parseSent = (output: string): Sent => JSON.parse(output) as Sent
