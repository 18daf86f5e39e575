import { spawn } from 'node:child_process'
import { access, mkdir, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { outputOf } from '../processes.ts'

const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'channel-hub', 'bench')

/**
 * A Python environment of its own with exactly these packages, made on first use and kept in the cache.
 * @throws Error saying what is missing: Python, its venv module, or the way to a package index
 */
export async function environment(name: string, packages: readonly string[], say: (line: string) => void): Promise<string> {
  const folder = join(cache, name)
  const bin = join(folder, 'bin')
  const complete = join(folder, 'complete')
  if (await exists(complete)) return bin
  say(`installing ${packages.join(' ')} into ${folder}`)
  await mkdir(cache, { recursive: true })
  await rm(folder, { recursive: true, force: true })
  await run('python3', ['-m', 'venv', folder])
  await run(join(bin, 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...packages])
  await run(join(bin, 'python'), ['-c', `open(${JSON.stringify(complete)}, 'w').close()`])
  return bin
}

const run = (program: string, args: readonly string[]): Promise<string> =>
  outputOf(spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })).catch((cause: unknown) => {
    throw new Error(`${program} ${args.slice(0, 2).join(' ')}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  })

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
