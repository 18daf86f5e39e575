import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { backup, restore } from '../../store/backup.ts'
import { createPool } from '../../store/db.ts'
import { type Rotated, rotateMasterKey, rotateMasterKeyOnline } from '../../store/master-key.ts'
import { migrate } from '../../store/migrate.ts'
import { loadMasterKey } from '../services/master-key.ts'
import { readRunNote } from '../services/run-note.ts'
import { CliError, connectHub, EXIT, settings } from './context.ts'
import { table, type Item, type Printer } from './output.ts'

/* The working parts are loaded when they are wanted: every other command starts in a fraction of the time. */

/** The database of the settings, else that of the hub running on HUB_HOME. */
async function databaseUrl(): Promise<string> {
  const { database, home } = settings()
  const url = database.url ?? (await readRunNote(home))?.databaseUrl
  if (url === undefined) throw new CliError(`No database: set DATABASE_URL, or start the hub that keeps its data in ${home}.`, EXIT.noHub)
  return url
}

/** Running hubs look for the key in force every two seconds. */
const SETTLE_MS = 10_000

async function rotate(given: ReturnType<typeof settings>, file: string, online: boolean): Promise<Rotated> {
  if (!online && (await readRunNote(given.home)))
    throw new CliError('A hub runs on this data directory. Stop it first: it would go on sealing under the old key.')
  const next = Buffer.from((await readFile(file, 'utf8')).trim(), 'base64')
  const pool = createPool(await databaseUrl(), { max: 2 })
  try {
    const present = await loadMasterKey(given)
    return await (online ? rotateMasterKeyOnline(pool, present, next, SETTLE_MS) : rotateMasterKey(pool, present, next))
  } finally {
    await pool.end()
  }
}

export function serviceCommands(program: Command, out: () => Printer): void {
  program
    .command('start')
    .description('run everything: database, workflow server, API, worker, console')
    .addHelpText('after', '\nExample: hub start')
    .action(async () => {
      const { start } = await import('../start.ts')
      process.exitCode = await start(settings())
    })
  program
    .command('api')
    .description('run the API and the console (DATABASE_URL and TEMPORAL_ADDRESS needed)')
    .addHelpText('after', '\nExample: hub api')
    .action(async () => {
      const { runApi } = await import('../roles.ts')
      process.exitCode = await runApi(settings())
    })
  program
    .command('worker')
    .description('run the worker (DATABASE_URL and TEMPORAL_ADDRESS needed)')
    .addHelpText('after', '\nExample: hub worker')
    .action(async () => {
      const { runWorker } = await import('../roles.ts')
      process.exitCode = await runWorker(settings())
    })
  careCommands(program, out)
  backupCommands(program, out)
}

function careCommands(program: Command, out: () => Printer): void {
  program
    .command('migrate')
    .description('bring the database to the newest schema')
    .addHelpText('after', '\nExample: DATABASE_URL=postgres://… hub migrate --json')
    .action(async () => {
      const applied = await migrate(await databaseUrl())
      out().result({ applied }, () => (applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`))
    })
  program
    .command('status')
    .description('is it running, and is it well')
    .addHelpText('after', '\nExample: hub status --json')
    .action(async () => {
      const hub = await connectHub()
      const [overview, connections] = await Promise.all([hub.get<Item>('/v1/overview'), hub.get<{ items: readonly Item[] }>('/v1/connections')])
      out().result(
        { url: hub.url, ...overview, connections: connections.items },
        () => `running at ${hub.url}\n${table(connections.items, { Name: 'name', State: 'state', Health: 'health.kind', Why: 'health.code' })}`,
      )
    })
  program
    .command('doctor')
    .description('check this machine and the running services, with what to do about each finding')
    .addHelpText('after', '\nExample: hub doctor')
    .action(async () => {
      const { doctor } = await import('../doctor.ts')
      const findings = await doctor(settings())
      out().result({ findings }, () =>
        findings.map((finding) => `${finding.ok ? 'ok  ' : 'FIX '} ${finding.what}${finding.ok ? '' : `\n     ${finding.todo}`}`).join('\n'),
      )
      if (findings.some((finding) => !finding.ok)) process.exitCode = EXIT.failed
    })
}

function backupCommands(program: Command, out: () => Printer): void {
  program
    .command('rotate-master-key <new-key-file>')
    .description('put all keys and credentials under a new master key (32 bytes, base64); stop the hub first')
    .addHelpText('after', '\nExample: openssl rand -base64 32 > new.key && DATABASE_URL=postgres://… hub rotate-master-key new.key')
    .option('--online', 'while hubs run that were all started with HUB_MASTER_KEY_NEXT')
    .action(async (file: string, options: { readonly online?: boolean }) => {
      const report = await rotate(settings(), file, options.online === true)
      out().result(
        report,
        () =>
          `Put ${report.dataKeys} data keys and ${report.connections} connections under the new key. Start the hub with it (HUB_MASTER_KEY, or ${file} as HUB_HOME/master.key).`,
      )
    })
  program
    .command('backup <file>')
    .description('a consistent snapshot of the database; keep the master key apart from it')
    .addHelpText('after', '\nExample: hub backup hub-2026-11-22.gz')
    .action(async (file: string) => {
      const report = await backup(await databaseUrl(), file, (line) => out().say(line))
      out().result(
        report,
        () => `Wrote ${report.tables} tables to ${file}. It opens only with the master key (HUB_MASTER_KEY or HUB_HOME/master.key).`,
      )
    })
  program
    .command('restore <file>')
    .description('fill an empty database from a backup')
    .addHelpText('after', '\nExample: DATABASE_URL=postgres://… hub restore hub-2026-11-22.gz')
    .action(async (file: string) => {
      const report = await restore(await databaseUrl(), file, (line) => out().say(line))
      out().result(report, () => `Restored ${report.tables} tables.`)
    })
}
