import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** How far a database that outlives its sitting is filled; lies in its directory. */
export interface HeldNote {
  readonly connectionId: string
  /** Where the mock listened: the connection's settings name it. */
  readonly mockPort: number
  readonly orders: number
  /** Of all processes that filled it. */
  readonly peaks: readonly { readonly orders: number; readonly peakRss: number }[]
}

const fileIn = (home: string): string => join(home, 'held.json')

/** Undefined where nothing was filled yet. */
export async function readHeldNote(home: string): Promise<HeldNote | undefined> {
  const text = await readFile(fileIn(home), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : JSON.parse(text)
}

export const writeHeldNote = (home: string, note: HeldNote): Promise<void> => writeFile(fileIn(home), `${JSON.stringify(note)}\n`)
