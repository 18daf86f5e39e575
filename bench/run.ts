import { readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readHeldNote } from './held-note.ts'
import { missing, toReport, toTable, type Row } from './report.ts'
import { Sitting, type Metric } from './sitting.ts'

/**
 * The figures of docs/performance.md, measured in one sitting on this machine. Ends with 1 when a row fails.
 *
 *   npm run bench [-- --only NAME] [--json] [--orders 20000] [--held 1000000] [--repeats 5] [--profile DIR] [--home DIR]
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    json: { type: 'boolean', default: false },
    orders: { type: 'string', default: '20000' },
    held: { type: 'string', default: '1000000' },
    repeats: { type: 'string', default: '5' },
    profile: { type: 'string' },
    home: { type: 'string' },
  },
})
const say = (line: string): void => void process.stderr.write(`bench: ${line}\n`)

async function metrics(): Promise<readonly Metric[]> {
  const folder = new URL('metrics/', import.meta.url)
  const files = (await readdir(folder)).filter((name) => name.endsWith('.ts'))
  const found: Metric[] = []
  for (const file of files) {
    const module: { readonly metric: Metric } = await import(new URL(file, folder).href)
    found.push(module.metric)
  }
  return found.toSorted((a, b) => a.rank - b.rank)
}

async function measure(wanted: readonly Metric[], sitting: Sitting): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const metric of wanted) {
    say(`${metric.name}: ${metric.about}`)
    try {
      rows.push(...(await metric.run(sitting)))
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      say(`${metric.name} could not be measured: ${why}`)
      rows.push(missing(metric.name, '', 'to be measured', why))
    }
  }
  return rows
}

const known = await metrics()
const only = (values.only ?? []).flatMap((names) => names.split(','))
const unknown = only.filter((name) => !known.some((metric) => metric.name === name))
if (unknown.length > 0) {
  say(`There is no metric ${unknown.join(', ')}. Known: ${known.map((metric) => metric.name).join(', ')}.`)
  process.exit(2)
}
const home = values.home === undefined ? undefined : resolve(values.home)
const options = {
  orders: Number(values.orders),
  held: Number(values.held),
  repeats: Number(values.repeats),
  ...(values.profile !== undefined && { profileDir: values.profile }),
  ...(home !== undefined && { home, mockPort: (await readHeldNote(home))?.mockPort ?? 0 }),
}
const sitting = new Sitting(options, say)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sitting.close().finally(() => process.exit(130)))
try {
  const rows = await measure(only.length === 0 ? known : known.filter((metric) => only.includes(metric.name)), sitting)
  process.stdout.write(values.json ? `${JSON.stringify(toReport(rows))}\n` : `${toTable(rows)}\n`)
  process.exitCode = rows.every((row) => row.pass) ? 0 : 1
} finally {
  await sitting.close()
}
