import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
/** Clock ticks a second in /proc; the same on every Linux that Node runs on. */
const TICKS = 100

/** Starts one of our own programs; what it says on stderr is kept for the case that it fails. */
export function launch(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const loader = args.some((arg) => arg.endsWith('.ts')) ? ['--import', 'tsx'] : []
  const child = spawn(process.execPath, [...loader, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stderr?.resume()
  return child
}

/** The first group of the first line that fits. */
export function lineOf(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr?.on('data', (part: Buffer) => (said = `${said}${part.toString()}`.slice(-2000)))
    child.once('exit', (code) => reject(new Error(`${child.spawnargs.slice(1).join(' ')} ended with ${code}. ${said}`)))
    if (!child.stdout) return
    createInterface({ input: child.stdout }).on('line', (line) => {
      const hit = pattern.exec(line)?.[1]
      if (hit !== undefined) resolve(hit)
    })
  })
}

/** All a program says on stdout, once it ended well. */
export async function outputOf(child: ChildProcess): Promise<string> {
  let out = ''
  let said = ''
  child.stdout?.on('data', (part: Buffer) => (out += part.toString()))
  child.stderr?.on('data', (part: Buffer) => (said = `${said}${part.toString()}`.slice(-2000)))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`${child.spawnfile} ended with ${code}. ${said.trim()}`)
  return out
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await exit
}

export interface Pids {
  readonly hub: number
  readonly postgres: number
  readonly temporal: number
}
/** CPU seconds. */
export type Cpu = Readonly<Record<keyof Pids, number>>

/** The servers a hub started: the postmaster and Temporal whose command lines name its data directory; 0 where there is no /proc. */
export function serversOf(home: string): Omit<Pids, 'hub'> {
  const found = processes().filter(({ args }) => args.includes(home))
  return {
    postgres: found.find(({ args }) => /postgres/.test(args.split(' ')[0] ?? ''))?.pid ?? 0,
    temporal: found.find(({ args }) => args.includes('start-dev'))?.pid ?? 0,
  }
}

/** CPU seconds so far; of PostgreSQL with all its backends, living and ended. */
export function cpuOf(pids: Pids): Cpu {
  const own = (pid: number): number => (stat(pid)?.own ?? 0) / TICKS
  const master = stat(pids.postgres)
  const backends = processes().reduce((sum, { pid }) => sum + (stat(pid)?.parent === pids.postgres ? (stat(pid)?.own ?? 0) : 0), 0)
  return { hub: own(pids.hub), temporal: own(pids.temporal), postgres: ((master?.own ?? 0) + (master?.reaped ?? 0) + backends) / TICKS }
}

/** The most memory a process ever had resident, bytes; undefined where there is no /proc. */
export function peakRss(pid: number): number | undefined {
  try {
    const hit = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return hit ? Number(hit[1]) * 1024 : undefined
  } catch {
    return undefined
  }
}

function processes(): readonly { readonly pid: number; readonly args: string }[] {
  return listed('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [{ pid: Number(name), args: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ') }]
      } catch {
        return [] // ended meanwhile
      }
    })
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function stat(pid: number): { readonly parent: number; readonly own: number; readonly reaped: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    return { parent: fields[1] ?? 0, own: (fields[11] ?? 0) + (fields[12] ?? 0), reaped: (fields[13] ?? 0) + (fields[14] ?? 0) }
  } catch {
    return undefined
  }
}
