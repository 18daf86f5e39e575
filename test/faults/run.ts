import { readdir } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { Vacuous, type Experiment, type Result } from './experiment.ts'
import { Rig } from './rig.ts'

const help = `Breaks the hub on purpose, one experiment after the other, and compares it with the ledger of the simulated channel.

  --only IDS   run these, in this order (F-K1,F-K3)
  --seed N     repeat the chances of an earlier run
  --minutes N  let long loads run this long in all instead of their full time
  --list       what there is, without running it
  --json       one object on standard output
`
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seed: { type: 'string' },
    minutes: { type: 'string' },
    list: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const folder = new URL('./experiments/', import.meta.url)
const shape = z.object({ experiment: z.custom<Experiment>((value) => typeof value === 'object' && value !== null && 'run' in value) })
const say = (line: string): void => void process.stderr.write(`${line}\n`)
const seed = values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : Number(values.seed)

interface Line extends Result {
  readonly id: string
  readonly title: string
  readonly seconds: number
}

let open: Rig | undefined
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void (open?.close() ?? Promise.resolve()).finally(() => process.exit(130)))
}

// A promise nobody waits for any more must not take the other experiments with it.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, (error) => say(`    unexpected: ${String(error)}`))

if (values.help) process.stdout.write(help)
else await main()

async function main(): Promise<void> {
  const all = await load()
  const chosen = choose(all)
  if (values.list) return void process.stdout.write(`${all.map((one) => `${one.id.padEnd(12)}${one.title}`).join('\n')}\n`)
  say(`seed ${seed}; ${chosen.length} experiments, about ${Math.ceil(chosen.reduce((sum, one) => sum + one.minutes, 0))} minutes`)
  const lines: Line[] = []
  for (const [i, one] of chosen.entries()) {
    say(`[${i + 1}/${chosen.length}] ${one.id} ${one.title}`)
    const line = await attempt(one)
    lines.push(line)
    say(`    ${verdictOf(line)} after ${line.seconds} s${line.notes.length === 0 ? '' : `: ${line.notes.join(' · ')}`}`)
  }
  const failed = lines.filter((line) => !line.pass && line.skipped === undefined)
  if (values.json) process.stdout.write(`${JSON.stringify({ seed, pass: failed.length === 0, experiments: lines }, null, 2)}\n`)
  else process.stdout.write(`${table(lines)}\nseed ${seed}\n`)
  // Whatever an experiment left open must not keep the command from ending.
  process.stdout.write('', () => process.exit(failed.length === 0 ? 0 : 1))
}

async function load(): Promise<readonly Experiment[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.ts')).toSorted()
  const found: Experiment[] = []
  for (const name of names) found.push(shape.parse(await import(new URL(name, folder).href)).experiment)
  return found
}

function choose(all: readonly Experiment[]): readonly Experiment[] {
  const wanted = values.only?.split(',').map((id) => id.trim().toUpperCase())
  if (!wanted) return all
  return wanted.map((id) => {
    const found = all.find((one) => one.id.toUpperCase() === id)
    if (!found) throw new Error(`There is no experiment ${id}; there are ${all.map((one) => one.id).join(', ')}.`)
    return found
  })
}

/** Whatever goes wrong in one experiment stays in its line. */
async function attempt(one: Experiment): Promise<Line> {
  const startedAt = performance.now()
  const rig = new Rig(seed, (line) => say(`    ${line}`), values.minutes === undefined ? undefined : Number(values.minutes))
  open = rig
  const result = await one.run(rig).catch((error: unknown): Result => {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    return {
      faults: 0,
      lost: 0,
      doubled: 0,
      pass: false,
      notes: [error instanceof Vacuous ? `proved nothing: ${error.message}` : why.slice(0, 2000)],
    }
  })
  await rig.close()
  const notes = rig.stretch > 1 ? [...result.notes, `limits of time × ${rig.stretch}: the machine is busy`] : result.notes
  return { id: one.id, title: one.title, ...result, notes, seconds: Math.round((performance.now() - startedAt) / 1000) }
}

function verdictOf(line: Line): string {
  if (line.skipped !== undefined) return `skipped (${line.skipped})`
  return line.pass ? 'pass' : 'FAIL'
}

function table(lines: readonly Line[]): string {
  const rows = lines.map((line) => [
    line.id,
    line.title,
    String(line.faults),
    String(line.lost),
    String(line.doubled),
    line.recoverySeconds === undefined ? '–' : `${line.recoverySeconds} s`,
    verdictOf(line),
  ])
  const all = [['experiment', 'what', 'faults', 'lost', 'doubled', 'recovery', 'result'], ...rows]
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
