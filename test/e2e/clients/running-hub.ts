import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const READY_MS = 240_000

export interface RunningHub {
  readonly url: string
  /** Key of the command line: all scopes. */
  readonly key: string
  /** The generated one of its administrator, to be changed at the first signing in. */
  readonly password: string
  /** A directory that goes away with the hub. */
  readonly work: string
  stop(): Promise<void>
}

/** A whole hub with its sandbox, started as a newcomer would, in a directory of its own. */
export async function startThrowAwayHub(): Promise<RunningHub> {
  const work = await mkdtemp(join(tmpdir(), 'hub-clients-'))
  // Run as root, the database is another user's, who has to pass through here.
  await chmod(work, 0o711)
  const home = join(work, 'home')
  // oxlint-disable-next-line node/no-process-env -- the child needs PATH and HOME like any other command, and none of the caller's own settings
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('HUB_'))
  const env = { ...Object.fromEntries(inherited), HUB_HOME: home, HUB_PORT: '0', HUB_SANDBOX: '1', HUB_LOG_LEVEL: 'error' }
  const child = spawn(process.execPath, ['scripts/bootstrap.mjs', 'start'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let password = ''
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The hub was not ready in time.')), READY_MS)
    createInterface({ input: child.stdout }).on('line', (line) => {
      password = /^first administrator: .* password "([^"]+)"/.exec(line)?.[1] ?? password
      const found = /^ready (http\S+)/.exec(line)?.[1]
      if (found === undefined) return
      clearTimeout(timer)
      resolve(found)
    })
    void ended.then(() => reject(new Error('The hub ended before it was ready.')))
  })
  return {
    url,
    password,
    work,
    key: (await readFile(join(home, 'cli.key'), 'utf8')).trim(),
    stop: async () => {
      child.kill('SIGINT')
      await ended
      await rm(work, { recursive: true, force: true })
    },
  }
}
