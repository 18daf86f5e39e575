import { spawn } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { sleep } from './child.ts'

/** A way to get the server that gives no sign of life for this long is given up. */
export const FIRST_ANSWER_MS = 10_000
/** Once it has shown progress it may be silent for longer (a compiler is), but not for ever. */
const SILENCE_MS = 120_000
const TOTAL_MS = 600_000

export interface AttemptOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** Bytes arriving in this folder are its progress; without a folder, its output is. */
  readonly watch?: string
  /** Defaults to {@link FIRST_ANSWER_MS}; tests shorten it. */
  readonly firstAnswerMs?: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs a program that fetches something, for as long as it visibly gets on.
 * @throws Error with the program's last words, or saying that it gave no answer.
 */
export async function attempt(options: AttemptOptions): Promise<void> {
  const child = spawn(options.command, options.args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.env }, detached: true })
  let said = ''
  let heard = 0
  const listen = (chunk: Buffer): void => {
    heard += chunk.length
    said = (said + chunk.toString('utf8')).slice(-4_000)
  }
  child.stdout.on('data', listen)
  child.stderr.on('data', listen)
  const finished = new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code) => resolve(code === 0 ? undefined : lastLines(said) || `it ended with code ${code}`))
  })
  const watch = new AbortController()
  const stalled = watchProgress(options, () => heard, watch.signal)
  const problem = await Promise.race([finished, stalled])
  watch.abort()
  if (child.exitCode === null && child.signalCode === null) endGroup(child.pid)
  if (problem !== undefined) throw new Error(problem)
}

async function watchProgress(options: AttemptOptions, heard: () => number, signal: AbortSignal): Promise<string | undefined> {
  const started = Date.now()
  let seen = 0
  let last = started
  let patience = options.firstAnswerMs ?? FIRST_ANSWER_MS
  while (!signal.aborted) {
    await sleep(200)
    if (options.signal?.aborted === true) return 'stopped'
    const now = Date.now()
    // A downloader also prints that it retries, so where bytes can be seen its words count for nothing.
    const amount = options.watch === undefined ? heard() : await sizeOf(options.watch)
    if (amount > seen) {
      patience = SILENCE_MS
      seen = amount
      last = now
    }
    if (now - last > patience) return `no answer for ${Math.round(patience / 1000)} s`
    if (now - started > TOTAL_MS) return `not finished after ${TOTAL_MS / 60_000} minutes`
  }
  return undefined
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        (found) => found.size,
        () => 0,
      ),
    )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** The whole process group: downloaders start helpers of their own. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended between our look and the signal.
  }
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-2).join(' ').slice(0, 400)
}
