import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startPostgres, type RunningPostgres } from '../../src/app/services/postgres.ts'
import { quietPort } from './quiet-port.ts'
import { startTemporal, type RunningTemporal } from '../../src/app/services/temporal.ts'

const silent = (): void => undefined

/** A service that comes back under the same address after it was killed. */
export interface Service {
  readonly name: string
  start(): Promise<void>
  /** kill -9 of its main process; what it had in memory is gone. */
  kill(): Promise<void>
  stop(): Promise<void>
}

export class Postgres implements Service {
  readonly name = 'postgres'
  readonly #home: string
  readonly #config: readonly string[]
  #running: RunningPostgres | undefined
  #port: number | undefined
  #url = ''

  constructor(home: string, config: readonly string[] = []) {
    this.#home = home
    this.#config = config
  }

  /** With user and password. */
  get url(): string {
    return this.#url
  }
  get port(): number {
    return this.#port ?? 0
  }
  get pid(): number | undefined {
    return this.#running?.pid
  }

  async start(): Promise<void> {
    this.#port ??= await quietPort()
    this.#running = await startPostgres({ dataDir: join(this.#home, 'pg'), log: silent, config: this.#config, port: this.#port })
    this.#url = this.#running.url
  }

  async kill(): Promise<void> {
    if (this.#running) process.kill(this.#running.pid, 'SIGKILL')
    await this.#running?.exited
    await this.stop()
  }

  async stop(): Promise<void> {
    await this.#running?.stop()
    this.#running = undefined
  }
}

export class Temporal implements Service {
  readonly name = 'temporal'
  readonly #home: string
  #running: RunningTemporal | undefined
  #port: number | undefined

  constructor(home: string) {
    this.#home = home
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }
  get port(): number {
    return this.#port ?? 0
  }
  get pid(): number | undefined {
    return this.#running?.pid
  }

  async start(): Promise<void> {
    this.#port ??= await quietPort()
    this.#running = await startTemporal({ home: this.#home, log: silent, port: this.#port })
  }

  async kill(): Promise<void> {
    if (this.#running) process.kill(this.#running.pid, 'SIGKILL')
    await this.#running?.exited
    await this.stop()
  }

  async stop(): Promise<void> {
    await this.#running?.stop()
    this.#running = undefined
  }

  /** Everything it ever knew is gone; call while it is down. */
  async wipe(): Promise<void> {
    for (const name of ['temporal.db', 'temporal.db-wal', 'temporal.db-shm']) await rm(join(this.#home, 'temporal', name), { force: true })
  }
}
