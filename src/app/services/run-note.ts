import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { isAlive } from './claim.ts'

const noteSchema = z.object({
  pid: z.number().int().positive(),
  url: z.url(),
  /** With the password: the file is readable by its owner only. */
  databaseUrl: z.string(),
  temporalAddress: z.string(),
  temporalNamespace: z.string(),
  startedAt: z.iso.datetime(),
})

/** Where the hub of a data directory runs, for the command line. */
export type RunNote = z.output<typeof noteSchema>

const fileIn = (home: string): string => join(home, 'run.json')

/** Written under another name first: a reader sees the whole note or none. */
export async function writeRunNote(home: string, note: RunNote): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o711 })
  const part = `${fileIn(home)}.${process.pid}`
  await writeFile(part, `${JSON.stringify(note, null, 2)}\n`, { mode: 0o600 })
  await rename(part, fileIn(home))
}

export async function removeRunNote(home: string): Promise<void> {
  await rm(fileIn(home), { force: true })
}

/** The hub running on a data directory; undefined when none does, also when one died without taking its note along. */
export async function readRunNote(home: string): Promise<RunNote | undefined> {
  const text = await readFile(fileIn(home), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const note = noteSchema.safeParse(JSON.parse(text))
  return note.success && isAlive(note.data.pid) ? note.data : undefined
}
