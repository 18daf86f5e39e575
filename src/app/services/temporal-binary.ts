import { execFile } from 'node:child_process'
import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { PROGRAM, SERVER_VERSION, SOURCES } from './temporal-sources.ts'
import type { Source } from './temporal-sources.ts'

const run = promisify(execFile)
const ANSWER_MS = 10_000

export interface BinaryOptions {
  readonly log: (line: string) => void
  /** Setting HUB_TEMPORAL_BIN: used as it is, or the start fails. */
  readonly configured?: string
  /** Fetched programs are kept here for every data directory of this user. */
  readonly cacheDir?: string
  readonly path?: string
  readonly sources?: readonly Source[]
  readonly signal?: AbortSignal | undefined
}

/**
 * Finds a Temporal server program, fetching one when there is none: configured, on PATH, own cache, then each
 * source in turn. Every step says what it does.
 * @throws Error naming what was tried and what to do next.
 */
export async function resolveTemporalBinary(options: BinaryOptions): Promise<string> {
  const { log } = options
  if (options.configured !== undefined) {
    await versionOf(options.configured)
    return options.configured
  }
  const cached = join(options.cacheDir ?? defaultCacheDir(), `temporal-${SERVER_VERSION}`, PROGRAM)
  const onPath = await findOnPath(options.path ?? process.env['PATH'] ?? '')
  for (const candidate of onPath === undefined ? [cached] : [onPath, cached]) {
    const version = await versionOf(candidate).catch(() => undefined)
    if (version === undefined) continue
    log(`temporal: ${version} at ${candidate}`)
    return candidate
  }
  return fetchBinary(cached, options)
}

export function defaultCacheDir(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'channel-hub')
}

async function fetchBinary(target: string, { sources = SOURCES, log, signal }: BinaryOptions): Promise<string> {
  const folder = join(target, '..')
  await mkdir(folder, { recursive: true })
  const problems: string[] = []
  for (const source of sources) {
    signal?.throwIfAborted()
    log(`temporal: trying ${source.title}`)
    const work = await mkdtemp(join(folder, 'fetch-'))
    try {
      const fetched = join(work, `fetched-${PROGRAM}`)
      await source.fetch({ work, target: fetched, log, signal })
      const version = await versionOf(fetched)
      await rename(fetched, target)
      log(`temporal: ${version}, kept at ${target}`)
      return target
    } catch (error) {
      const problem = (error instanceof Error ? error.message : String(error)).replaceAll('\n', ' ')
      log(`temporal: not that way: ${problem}`)
      problems.push(`  ${source.title}: ${problem}`)
    } finally {
      await rm(work, { recursive: true, force: true })
    }
  }
  throw new Error(
    [
      'No Temporal server was found and none could be fetched:',
      ...problems,
      'Next: run "docker compose up -d temporal" and start with TEMPORAL_ADDRESS=127.0.0.1:7233, put the "temporal" program on PATH,',
      'or name it with HUB_TEMPORAL_BIN.',
    ].join('\n'),
  )
}

async function findOnPath(path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, PROGRAM)
    if (
      folder !== '' &&
      (await access(file, constants.X_OK).then(
        () => true,
        () => false,
      ))
    )
      return file
  }
  return undefined
}

/** @throws Error when the file is no runnable Temporal program. */
async function versionOf(file: string): Promise<string> {
  try {
    const { stdout } = await run(file, ['--version'], { timeout: ANSWER_MS })
    const first = stdout.trim().split('\n')[0] ?? ''
    if (!first.startsWith('temporal version')) throw new Error(`it answered "${first.slice(0, 80)}"`)
    return first
  } catch (cause) {
    throw new Error(`${file} is no Temporal server program that runs here.`, { cause })
  }
}
