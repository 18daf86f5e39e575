import { ChannelError } from '../../src/core/fault.ts'
import type { Transport } from './transport.ts'

/** Where the connector keeps what it must remember, beside the files themselves. */
export const STATE = 'hub-state'
const READING = 'reading.json'

/** A file that was read to its end (or refused), waiting for the commit that allows it to be put away. */
export interface ReadFile {
  readonly name: string
  readonly size: number
  readonly modifiedMs: number
  readonly refused?: { readonly code: string; readonly message: string }
}

/** Files read in the current pull. Nothing is archived on the strength of this list alone: see `commitPull`. */
export async function loadReading(transport: Transport): Promise<readonly ReadFile[]> {
  const bytes = await transport.read(STATE, READING, 20_000_000)
  if (bytes === undefined) return []
  const list: unknown = parseState(bytes)
  return Array.isArray(list) ? list.flatMap((item: unknown) => readFileOf(item) ?? []) : []
}

export const saveReading = (transport: Transport, files: readonly ReadFile[]): Promise<void> =>
  transport.write(STATE, READING, Buffer.from(JSON.stringify(files)))

function readFileOf(item: unknown): ReadFile | undefined {
  if (typeof item !== 'object' || item === null || !('name' in item) || !('size' in item) || !('modifiedMs' in item)) return undefined
  const { name, size, modifiedMs } = item
  if (typeof name !== 'string' || typeof size !== 'number' || typeof modifiedMs !== 'number') return undefined
  const refused = 'refused' in item && typeof item.refused === 'object' && item.refused !== null ? item.refused : undefined
  if (refused === undefined || !('code' in refused) || !('message' in refused)) return { name, size, modifiedMs }
  return { name, size, modifiedMs, refused: { code: String(refused.code), message: String(refused.message) } }
}

/** State files are ours; one that cannot be read was damaged by somebody else. */
export function parseState(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw new ChannelError(
      {
        kind: 'misconfigured',
        code: 'state-damaged',
        message: `A file in "${STATE}" is damaged. Remove it: files are then read once more, which is harmless.`,
      },
      { cause: error },
    )
  }
}
