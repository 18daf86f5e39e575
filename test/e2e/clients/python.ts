import { spawn } from 'node:child_process'
import { join } from 'node:path'

export interface PythonRun {
  readonly code: number
  readonly output: string
}

/** A virtual environment with these packages; `run` starts one of its commands. */
export async function pythonWith(
  work: string,
  packages: readonly string[],
): Promise<(command: string, args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<PythonRun>> {
  const venv = join(work, 'venv')
  await must(execute('python3', ['-m', 'venv', venv], work))
  await must(execute(join(venv, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...packages], work))
  return (command, args, env = {}) => execute(join(venv, 'bin', command), args, work, env)
}

async function must(run: Promise<PythonRun>): Promise<void> {
  const { code, output } = await run
  if (code !== 0) throw new Error(`Python could not be set up:\n${output.slice(-2000)}`)
}

function execute(command: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Promise<PythonRun> {
  return new Promise((resolve, reject) => {
    // oxlint-disable-next-line node/no-process-env -- pip needs PATH and the machine's own index settings
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    const parts: string[] = []
    child.stdout.on('data', (data) => parts.push(String(data)))
    child.stderr.on('data', (data) => parts.push(String(data)))
    child.once('error', reject)
    child.once('exit', (code) => resolve({ code: code ?? 1, output: parts.join('') }))
  })
}
