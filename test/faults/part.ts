import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { within } from './wait.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const READY_MS = 240_000
const STOP_MS = 30_000
const RESTART_MS = 500

export interface PartSpec {
  readonly name: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Words before the program, such as a shell that sets limits first; they get the program as their last arguments. */
  readonly wrap?: readonly string[]
}

interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/**
 * One process of the system under test, on the same port whenever it is started. Like under a service manager it is
 * started again when it ends without having been told to.
 */
export class Part {
  readonly name: string
  readonly #spec: PartSpec
  #child: ChildProcess | undefined
  #exited: Promise<Exit> = Promise.resolve({ code: null, signal: null })
  #wanted = false
  #url = ''
  #output = ''
  /** Ends that nobody asked for. */
  deaths = 0
  /** What it wrote last before such an end. */
  lastWords = ''

  constructor(spec: PartSpec) {
    this.#spec = spec
    this.name = spec.name
  }

  get url(): string {
    return this.#url
  }
  get pid(): number | undefined {
    return this.running ? this.#child?.pid : undefined
  }
  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }
  /** The last of what it wrote. */
  get output(): string {
    return this.#output
  }
  /** Settles when the present process is gone. */
  get exited(): Promise<Exit> {
    return this.#exited
  }

  /** Resolves once it says that it is ready; tried again when it ends before that, because what it needs may still be down. */
  async start(): Promise<void> {
    this.#wanted = true
    const end = performance.now() + READY_MS
    for (;;) {
      const seen = this.#launch()
      const url = await Promise.race([seen, this.#exited.then(() => undefined), sleep(Math.max(1, end - performance.now()), 'late', { ref: false })])
      if (url === 'late') throw new Error(`${this.name} was not ready within ${READY_MS / 1000} s:\n${this.#output.slice(-2000)}`)
      if (url !== undefined) {
        this.#url = url
        return this.#superviseFrom(this.#exited)
      }
      if (!this.#wanted) throw new Error(`${this.name} was stopped before it was ready.`)
      this.#died()
      await sleep(RESTART_MS)
    }
  }

  /** kill -9: nothing of it gets to say goodbye. */
  async kill(): Promise<void> {
    this.#wanted = false
    this.#child?.kill('SIGKILL')
    await this.#exited
  }

  /** SIGTERM, and SIGKILL when that does not help; answers how it ended and how long it took. */
  async stop(): Promise<Exit & { readonly ms: number }> {
    this.#wanted = false
    const startedAt = performance.now()
    if (this.running) {
      this.#child?.kill('SIGTERM')
      if ((await within(this.#exited, STOP_MS)) === undefined) this.#child?.kill('SIGKILL')
    }
    return { ...(await this.#exited), ms: Math.round(performance.now() - startedAt) }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  #died(): void {
    this.deaths += 1
    this.lastWords = this.#output.slice(-1500)
  }

  #superviseFrom(exited: Promise<Exit>): void {
    void exited.then(async () => {
      if (!this.#wanted) return
      this.#died()
      await sleep(RESTART_MS)
      if (this.#wanted) await this.start().catch(() => undefined)
    })
  }

  #launch(): Promise<string> {
    const port = this.#url === '' ? {} : { HUB_PORT: new URL(this.#url).port }
    const [command = '', ...args] = [...(this.#spec.wrap ?? []), process.execPath, ...this.#spec.args]
    const child = spawn(command, args, { cwd: ROOT, env: { ...cleanEnv(), ...this.#spec.env, ...port }, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    this.#exited = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })))
    return new Promise((resolve) => {
      let seen = ''
      const look = (chunk: Buffer): void => {
        const text = chunk.toString()
        this.#output = (this.#output + text).slice(-200_000)
        if (seen.length < 20_000) seen += text
        const url = /^ready (http:\S+)/m.exec(seen)?.[1]
        if (url !== undefined) resolve(url)
      }
      child.stdout.on('data', look)
      child.stderr.on('data', look)
    })
  }
}

/** Nothing of the caller's own hub or database reaches the one under test. */
const cleanEnv = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(HUB_|DATABASE_|TEMPORAL_|PG|NODE_ENV|VITEST)/.test(name)))
