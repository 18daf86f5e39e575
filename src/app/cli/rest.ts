import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { CliError, connectHub, EXIT } from './context.ts'
import { findConnection } from './connections.ts'
import { followJob, type JobView } from './jobs.ts'
import { mendCommands, overrideCommands } from './mend.ts'
import { table, type Item, type Printer } from './output.ts'

interface Page {
  readonly items: readonly Item[]
}

export function stockCommands(program: Command, out: () => Printer): void {
  const group = program.command('stock').description('stock levels')
  group
    .command('set <sku> <quantity>')
    .description('set what is on hand; listings follow')
    .option('--location <id>', 'where', 'main')
    .option('--ref <text>', 'your reference; the same one twice counts once')
    .addHelpText('after', '\nExample: hub stock set TEA-1 120')
    .action(async (sku: string, quantity: string, options: { location: string; ref?: string }) => {
      const answer = await (
        await connectHub()
      ).post<{ items: readonly Item[] }>('/v1/stock', {
        items: [{ sku, location: options.location, on_hand: quantity, ...(options.ref && { ref: options.ref }) }],
      })
      out().result(answer, () => JSON.stringify(answer.items[0] ?? answer))
      if (answer.items[0]?.['result'] === 'unknown-sku') process.exitCode = EXIT.notFound
    })
  group
    .command('show [sku]')
    .description('stock and what each channel shows')
    .addHelpText('after', '\nExample: hub stock show TEA-1')
    .action(async (sku?: string) => {
      const page = await (await connectHub()).get<Page>('/v1/stock', { sku })
      out().result(page, () =>
        table(page.items, {
          Sku: 'sku',
          Title: 'title',
          'On hand': 'on_hand',
          Reserved: 'reserved',
          Promisable: 'promisable',
          Published: 'published',
          Exposure: 'exposure',
        }),
      )
    })
}

export function failureCommands(program: Command, out: () => Printer): void {
  const group = program.command('failures').description('what did not sync, one row per root cause')
  group
    .command('list')
    .description('open groups')
    .option('--status <status>', 'open, acknowledged, resolved, ignored', 'open')
    .addHelpText('after', '\nExample: hub failures list')
    .action(async (options: { status: string }) => {
      const answer = await (await connectHub()).get<{ groups?: readonly Item[]; items?: readonly Item[] }>('/v1/failures', { status: options.status })
      const groups = answer.groups ?? answer.items ?? []
      out().result(answer, () =>
        groups.length === 0
          ? 'Nothing is failing.'
          : table(groups, {
              Id: 'id',
              Orders: 'orders',
              Code: 'code',
              What: 'message',
              Subject: 'subject',
              Connection: 'connection_id',
              'Last seen': 'last_seen',
            }),
      )
    })
  group
    .command('show <id>')
    .description('one group with samples')
    .addHelpText('after', '\nExample: hub failures show 3')
    .action(async (id: string) => {
      const group1 = await (await connectHub()).get<Item>(`/v1/failures/${encodeURIComponent(id)}`)
      out().result(group1, () => JSON.stringify(group1, null, 2))
    })
  mendCommands(group, out)
  overrideCommands(program, out)
  replayCommand(program, out)
}

function replayCommand(program: Command, out: () => Printer): void {
  program
    .command('replay')
    .description('run stored documents through the mapping in force')
    .option('--group <id>', 'a failure group')
    .option('--order <id...>', 'orders by hub id')
    .option('--connection <name>')
    .option('--from <date>')
    .option('--to <date>')
    .option('--dry-run', 'say what would happen, write nothing')
    .option('--rate <n>', 'documents per second at most', '1000')
    .option('--report <file>', 'what became of each document, as CSV')
    .addHelpText('after', '\nExample: hub replay --group 3 --dry-run')
    .action(
      async (options: {
        group?: string
        order?: readonly string[]
        connection?: string
        from?: string
        to?: string
        dryRun?: boolean
        rate: string
        report?: string
      }) => {
        if (!options.group && !options.order && !options.connection)
          throw new CliError('Say what to replay: --group, --order or --connection.', EXIT.usage)
        const hub = await connectHub()
        const filter = {
          ...(options.group && { group: options.group }),
          ...(options.order && { order_ids: options.order }),
          ...(options.connection && { connection: (await findConnection(hub, options.connection)).id }),
          ...(options.from && { from: new Date(options.from).toISOString() }),
          ...(options.to && { to: new Date(options.to).toISOString() }),
        }
        const job = await hub.post<JobView>('/v1/replays', { filter, dry_run: options.dryRun === true, rate: Number(options.rate) })
        const done = await followJob(hub, job.id, options.dryRun ? 'dry run' : 'replay', out().json)
        if (options.report) await writeFile(options.report, await new Response(await hub.stream(`/v1/jobs/${job.id}/report.csv`)).text())
        out().result(done, () => JSON.stringify(done.result, null, 2))
      },
    )
}

export function keyCommands(program: Command, out: () => Printer): void {
  const group = program.command('keys').description('API keys')
  group
    .command('create <name>')
    .description('make a key; it is shown once')
    .requiredOption('--scope <scope...>', 'e.g. orders:read feed:read')
    .option('--connection <id...>', 'limit to connections')
    .option('--expires <date>')
    .addHelpText('after', '\nExample: hub keys create erp --scope orders:read feed:read')
    .action(async (name: string, options: { scope: readonly string[]; connection?: readonly string[]; expires?: string }) => {
      const key = await (
        await connectHub()
      ).post<Item>('/v1/keys', {
        name,
        scopes: options.scope,
        ...(options.connection && { connections: options.connection }),
        ...(options.expires && { expires_at: new Date(options.expires).toISOString() }),
      })
      out().result(key, () => `${String(key['secret'] ?? key['key'])}\nKeep it: it is not shown again.`)
    })
  group
    .command('list')
    .description('all keys')
    .addHelpText('after', '\nExample: hub keys list')
    .action(async () => {
      const page = await (await connectHub()).get<Page>('/v1/keys')
      out().result(page, () =>
        table(page.items, { Id: 'id', Name: 'name', Scopes: 'scopes', 'Last used': 'last_used_at', Expires: 'expires_at', Revoked: 'revoked_at' }),
      )
    })
  group
    .command('revoke <id>')
    .description('end a key at once')
    .addHelpText('after', '\nExample: hub keys revoke k_ab12')
    .action(async (id: string) => {
      await (await connectHub()).remove(`/v1/keys/${encodeURIComponent(id)}`)
      out().result({ revoked: id }, () => `Revoked ${id}.`)
    })
}

export function sandboxCommands(program: Command, out: () => Printer): void {
  const group = program.command('sandbox').description('the simulated channels of a first look')
  group
    .command('remove')
    .description('take the simulated channels and everything that came from them away')
    .addHelpText('after', '\nExample: hub sandbox remove')
    .action(async () => {
      const hub = await connectHub()
      const job = await hub.post<JobView>('/v1/sandbox/remove')
      const done = await followJob(hub, job.id, 'removing the sandbox', out().json)
      out().result(done, () => `Removed the sandbox with ${String(done.result['orders'])} orders.`)
    })
}
