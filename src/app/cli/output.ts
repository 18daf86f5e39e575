import cliProgress from 'cli-progress'

/** Plain record as it came from the API. */
export type Item = Readonly<Record<string, unknown>>

const cell = (value: unknown): string => {
  if (value === null || value === undefined) return '—'
  if (typeof value === 'object' && 'amount' in value && 'currency' in value) return `${cell(value.amount)} ${cell(value.currency)}`
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** One value deep inside a record: `label.code`. */
const at = (item: Item, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? (value as Item)[key] : undefined), item)

/** A table for people; nothing when there are no rows. */
export function table(items: readonly Item[], columns: Readonly<Record<string, string>>): string {
  const heads = Object.keys(columns)
  const rows = items.map((item) => Object.values(columns).map((path) => cell(at(item, path))))
  const widths = heads.map((head, i) => Math.max(width(head), ...rows.map((row) => width(row[i] ?? ''))))
  const line = (cells: readonly string[]): string =>
    cells
      .map((text, i) => text + ' '.repeat((widths[i] ?? 0) - width(text)))
      .join('  ')
      .trimEnd()
  return [line(heads), ...rows.map(line)].join('\n')
}

/** Columns a text takes on a terminal: Chinese characters take two. */
const width = (text: string): number =>
  [...text].reduce(
    (sum, char) => sum + (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/.test(char) ? 2 : 1),
    0,
  )

export interface Printer {
  readonly json: boolean
  /** The result of a command: JSON for scripts, or what `human` makes of it. */
  result(value: unknown, human: () => string): void
  /** A remark for people; silent with --json. */
  say(line: string): void
}

export const printer = (json: boolean): Printer => ({
  json,
  result: (value, human) => process.stdout.write(`${json ? JSON.stringify(value) : human()}\n`),
  say: (line) => {
    if (!json) process.stderr.write(`${line}\n`)
  },
})

export interface Progress {
  update(done: number, total: number | null): void
  stop(): void
}

/** A bar on a terminal, plain lines elsewhere, both on stderr; nothing with --json. */
export function progress(label: string, json: boolean): Progress {
  if (json) return { update: () => undefined, stop: () => undefined }
  if (process.stderr.isTTY) {
    const bar = new cliProgress.SingleBar(
      { format: `${label} {bar} {value}/{total} {eta_formatted}`, stream: process.stderr, hideCursor: true },
      cliProgress.Presets.shades_classic,
    )
    bar.start(1, 0)
    return {
      update: (done, total) => {
        bar.setTotal(total ?? Math.max(done, 1))
        bar.update(done)
      },
      stop: () => bar.stop(),
    }
  }
  let last = ''
  return {
    update: (done, total) => {
      const line = `${label}: ${done}${total === null ? '' : ` of ${total}`}`
      if (line !== last) process.stderr.write(`${line}\n`)
      last = line
    },
    stop: () => undefined,
  }
}
