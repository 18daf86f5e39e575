import { spawn } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A server process of ours, and the only handle by which it is stopped. */
export interface Child {
  readonly pid: number
  /** Settles once, whether the process was stopped by us or died by itself. */
  readonly exited: Promise<Exit>
  hasExited(): boolean
  /** Sends the signals one after the other, each `graceMs` later, until the process is gone. */
  stop(signals: readonly NodeJS.Signals[], graceMs: number): Promise<Exit>
}

export interface ChildOptions {
  readonly command: string
  readonly args: readonly string[]
  /** Standard output and error are appended here. */
  readonly logFile: string
  /** Sent to it when this process dies without having stopped it (kill -9, a crash). */
  readonly orphanSignal: NodeJS.Signals
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly uid?: number
  readonly gid?: number
}

/**
 * Starts a server process in a session of its own: Ctrl-C in the terminal reaches only the hub, which then
 * stops its servers in the right order instead of losing the database under a running worker.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  // The file itself, not a pipe: a server that outlives a killed hub must not die halfway on a broken pipe.
  const log = await open(options.logFile, 'a', 0o600)
  const child = spawn(options.command, options.args, {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: options.env ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  })
  let gone = false
  let unguard = (): void => undefined
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      gone = true
      unguard()
      resolve({ code, signal })
    })
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (cause) => reject(new Error(`${options.command} could not be started: ${cause.message}`, { cause })))
  }).finally(() => log.close())
  if (child.pid === undefined) throw new Error(`${options.command} started without a process id.`)
  const pid = child.pid
  unguard = guard(pid, options.orphanSignal)
  if (gone) unguard()
  return {
    pid,
    exited,
    hasExited: () => gone,
    stop: (signals, graceMs) => stopStepwise(pid, exited, signals, graceMs),
  }
}

/**
 * A shell that waits for the end of this process, seen as the end of its input, and then ends the server: nothing
 * of us runs any more at that moment that could do it.
 */
function guard(pid: number, signal: NodeJS.Signals): () => void {
  const script = 'read -r _; kill -s "$1" "$2" 2>/dev/null'
  const shell = spawn('/bin/sh', ['-c', script, 'sh', signal.slice('SIG'.length), String(pid)], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // Without a shell the server is still found and ended at the next start.
  shell.on('error', () => undefined)
  shell.stdin.on('error', () => undefined)
  shell.unref()
  if ('unref' in shell.stdin && typeof shell.stdin.unref === 'function') shell.stdin.unref()
  return () => shell.kill('SIGKILL')
}

async function stopStepwise(pid: number, exited: Promise<Exit>, signals: readonly NodeJS.Signals[], graceMs: number): Promise<Exit> {
  for (const signal of signals) {
    if (!signalProcess(pid, signal)) break
    const exit = await within(exited, graceMs)
    if (exit !== undefined) return exit
  }
  return exited
}

/** False when there is no such process any more. */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

/** Undefined when the promise has not settled after `ms`. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

/** The last lines of a log, for an error message. */
export async function tailOf(file: string, lines: number): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.trimEnd().split('\n').slice(-lines).join('\n')
}
