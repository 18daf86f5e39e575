import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { CliError, connectHub, EXIT, type Hub } from './context.ts'
import { followJob, type JobView } from './jobs.ts'
import { table, type Item, type Printer } from './output.ts'
import { meant, settingValue, type ChannelForm } from './setting-value.ts'

interface Listed {
  readonly items: readonly (Item & { readonly id: string; readonly name: string })[]
}

/** By id or by name. */
export async function findConnection(hub: Hub, text: string): Promise<Item & { readonly id: string; readonly version?: number }> {
  const { items } = await hub.get<Listed>('/v1/connections')
  const found = items.filter((item) => item.id === text || item.name === text)
  if (found.length !== 1 || !found[0]) throw new CliError(`There is no connection "${text}". "hub connections list" shows them all.`, EXIT.notFound)
  return found[0]
}

const pairs = (value: string, previous: Readonly<Record<string, string>>): Record<string, string> => {
  const split = value.indexOf('=')
  if (split < 1) throw new CliError(`"${value}" is not name=value.`, EXIT.usage)
  return { ...previous, [value.slice(0, split)]: value.slice(split + 1) }
}

/** Secrets may be read from a file: `consumerKey=@key.txt`. They never appear in the output. */
async function readSecrets(given: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const entries = Object.entries(given).map(
    async ([name, value]) => [name, value.startsWith('@') ? (await readFile(value.slice(1), 'utf8')).trim() : value] as const,
  )
  return Object.fromEntries(await Promise.all(entries))
}

/** A whole description, e.g. an example of a channel of one's own. */
async function settingsFile(path: string | undefined): Promise<object> {
  if (path === undefined) return {}
  const doc = meant((await readFile(path, 'utf8')).trim())
  if (typeof doc !== 'object' || doc === null) throw new CliError(`${path} is not a JSON object.`, EXIT.usage)
  return doc
}

export function connectionCommands(program: Command, out: () => Printer): void {
  const group = program.command('connections').description('shops, tills and files the hub is connected to')
  group
    .command('list')
    .description('all connections with their health')
    .addHelpText('after', '\nExample: hub connections list --json')
    .action(async () => {
      const { items } = await (await connectHub()).get<Listed>('/v1/connections')
      out().result(items, () =>
        table(items, {
          Id: 'id',
          Name: 'name',
          Channel: 'channel',
          State: 'state',
          Health: 'health.kind',
          Why: 'health.code',
          'Last order': 'last_order_at',
        }),
      )
    })
  addCommand(group, out)
  checkCommand(group, out)
  removeCommands(group, out)
  pullCommand(program, out)
}

function addCommand(group: Command, out: () => Printer): void {
  group
    .command('add <channel>')
    .description('add a connection; it only reads until it is armed')
    .requiredOption('--name <name>', 'name people see')
    .option('--settings <file>', 'settings as a JSON file; --set changes single ones')
    .option('--set <name=value>', 'a setting, repeatable', pairs, {})
    .option('--secret <name=value>', 'a credential, repeatable; @file reads it from a file', pairs, {})
    .option('--timezone <zone>', 'IANA time zone', 'UTC')
    .option('--currency <code>', 'ISO 4217', 'CNY')
    .option('--from <date>', 'read orders changed since')
    .option('--no-check', 'store without testing first')
    .addHelpText(
      'after',
      '\nExample: hub connections add woocommerce --name "EU shop" --set url=https://shop.example.com --secret consumerKey=@ck.txt --secret consumerSecret=@cs.txt --currency EUR',
    )
    .action(
      async (
        channel: string,
        options: {
          name: string
          settings?: string
          set: Record<string, string>
          secret: Record<string, string>
          timezone: string
          currency: string
          from?: string
          check: boolean
        },
      ) => {
        const hub = await connectHub()
        const form = (await hub.get<readonly ChannelForm[]>('/v1/channels')).find(({ id }) => id === channel)
        const config = {
          ...(await settingsFile(options.settings)),
          ...Object.fromEntries(Object.entries(options.set).map(([name, value]) => [name, settingValue(value, name, form)])),
        }
        const body = { channel, config, secrets: await readSecrets(options.secret), timezone: options.timezone, currency: options.currency }
        if (options.check) {
          const report = await hub.post<{
            ok: boolean
            steps: readonly { step: { en: string }; ok: boolean; detail?: string }[]
            fault?: { message: string }
          }>('/v1/connections/check', body)
          const failed = report.steps.filter((step) => !step.ok).map((step) => `${step.step.en}: ${step.detail ?? 'failed'}`)
          if (!report.ok)
            throw new CliError(
              `The check failed. ${[report.fault?.message ?? [], failed].flat().join(' ')} Nothing was stored (--no-check stores it anyway).`,
              EXIT.refused,
            )
        }
        const made = await hub.post<Item & { id: string }>('/v1/connections', {
          ...body,
          name: options.name,
          ...(options.from && { start_from: new Date(options.from).toISOString() }),
        })
        out().result(made, () => `Added ${options.name} as ${made.id}. It reads; arm it in the console before it writes.`)
      },
    )
}

function checkCommand(group: Command, out: () => Printer): void {
  group
    .command('check <connection>')
    .description('test a connection live')
    .addHelpText('after', '\nExample: hub connections check "EU shop"')
    .action(async (name: string) => {
      const hub = await connectHub()
      const { id } = await findConnection(hub, name)
      const report = await hub.post<{
        ok: boolean
        steps: readonly { step: { en: string }; ok: boolean; detail?: string }[]
        fault?: { message: string }
      }>(`/v1/connections/${id}/check`)
      out().result(report, () =>
        [
          ...report.steps.map((s) => `${s.ok ? 'ok    ' : 'failed'} ${s.step.en}${s.detail ? `: ${s.detail}` : ''}`),
          ...(report.fault ? [report.fault.message] : []),
        ].join('\n'),
      )
      if (!report.ok) process.exitCode = EXIT.refused
    })
  for (const [verb, what] of [
    ['pause', 'stop reading and writing'],
    ['resume', 'go on where it stopped'],
  ] as const) {
    group
      .command(`${verb} <connection>`)
      .description(what)
      .option('--reason <text>', 'why')
      .addHelpText('after', `\nExample: hub connections ${verb} "EU shop"`)
      .action(async (name: string, options: { reason?: string }) => {
        const hub = await connectHub()
        const { id } = await findConnection(hub, name)
        const answer = await hub.post(`/v1/connections/${id}/${verb}`, verb === 'pause' ? { reason: options.reason ?? 'command line' } : {})
        out().result(answer, () => `${name}: ${verb}d.`)
      })
  }
}

function removeCommands(group: Command, out: () => Printer): void {
  group
    .command('remove <connection>')
    .description('remove a connection and its credentials; its orders stay')
    .addHelpText('after', '\nExample: hub connections remove c_12')
    .action(async (name: string) => {
      const hub = await connectHub()
      const { id } = await findConnection(hub, name)
      await hub.remove(`/v1/connections/${id}`)
      out().result({ removed: id }, () => `Removed ${name}.`)
    })
  group
    .command('export')
    .description('all connections as JSON, without credentials')
    .addHelpText('after', '\nExample: hub connections export > connections.json')
    .action(async () => {
      const value = await (await connectHub()).get('/v1/connections/export')
      process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
    })
  group
    .command('import <file>')
    .description('connections from an export; credentials are asked for later')
    .addHelpText('after', '\nExample: hub connections import connections.json')
    .action(async (file: string) => {
      const answer = await (await connectHub()).post('/v1/connections/import', JSON.parse(await readFile(file, 'utf8')))
      out().result(answer, () => 'Imported. Enter the credentials of each connection in the console.')
    })
}

function pullCommand(program: Command, out: () => Printer): void {
  program
    .command('pull <connection>')
    .description('read orders now, or backfill a range with --from and --to')
    .option('--from <date>', 'start of a backfill')
    .option('--to <date>', 'end of a backfill (default now)')
    .addHelpText('after', '\nExample: hub pull "EU shop" --from 2026-11-01 --to 2026-11-12')
    .action(async (name: string, options: { from?: string; to?: string }) => {
      const hub = await connectHub()
      const { id } = await findConnection(hub, name)
      if (options.from === undefined) {
        await hub.post(`/v1/connections/${id}/pull`)
        out().result({ pulling: id }, () => `${name} is being read now.`)
        return
      }
      const job = await hub.post<JobView>(`/v1/connections/${id}/backfill`, {
        from: new Date(options.from).toISOString(),
        to: (options.to ? new Date(options.to) : new Date()).toISOString(),
      })
      const done = await followJob(hub, job.id, `backfill ${name}`, out().json)
      out().result(done, () => `Done: ${done.done} documents read. ${JSON.stringify(done.result)}`)
    })
}
