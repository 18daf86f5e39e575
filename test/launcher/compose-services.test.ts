import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { freePort } from '../../src/app/services/free-port.ts'

const serviceSchema = z.object({
  command: z.array(z.string()).min(2),
  environment: z.record(z.string(), z.string()),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
})
type Service = z.output<typeof serviceSchema>

const database = `compose_${randomBytes(4).toString('hex')}`
let services: Readonly<Record<string, Service>>
let home: string
/** What the image holds: the build, the packages and the three scripts; no sources. */
let image: string
const running = new Set<ChildProcess>()

beforeAll(async () => {
  const { services: all } = z
    .object({ services: z.record(z.string(), z.unknown()) })
    .parse(parse(await readFile('docker-compose.yml', 'utf8'), { merge: true }))
  services = { api: serviceSchema.parse(all['api']), worker: serviceSchema.parse(all['worker']), migrate: serviceSchema.parse(all['migrate']) }
  home = await mkdtemp(join(tmpdir(), 'hub-compose-'))
  image = join(home, 'image')
  await buildImage()
  await asAdmin(`create database ${database}`)
})

/** The steps of the Dockerfile that matter to the processes, without a container engine. */
async function buildImage(): Promise<void> {
  await promisify(execFile)('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', join(image, 'dist')])
  await mkdir(join(image, 'scripts'), { recursive: true })
  await mkdir(join(image, 'dist', 'console'), { recursive: true })
  // The page is built by another step of the image; what is tried here is that the API finds it.
  await writeFile(join(image, 'dist', 'console', 'index.html'), '<!doctype html><title>console</title>')
  const dockerfile = await readFile('Dockerfile', 'utf8')
  const scripts = [...dockerfile.matchAll(/\/hub\/(scripts\/[\w.-]+)/g)].map((match) => match[1] ?? '')
  expect(scripts).toContain('scripts/hub.mjs')
  for (const file of ['package.json', ...scripts]) await cp(file, join(image, file))
  await symlink(resolve('node_modules'), join(image, 'node_modules'))
}

afterAll(async () => {
  for (const child of running) child.kill('SIGKILL')
  await asAdmin(`drop database if exists ${database} with (force)`)
  await rm(home, { recursive: true, force: true })
})

async function asAdmin(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgres').adminUrl })
  await client.connect()
  await client.query(statement)
  await client.end()
}

const masterKey = randomBytes(32).toString('base64')

/** The file's environment as a container gets it, with the container network's names replaced by what runs here. */
function environmentOf(service: Service, port: number): Record<string, string> {
  const admin = new URL(inject('postgres').adminUrl)
  const given: Readonly<Record<string, string>> = { HUB_MASTER_KEY: masterKey, DB_HUB_PASSWORD: admin.password }
  const here = [
    ['postgres:5432/hub', `${admin.host}/${database}`],
    ['temporal:7233', inject('temporal').address],
    ['/var/lib/channel-hub', home],
    ['0.0.0.0', '127.0.0.1'],
  ] as const
  const entries = Object.entries(service.environment).map(([name, value]) => {
    const filled = value.replaceAll(/\$\{(\w+)(?::[?-]([^}]*))?\}/g, (_, variable: string) => given[variable] ?? '')
    const located = here.reduce((text, [there, local]) => text.replace(there, local), filled)
    return [name, name === 'HUB_PORT' ? String(port) : located] as const
  })
  // Of this process only what a container has as well, so that nothing of the test's own settings helps out.
  const kept = ['PATH', 'HOME', 'LANG'].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]))
  return Object.fromEntries([...kept, ...entries])
}

function launch(
  service: Service,
  port: number,
): { readonly child: ChildProcess; readonly said: () => string; readonly exit: Promise<number | null> } {
  const [program = '', ...args] = service.command
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    cwd: image,
    env: environmentOf(service, port),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const exit = once(child, 'exit').then(([code]: (number | null)[]) => {
    running.delete(child)
    return code ?? null
  })
  return { child, said: () => said, exit }
}

async function healthOf(service: Service, port: number): Promise<number | null> {
  const [kind, program = '', ...args] = service.healthcheck?.test.map((part) => part.replace(':8080', `:${port}`)) ?? []
  expect(kind).toBe('CMD')
  const check = spawn(program === 'node' ? process.execPath : program, args, { cwd: image, stdio: 'ignore' })
  const [code]: (number | null)[] = await once(check, 'exit')
  return code ?? null
}

async function becomesHealthy(service: Service, port: number, said: () => string, exit: Promise<number | null>): Promise<void> {
  const gone = exit.then((code) => `it ended with code ${String(code)}`)
  for (const started = Date.now(); Date.now() - started < 120_000;) {
    const answer = await Promise.race([healthOf(service, port), gone])
    if (answer === 0) return
    if (typeof answer === 'string') throw new Error(`${answer}:\n${said().slice(-3_000)}`)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  throw new Error(`not healthy after 120 s:\n${said().slice(-3_000)}`)
}

function service(name: string): Service {
  const found = services[name]
  if (found === undefined) throw new Error(`no service ${name}`)
  return found
}

test(
  'migrates an empty database, then runs the API and the worker with the environment of the file until they are stopped',
  { timeout: 240_000 },
  async () => {
    const migrate = launch(service('migrate'), 0)
    expect(await migrate.exit, migrate.said()).toBe(0)

    for (const name of ['api', 'worker']) {
      const port = await freePort()
      const started = launch(service(name), port)
      await becomesHealthy(service(name), port, started.said, started.exit)
      if (name === 'api') {
        expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toContain('<title>console</title>')
        expect(started.said()).toContain('first administrator')
      }
      started.child.kill('SIGTERM')
      expect(await started.exit, started.said()).toBe(0)
      expect(started.said()).not.toContain(masterKey)
    }
  },
)

test('says what is missing instead of starting without a master key', async () => {
  const api = service('api')
  const started = launch({ ...api, environment: { ...api.environment, HUB_MASTER_KEY: '' } }, 0)
  expect(await started.exit).not.toBe(0)
  expect(started.said()).toContain('HUB_MASTER_KEY')
})
