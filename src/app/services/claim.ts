import { execFile } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { signalProcess, sleep } from './child.ts'

const run = promisify(execFile)

/** Who holds a claim. `born` tells a process from a later one that was given the same number. */
interface Holder {
  readonly pid: number
  readonly born: string
}

export class AlreadyClaimed extends Error {
  readonly pid: number
  constructor(what: string, pid: number) {
    super(`${what} is in use by the running process ${pid}. Stop that hub first, or start this one with another HUB_HOME.`)
    this.name = 'AlreadyClaimed'
    this.pid = pid
  }
}

/**
 * Makes this process the only one that works in a directory, by a file beside it. A file left behind by a
 * process that is gone is taken over.
 * @throws AlreadyClaimed while another process holds it.
 */
export async function claim(file: string, what: string): Promise<() => Promise<void>> {
  const mine: Holder = { pid: process.pid, born: await birthOf(process.pid) }
  for (let attempt = 0; attempt < 5; attempt += 1) {
    try {
      await writeFile(file, JSON.stringify(mine), { flag: 'wx', mode: 0o600 })
      return () => rm(file, { force: true })
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
    const holder = await readHolder(file)
    if (holder !== undefined && (await isSameProcess(holder))) throw new AlreadyClaimed(what, holder.pid)
    await rm(file, { force: true })
  }
  throw new Error(`${what} is being claimed by several processes at once. Start again.`)
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('born' in value)) return undefined
    return typeof value.pid === 'number' && typeof value.born === 'string' ? { pid: value.pid, born: value.born } : undefined
  } catch {
    return undefined
  }
}

async function isSameProcess(holder: Holder): Promise<boolean> {
  return isAlive(holder.pid) && (await birthOf(holder.pid)) === holder.born
}

export function isAlive(pid: number): boolean {
  try {
    return signalProcess(pid, 0)
  } catch {
    // EPERM: it lives and belongs to somebody else.
    return true
  }
}

/** A text that differs between two processes which had the same id one after the other; empty when unknown. */
async function birthOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  // Field 22, counted behind the command's closing bracket: clock ticks since boot.
  if (stat !== undefined) return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  return run('ps', ['-o', 'lstart=', '-p', String(pid)]).then(
    (out) => out.stdout.trim(),
    () => '',
  )
}

/** The command line of a running process; empty when it cannot be told. */
export async function commandLineOf(pid: number): Promise<string> {
  const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined)
  if (raw !== undefined) return raw.replaceAll('\0', ' ')
  return run('ps', ['-o', 'command=', '-p', String(pid)]).then(
    (out) => out.stdout.trim(),
    () => '',
  )
}

/** Ends a server that outlived the hub which started it (kill -9, power loss of a container); true when there was one. */
export async function endOrphan(pid: number, mark: string, signals: readonly NodeJS.Signals[], graceMs: number): Promise<boolean> {
  if (!isAlive(pid) || !(await commandLineOf(pid)).includes(mark)) return false
  for (const signal of signals) {
    if (!signalProcess(pid, signal)) return true
    for (let waited = 0; waited < graceMs; waited += 50) {
      if (!isAlive(pid)) return true
      await sleep(50)
    }
  }
  return true
}
