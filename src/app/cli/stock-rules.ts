import { readFile, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Command } from 'commander'
import { CliError, connectHub, EXIT, type Hub } from './context.ts'
import { table, type Item, type Printer } from './output.ts'

interface Rule extends Item {
  readonly id: number
  readonly name: string
}
interface Preview {
  readonly hash: string
  readonly at: string
  readonly totals: Readonly<Record<string, number>>
  readonly connections: readonly Item[]
  readonly items: readonly Item[]
  readonly has_more: boolean
}
interface Change {
  readonly put?: readonly Item[]
  readonly restore?: number
}
interface ApplyOptions {
  readonly at?: string
  readonly confirmZero?: boolean
  readonly reason?: string
}

/** Rules about how much each listing shows. Whatever changes them is previewed first and applied by the hash of that preview. */
export function stockRuleCommands(program: Command, out: () => Printer): void {
  const stock = program.commands.find((command) => command.name() === 'stock') ?? program
  const group = stock.command('rules').description('what decides how much each listing shows')
  listCommand(group, out)
  fileCommands(group, out)
  switchCommand(group, out, 'on')
  switchCommand(group, out, 'off')
  group
    .command('undo')
    .description('take the last change of the rules back')
    .option('--confirm-zero', 'listings may go to 0')
    .option('--reason <text>', 'why')
    .addHelpText('after', '\nExample: hub stock rules undo --reason "sold out too soon"')
    .action(async (options: ApplyOptions) => {
      const hub = await connectHub()
      const { version } = await hub.get<{ version: number }>('/v1/stock/rules')
      if (version === 0) throw new CliError('No rule was ever changed.', EXIT.refused)
      await apply(hub, { restore: version - 1 }, options, out())
    })
}

function listCommand(group: Command, out: () => Printer): void {
  group
    .command('list')
    .description('all rules, also those that are switched off')
    .addHelpText('after', '\nExample: hub stock rules list')
    .action(async () => {
      const answer = await (await connectHub()).get<{ version: number; items: readonly Rule[] }>('/v1/stock/rules')
      out().result(answer, () =>
        answer.items.length === 0
          ? 'No rules: shares and buffers of the connections decide alone.'
          : table(
              answer.items.map((rule) => ({ ...rule, says: saysOf(rule), scope: scopeOf(rule) })),
              { Id: 'id', Name: 'name', Plan: 'plan', For: 'scope', Says: 'says', From: 'from', Until: 'until', Now: 'standing' },
            ),
      )
    })
}

const FIELDS = ['share', 'quota', 'priority', 'maximum', 'buffer', 'locations', 'stop', 'at_hand'] as const
const words = (value: unknown): string => (Array.isArray(value) ? value.join('|') : String(value))
const saysOf = (rule: Item): string =>
  FIELDS.flatMap((field) =>
    rule[field] === null ? [] : [`${field} ${words(rule[field])}${field === 'locations' && rule['exclusive'] === true ? ' alone' : ''}`],
  ).join(', ')
const scopeOf = (rule: Item): string =>
  ['connection', 'category', 'skus'].flatMap((part) => (rule[part] === null ? [] : [words(rule[part])])).join(' · ') || 'everything'

function fileCommands(group: Command, out: () => Printer): void {
  group
    .command('export [file]')
    .description('the rules as CSV')
    .addHelpText('after', '\nExample: hub stock rules export rules.csv')
    .action(async (file?: string) => {
      const csv = await new Response(await (await connectHub()).stream('/v1/stock/rules/export')).text()
      if (file === undefined) process.stdout.write(csv)
      else await writeFile(file, csv)
    })
  group
    .command('preview <file>')
    .description('what every listing would show with the rules of a file; stores nothing')
    .option('--at <instant>', 'at this moment, for example 2026-11-11T00:00:00+08:00')
    .addHelpText('after', '\nExample: hub stock rules preview double11.csv --at 2026-11-11T00:00:00+08:00')
    .action(async (file: string, options: { at?: string }) => {
      const hub = await connectHub()
      const seen = await preview(hub, await readChange(hub, file), options.at)
      out().result(seen, () => shown(seen))
    })
  group
    .command('apply <file>')
    .description('store the rules of a file as they were just previewed')
    .option('--at <instant>', 'the moment that is previewed')
    .option('--confirm-zero', 'listings may go to 0')
    .option('--reason <text>', 'why')
    .addHelpText('after', '\nExample: hub stock rules apply double11.csv --reason "Double 11"')
    .action(async (file: string, options: ApplyOptions) => {
      const hub = await connectHub()
      await apply(hub, await readChange(hub, file), options, out())
    })
}

function switchCommand(group: Command, out: () => Printer, to: 'on' | 'off'): void {
  group
    .command(`${to} <id...>`)
    .description(`switch rules ${to}`)
    .option('--confirm-zero', 'listings may go to 0')
    .option('--reason <text>', 'why')
    .addHelpText('after', `\nExample: hub stock rules ${to} 3 4`)
    .action(async (ids: readonly string[], options: ApplyOptions) => {
      const hub = await connectHub()
      const { items } = await hub.get<{ items: readonly Rule[] }>('/v1/stock/rules')
      const put = ids.map((id) => {
        const rule = items.find((each) => String(each.id) === id)
        if (!rule) throw new CliError(`There is no rule ${id}.`, EXIT.notFound)
        const { standing: _s, author: _a, version: _v, updated_at: _u, ...draft } = rule
        return { ...draft, enabled: to === 'on' }
      })
      await apply(hub, { put }, options, out())
    })
}

async function readChange(hub: Hub, file: string): Promise<Change> {
  const form = new FormData()
  form.set('file', new File([await readFile(file)], basename(file)))
  const read = await hub.upload<{ put: readonly Item[]; refused: readonly { row: number; column: string | null; message: string }[] }>(
    '/v1/stock/rules/parse',
    form,
  )
  const [first] = read.refused
  if (first !== undefined) {
    const lines = read.refused.map(({ row, column, message }) => `  row ${row}${column === null ? '' : `, ${column}`}: ${message}`)
    throw new CliError(`${file} has rows that are no rules; nothing was stored.\n${lines.join('\n')}`, EXIT.refused)
  }
  return { put: read.put }
}

const preview = (hub: Hub, change: Change, at: string | undefined): Promise<Preview> =>
  hub.post<Preview>('/v1/stock/rules/preview', { change, limit: 40, ...(at !== undefined && { at }) })

async function apply(hub: Hub, change: Change, options: ApplyOptions, printer: Printer): Promise<void> {
  const seen = await preview(hub, change, options.at)
  printer.say(shown(seen))
  const done = await hub.post<{ version: number; marked: number }>('/v1/stock/rules', {
    change,
    preview_hash: seen.hash,
    confirm_zero: options.confirmZero === true,
    ...(options.at !== undefined && { at: options.at }),
    ...(options.reason !== undefined && { reason: options.reason }),
  })
  printer.result(done, () => `Version ${done.version} of the rules; ${done.marked} listings are told anew.`)
}

function shown(seen: Preview): string {
  const { changed = 0, listings = 0, zero = 0, published_before: before, published_after: after } = seen.totals
  const { exposure_before: riskBefore, exposure_after: riskAfter } = seen.totals
  const head = `At ${seen.at}: ${changed} of ${listings} listings change, ${zero} go to 0. Shown ${before} → ${after}, exposed ${riskBefore} → ${riskAfter}.`
  if (seen.items.length === 0) return head
  const rows = seen.items.map((item) => ({ ...item, rules: rulesOf(item['by']) }))
  const columns = { Connection: 'connection', Sku: 'sku', Now: 'before', Then: 'after', Rule: 'rules' }
  return `${head}\n${table(rows, columns)}${seen.has_more ? '\n…' : ''}`
}

const rulesOf = (by: unknown): string =>
  Array.isArray(by) ? by.map((each: { readonly field: string; readonly rule: string }) => `${each.field}: ${each.rule}`).join(', ') : ''
