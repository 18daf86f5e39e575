import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Call, Cursor, Page, PullRequest, RawRecord } from '../../src/core/connector.ts'
import { ChannelError, DomainError } from '../../src/core/fault.ts'
import { resolveFieldMap } from '../../src/core/field-map-presets.ts'
import { parseFile } from '../../src/kit/files/parse-file.ts'
import type { Config, Secrets } from './manifest.ts'
import { isWanted } from './names.ts'
import { loadReading, saveReading } from './reading.ts'
import type { ReadFile } from './reading.ts'
import { openTransport } from './transport.ts'
import type { FileEntry, Transport } from './transport.ts'

/**
 * Reads every complete file of the inbox, in the order of their names. The cursor is file and document, so that a pull
 * that was cut off goes on where it was; nothing is moved here, because a page that was handed out is not yet stored.
 * A file that cannot be used becomes one held document that says why, and the next file is read.
 */
export async function* pullOrders(call: Call<Config, Secrets>, request: PullRequest): AsyncGenerator<Page> {
  if (call.config.source === 'upload') {
    yield { records: [], cursor: null }
    return
  }
  const transport = await openTransport(call)
  try {
    const resumed = request.after === undefined ? undefined : textOf(request.after, 'file')
    // Files before the cursor's were committed; whatever else the list holds may come from a pull that broke off.
    const known = await loadReading(transport)
    const done = resumed === undefined ? [] : known.filter((file) => file.name < resumed)
    if (done.length !== known.length) await saveReading(transport, done)
    for (const entry of await completeFiles(transport, call)) {
      if (resumed !== undefined && entry.name < resumed) continue
      const after = entry.name === resumed ? request.after : undefined
      const refused = yield* readOne(transport, call, entry, after)
      done.push({ ...entry, ...(refused === undefined ? {} : { refused }) })
      await saveReading(transport, done)
    }
    yield { records: [], cursor: null }
  } finally {
    await transport.close()
  }
}

/** New files whose size and time stay the same between two looks, or that have their `.done` file. */
async function completeFiles(transport: Transport, call: Call<Config, Secrets>): Promise<readonly FileEntry[]> {
  const { inbox, pattern, ready, stableSeconds } = call.config
  const first = await transport.list(inbox)
  const wanted = first.filter((entry) => isWanted(entry.name, pattern)).sort((a, b) => (a.name < b.name ? -1 : 1))
  if (ready === 'done-file') {
    const names = new Set(first.map((entry) => entry.name))
    return wanted.filter((entry) => names.has(`${entry.name}.done`))
  }
  if (wanted.length === 0 || stableSeconds === 0) return wanted
  await wait(stableSeconds * 1000, undefined, { signal: call.signal }).catch(() => {
    throw new ChannelError({ kind: 'transient', message: 'The pull was stopped.' })
  })
  const second = new Map((await transport.list(inbox)).map((entry) => [entry.name, entry]))
  return wanted.filter((entry) => second.get(entry.name)?.size === entry.size && second.get(entry.name)?.modifiedMs === entry.modifiedMs)
}

async function* readOne(
  transport: Transport,
  call: Call<Config, Secrets>,
  entry: FileEntry,
  after: Cursor | undefined,
): AsyncGenerator<Page, ReadFile['refused']> {
  if (after?.['refused'] === true) return { code: 'file-refused', message: 'The file could not be used; the failure queue says why.' }
  const copy = await transport.fetch(call.config.inbox, entry.name)
  try {
    const file = await parseFile({ ...copy.source, name: entry.name }, { fieldMap: resolveFieldMap(call.config.fieldMap) })
    const sha = file.scan.sha256.slice(0, 16)
    const start = after !== undefined && textOf(after, 'sha') === sha && typeof after['documents'] === 'number' ? after['documents'] : 0
    for await (const batch of file.batches(start)) {
      yield { records: batch.records.map((one) => one.record), cursor: { file: entry.name, sha, documents: batch.position } }
    }
    return undefined
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    const refused = { code: error.code, message: error.message }
    yield { records: [refusedFile(entry, refused)], cursor: { file: entry.name, refused: true } }
    return refused
  } finally {
    await copy.release()
  }
}

/** A file nobody can read still has to stand in somebody's queue: it becomes a document that is held with the reason. */
function refusedFile(entry: FileEntry, refused: { readonly code: string; readonly message: string }): RawRecord {
  const id = createHash('sha256')
    .update(JSON.stringify([entry.name, entry.size, entry.modifiedMs]))
    .digest('hex')
    .slice(0, 16)
  const doc = { columns: ['file'], rows: [[entry.name]], problems: [{ row: 0, ...refused }] }
  return { kind: 'order', externalId: `${id}:file`, payload: JSON.stringify(doc), doc }
}

const textOf = (cursor: Cursor, field: string): string | undefined => {
  const value = cursor[field]
  return typeof value === 'string' ? value : undefined
}
