import { mkdtemp, rm } from 'node:fs/promises'
import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Call } from '../../src/core/connector.ts'
import { classify } from '../../src/core/file-document.ts'
import { DomainError } from '../../src/core/fault.ts'
import { resolveFieldMap } from '../../src/core/field-map-presets.ts'
import { parseFile } from '../../src/kit/files/parse-file.ts'
import { csvText } from '../../src/kit/files/write-table.ts'
import type { Config, Secrets } from './manifest.ts'
import { stamp } from './names.ts'
import { loadReading, saveReading } from './reading.ts'
import type { ReadFile } from './reading.ts'
import { withTransport } from './transport.ts'
import type { Transport } from './transport.ts'

const REFUSED = 'refused'
const COLUMNS = ['row', 'document', 'as', 'code', 'message'] as const

/**
 * Everything read in this pull is stored by now: each file is put away together with a report that says for every row
 * which document it became. A file that changed since it was read stays for the next look.
 */
export async function commitPull(call: Call<Config, Secrets>): Promise<void> {
  if (call.config.source === 'upload' || call.config.afterReading === 'keep') return
  await withTransport(call, async (transport) => {
    const files = await loadReading(transport)
    if (files.length === 0) return
    const present = await transport.list(call.config.inbox)
    for (const file of files) {
      const now = present.find((entry) => entry.name === file.name)
      if (now?.size !== file.size || now.modifiedMs !== file.modifiedMs) continue
      await putAway(transport, call, file)
      const done = `${file.name}.done`
      if (present.some((entry) => entry.name === done))
        await transport.move(call.config.inbox, done, call.config.archive, `${stamp(call.now())}-${done}`)
    }
    await saveReading(transport, [])
  })
}

async function putAway(transport: Transport, call: Call<Config, Secrets>, file: ReadFile): Promise<void> {
  const name = `${stamp(call.now())}-${file.name}`
  const folder = file.refused === undefined ? call.config.archive : `${call.config.archive}/${REFUSED}`
  const spool = await mkdtemp(join(tmpdir(), 'hub-report-'))
  try {
    const localPath = join(spool, 'report.csv')
    await writeReport(localPath, transport, call, file)
    await transport.write(folder, `${name}.report.csv`, { localPath })
    await transport.move(call.config.inbox, file.name, folder, name)
  } finally {
    await rm(spool, { recursive: true, force: true })
  }
}

async function writeReport(path: string, transport: Transport, call: Call<Config, Secrets>, file: ReadFile): Promise<void> {
  const out = createWriteStream(path)
  const write = async (rows: readonly (readonly string[])[], first: boolean): Promise<void> => {
    if (!out.write(csvText(COLUMNS, rows, first))) await once(out, 'drain')
  }
  await write([], true)
  if (file.refused === undefined) await reportRows(transport, call, file.name, (rows) => write(rows, false))
  else await write([['', '', 'refused', file.refused.code, file.refused.message]], false)
  out.end()
  await once(out, 'finish')
}

async function reportRows(
  transport: Transport,
  call: Call<Config, Secrets>,
  name: string,
  write: (rows: readonly (readonly string[])[]) => Promise<void>,
): Promise<void> {
  const fieldMap = resolveFieldMap(call.config.fieldMap)
  const copy = await transport.fetch(call.config.inbox, name)
  try {
    const file = await parseFile({ ...copy.source, name }, { fieldMap })
    for await (const batch of file.batches()) {
      await write(
        batch.records.flatMap(({ record, document, rowNos }) => {
          const { as, rule } = classify(fieldMap, document)
          return rowNos.map((rowNo, i) => {
            const problem = document.problems?.find((one) => one.row === i)
            const told = document.problems !== undefined ? 'held' : as === 'ignore' ? 'ignored' : as
            return [String(rowNo), record.externalId, told, problem?.code ?? rule, problem?.message ?? '']
          })
        }),
      )
    }
  } catch (error) {
    // The file was readable a moment ago; if it no longer is, the report says so and the file is kept all the same.
    if (!(error instanceof DomainError)) throw error
    await write([['', '', '', error.code, error.message]])
  } finally {
    await copy.release()
  }
}
