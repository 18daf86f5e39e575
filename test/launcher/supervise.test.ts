import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { isAlive } from '../../src/app/services/claim.ts'
import { startPostgres } from '../../src/app/services/postgres.ts'
import { readRunNote } from '../../src/app/services/run-note.ts'
import { startTemporal } from '../../src/app/services/temporal.ts'
import { loadSettings } from '../../src/app/settings.ts'
import { supervise } from '../../src/app/supervise.ts'
import type { RunningHub, ServiceUrls } from '../../src/app/supervise.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hub-supervise-'))
  await chmod(home, 0o711)
})
afterEach(() => rm(home, { recursive: true, force: true }))

/** The smallest thing that listens on a port and keeps rows in the database it was given. */
async function tinyHub(urls: ServiceUrls): Promise<RunningHub> {
  await query(urls.databaseUrl, 'create table if not exists lives (at timestamptz not null default now())')
  await query(urls.databaseUrl, 'insert into lives default values')
  const server = createServer((_, response) => response.end('ok'))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    ended: new Promise(() => undefined),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
      }),
  }
}

async function query(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

/** A supervised hub on `home`; `until` resolves when a line of its progress matches. */
function start(): { said: string[]; until: (line: RegExp) => Promise<string>; stop: () => void; code: Promise<number>; urls: ServiceUrls[] } {
  const said: string[] = []
  const urls: ServiceUrls[] = []
  const abort = new AbortController()
  const code = supervise({
    settings: loadSettings({ HUB_HOME: home }),
    say: (line) => said.push(line),
    runHub: (given) => {
      urls.push(given)
      return tinyHub(given)
    },
    stopSignal: abort.signal,
    now: () => new Date(),
  })
  const until = async (pattern: RegExp): Promise<string> => {
    for (let waited = 0; waited < 60_000; waited += 50) {
      const line = said.find((one) => pattern.test(one))
      if (line !== undefined) return line
      await new Promise((resolve) => {
        setTimeout(resolve, 50)
      })
    }
    throw new Error(`never said ${String(pattern)}:\n${said.join('\n')}`)
  }
  return { said, until, stop: () => abort.abort(), code, urls }
}

const first = (urls: readonly ServiceUrls[]): ServiceUrls => {
  const [found] = urls
  if (found === undefined) throw new Error('the hub was not started')
  return found
}

test('starts both services, notes where it runs, and leaves nothing running after a stop', async () => {
  const hub = start()
  const ready = await hub.until(/^ready http:\/\/127\.0\.0\.1:\d+$/)
  const note = await readRunNote(home)
  expect(note).toMatchObject({ pid: process.pid, url: ready.slice('ready '.length), databaseUrl: first(hub.urls).databaseUrl })
  expect((await stat(join(home, 'run.json'))).mode & 0o777).toBe(0o600)
  const pids = [
    Number((await readFile(join(home, 'pg', 'postmaster.pid'), 'utf8')).split('\n')[0]),
    Number(await readFile(join(home, 'temporal', 'pid'), 'utf8')),
  ]
  expect(pids.map(isAlive)).toEqual([true, true])
  hub.stop()
  expect(await hub.code).toBe(0)
  expect(pids.map(isAlive)).toEqual([false, false])
  expect(await readRunNote(home)).toBeUndefined()
  expect(hub.said.join('\n')).not.toContain(new URL(first(hub.urls).databaseUrl).password)
})

test('keeps its data over a second start and refuses to run twice on one directory', async () => {
  const one = start()
  await one.until(/^ready/)
  await expect(startPostgres({ dataDir: join(home, 'pg'), log: () => undefined })).rejects.toThrow(`running process ${process.pid}`)
  await expect(startTemporal({ home, log: () => undefined })).rejects.toThrow('another HUB_HOME')
  const refused = start()
  await expect(refused.code).rejects.toThrow(`running process ${process.pid}`)
  one.stop()
  // Started while the first is still stopping: it waits for its turn.
  await one.until(/^hub: stopping/)
  const two = start()
  await two.until(/^ready/)
  expect(await query(first(two.urls).databaseUrl, 'select count(*)::int as lives from lives')).toEqual([{ lives: 2 }])
  two.stop()
  expect(await two.code).toBe(0)
})

test('comes back with its data when the database dies under it', async () => {
  const hub = start()
  await hub.until(/^ready/)
  const pid = Number((await readFile(join(home, 'pg', 'postmaster.pid'), 'utf8')).split('\n')[0])
  process.kill(pid, 'SIGKILL')
  await hub.until(/postgres ended by itself \(signal SIGKILL\)/)
  for (let waited = 0; hub.said.filter((line) => line.startsWith('ready')).length < 2 && waited < 60_000; waited += 100) {
    await new Promise((resolve) => {
      setTimeout(resolve, 100)
    })
  }
  const again = hub.urls[1]
  if (again === undefined) throw new Error(`not started again:\n${hub.said.join('\n')}`)
  expect(await query(again.databaseUrl, 'select count(*)::int as lives from lives')).toEqual([{ lives: 2 }])
  hub.stop()
  expect(await hub.code).toBe(0)
})

test('shuts down servers whose hub was killed, and starts over their lock files', async () => {
  const postgres = await startPostgres({ dataDir: join(home, 'pg'), log: () => undefined })
  // What a kill -9 of the hub leaves: the server runs on, the claim names a process that is gone.
  await writeFile(join(home, 'pg.claim'), JSON.stringify({ pid: 2 ** 22 - 1, born: '0' }))
  const said: string[] = []
  const next = await startPostgres({ dataDir: join(home, 'pg'), log: (line) => said.push(line) })
  expect(said.join('\n')).toContain(`shut down process ${postgres.pid}`)
  expect(isAlive(postgres.pid)).toBe(false)
  await next.stop()
  // A lock file whose number meanwhile belongs to something else entirely.
  const lock = `${process.pid}\n${join(home, 'pg')}\n0\n5432\n\n127.0.0.1\n0 0\nready\n`
  await writeFile(join(home, 'pg', 'postmaster.pid'), lock)
  const last = await startPostgres({ dataDir: join(home, 'pg'), log: () => undefined })
  expect(await query(last.url, 'select 1 as one')).toEqual([{ one: 1 }])
  await last.stop()
})

test('takes its servers along when it is killed', async () => {
  const program = `
    const [{ startPostgres }, { startTemporal }] = await Promise.all([import('./src/app/services/postgres.ts'), import('./src/app/services/temporal.ts')])
    const [postgres, temporal] = await Promise.all([
      startPostgres({ dataDir: process.argv[1] + '/pg', log: () => undefined }),
      startTemporal({ home: process.argv[1], log: () => undefined }),
    ])
    console.log(JSON.stringify([postgres.pid, temporal.pid]))
    setInterval(() => undefined, 60_000)`
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program, home], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line]: Buffer[] = await once(child.stdout, 'data')
  const pids = z
    .array(z.number())
    .length(2)
    .parse(JSON.parse(String(line)))
  expect(pids.map(isAlive)).toEqual([true, true])
  child.kill('SIGKILL')
  for (let waited = 0; pids.some(isAlive) && waited < 20_000; waited += 100) await new Promise((resolve) => setTimeout(resolve, 100))
  expect(pids.map(isAlive)).toEqual([false, false])
})
