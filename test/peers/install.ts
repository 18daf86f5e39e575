import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'

export interface Recipe {
  readonly name: string
  /** Holds package.json, its lock, and what is copied beside the packages at every start. */
  readonly folder: string
  /** Where in the cache folder those files go; "" is the folder itself. */
  readonly into: string
  readonly npm?: readonly string[]
}

/**
 * Installs a real shop once into a cache folder of its own (never into the product), named after its lock file; `PEER_CACHE`
 * moves it. Answers that folder.
 */
export async function install({ name, folder, into, npm = [] }: Recipe): Promise<string> {
  const lock = await readFile(join(folder, 'package-lock.json'))
  const cache = process.env['PEER_CACHE'] ?? join(homedir(), '.cache', 'channel-hub-peers')
  const home = join(cache, `${name}-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`)
  const stamp = join(home, 'installed')
  await mkdir(home, { recursive: true })
  if (!(await stat(stamp).catch(() => undefined))) {
    for (const file of ['package.json', 'package-lock.json']) await cp(join(folder, file), join(home, file))
    process.stderr.write(`Installing ${name} into ${home} …\n`)
    await run('npm', ['ci', '--no-audit', '--no-fund', '--engine-strict=false', ...npm], { cwd: home, env: process.env })
    await writeFile(stamp, '')
  }
  await cp(folder, join(home, into), { recursive: true })
  return home
}

/** @throws Error with the last words of a command that failed */
export function run(command: string, args: readonly string[], options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4000)))
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`))))
  })
}

/** Waits until the process has written these words. */
export function ready(child: ChildProcess, words: RegExp, seconds = 60): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = ''
    const late = setTimeout(() => reject(new Error(`The shop did not start within ${seconds} s:\n${output}`)), seconds * 1000)
    const look = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-4000)
      if (!words.test(output)) return
      clearTimeout(late)
      resolve()
    }
    child.stdout?.on('data', look)
    child.stderr?.on('data', look)
    child.once('exit', (code) => {
      clearTimeout(late)
      reject(new Error(`The shop ended with ${code}:\n${output}`))
    })
  })
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 5000)
  await gone
  clearTimeout(late)
}

/** A loopback port nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('No free port.'))))
    })
  })
}

/** A folder that is gone when its shop is. */
export const forget = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true })
