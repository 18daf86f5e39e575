import type { Command } from 'commander'
import { findConnection } from './connections.ts'
import { CliError, connectHub, EXIT, type Hub } from './context.ts'
import { followJob, type JobView } from './jobs.ts'
import { table, type Item, type Printer } from './output.ts'

const pathOf = (id: string): string => `/v1/failures/${encodeURIComponent(id)}`

interface Choices {
  readonly field: string
  readonly word: string
  readonly choices: readonly Item[]
}

/** What a person does about a failure group: say who looks after it, and mend it. */
export function mendCommands(group: Command, out: () => Printer): void {
  group
    .command('set <id>')
    .description('who looks after a group, and how')
    .option('--status <status>', 'open, acknowledged, resolved, ignored')
    .option('--owner <name>', '"-" for nobody')
    .option('--until <instant>', 'ignore it until then')
    .option('--note <text>', 'a line for the next person')
    .addHelpText('after', '\nExample: hub failures set 40 --status ignored --until 2026-12-01T09:00:00Z --note "Shop is asked"')
    .action(async (id: string, options: { status?: string; owner?: string; until?: string; note?: string }) => {
      const hub = await connectHub()
      const change = {
        ...(options.status && { status: options.status }),
        ...(options.owner && { owner: options.owner === '-' ? null : options.owner }),
        ...(options.until && { status: 'ignored', ignored_until: new Date(options.until).toISOString() }),
      }
      if (Object.keys(change).length > 0) await hub.patch(pathOf(id), change)
      if (options.note) await hub.post(`${pathOf(id)}/notes`, { text: options.note })
      const row = await hub.get<Item>(pathOf(id))
      out().result(row, () => `${String(row['status'])}${typeof row['owner'] === 'string' ? `, in the care of ${row['owner']}` : ''}`)
    })
  group
    .command('choices <id>')
    .description('what an unknown word could mean, tried on a waiting document')
    .addHelpText('after', '\nExample: hub failures choices 40')
    .action(async (id: string) => {
      const found = await (await connectHub()).get<Choices>(`${pathOf(id)}/choices`)
      out().result(found, () =>
        table(found.choices, { Word: 'to', Payment: 'payment', Fulfilment: 'fulfilment', Orders: 'seen', Problem: 'problem' }),
      )
    })
  group
    .command('mean <id> <word>')
    .description('give the unknown word of a group the meaning of a known one, and replay what waits for it')
    .requiredOption('--reason <text>', 'why; kept with the rule')
    .addHelpText('after', '\nExample: hub failures mean 40 processing --reason "asked the shop"')
    .action(async (id: string, word: string, options: { reason: string }) => {
      const hub = await connectHub()
      const { field, word: from } = await hub.get<Choices>(`${pathOf(id)}/choices`)
      const { connection_id: connection } = await hub.get<Item>(pathOf(id))
      await hub.post('/v1/overrides', { kind: 'word', connection, field, from, to: word, reason: options.reason, group: id })
      await replayGroup(hub, id, out())
    })
  group
    .command('push-again <id>')
    .description('send the refused packages and decisions of a group again')
    .requiredOption('--reason <text>', 'why')
    .option('--carrier <code>', 'with another carrier')
    .addHelpText('after', '\nExample: hub failures push-again 41 --carrier SF --reason "SF took them over"')
    .action(async (id: string, options: { reason: string; carrier?: string }) => {
      const answer = await (await connectHub()).post<Item>(`${pathOf(id)}/push-again`, options)
      out().result(answer, () => `${String(answer['effects'])} sent again, ${String(answer['left'])} left`)
    })
  group
    .command('re-emit <id>')
    .description('put all orders of a group into the feed once more')
    .addHelpText('after', '\nExample: hub failures re-emit 42')
    .action(async (id: string) => {
      const answer = await (await connectHub()).post<Item>(`${pathOf(id)}/re-emit`)
      out().result(answer, () => `${String(answer['orders'])} orders`)
    })
}

async function replayGroup(hub: Hub, id: string, out: Printer): Promise<void> {
  const job = await hub.post<JobView>('/v1/replays', { filter: { group: id }, dry_run: false })
  const done = await followJob(hub, job.id, 'replay', out.json)
  out.result(done, () => JSON.stringify(done.result, null, 2))
}

export function overrideCommands(program: Command, out: () => Printer): void {
  const group = program.command('overrides').description('rules people made for reading documents and naming carriers')
  group
    .command('list')
    .description('rules in force; with --all those taken back too')
    .option('--connection <name>')
    .option('--all')
    .addHelpText('after', '\nExample: hub overrides list')
    .action(async (options: { connection?: string; all?: boolean }) => {
      const hub = await connectHub()
      const connection = options.connection && (await findConnection(hub, options.connection)).id
      const answer = await hub.get<{ items: readonly Item[] }>('/v1/overrides', { connection, ...(options.all ? {} : { state: 'active' }) })
      out().result(answer, () =>
        table(answer.items, {
          Id: 'id',
          Connection: 'connection_id',
          Kind: 'kind',
          Field: 'field',
          From: 'from',
          To: 'to',
          Reason: 'reason',
          Author: 'author',
        }),
      )
    })
  group
    .command('add')
    .description('make a rule: a word, a carrier, a place, or (with --document) one value of one document')
    .requiredOption('--connection <name>')
    .option('--carrier', 'from and to are carriers')
    .option('--place', 'from is a place of the channel, to one of our locations')
    .option('--field <name>', 'name of the member that holds the word, or JSON pointer with --document')
    .option('--document <entity>', 'such as order/4711')
    .option('--from <text>')
    .requiredOption('--to <text>')
    .requiredOption('--reason <text>', 'why; kept with the rule')
    .addHelpText('after', '\nExample: hub overrides add --connection shop --carrier --from DPD --to ZTO --reason "not in their list"')
    .action(
      async (options: {
        connection: string
        carrier?: boolean
        place?: boolean
        field?: string
        document?: string
        from?: string
        to: string
        reason: string
      }) => {
        const hub = await connectHub()
        const base = { connection: (await findConnection(hub, options.connection)).id, to: options.to, reason: options.reason }
        if (!options.carrier && !options.place && options.field === undefined)
          throw new CliError('Say which: --carrier, --place, or --field with --from or --document.', EXIT.usage)
        const row = await hub.post<Item>(
          '/v1/overrides',
          options.carrier || options.place
            ? { kind: options.carrier ? 'carrier' : 'place', ...base, from: options.from }
            : options.document === undefined
              ? { kind: 'word', ...base, field: options.field, from: options.from }
              : { kind: 'field', ...base, field: options.field, entity: options.document },
        )
        out().result(row, () => `rule ${String(row['id'])}, version ${String(row['version'])}`)
      },
    )
  group
    .command('end <id>')
    .description('take a rule back')
    .requiredOption('--reason <text>', 'why')
    .addHelpText('after', '\nExample: hub overrides end 3 --reason "wrong word"')
    .action(async (id: string, options: { reason: string }) => {
      const row = await (await connectHub()).post<Item>(`/v1/overrides/${encodeURIComponent(id)}/end`, { reason: options.reason })
      out().result(row, () => `rule ${id} holds no more`)
    })
}
