// Every check in one run, with one closing line that counts them all. `--fast` leaves out what needs a server.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureDependencies, root } from './setup.mjs'

const bin = (name) => join(root, 'node_modules', '.bin', name)
const report = join(root, '.tmp', 'vitest.json')
const totals = { passed: 0, failed: 0, skipped: 0 }

/** Runs one tool with its output on the terminal; resolves to its exit code. */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
    child.once('error', (error) => {
      process.stderr.write(`${error.message}\n`)
      resolve(127)
    })
    child.once('close', (code) => resolve(code ?? 1))
  })
}

async function check(title, command, args) {
  const started = Date.now()
  process.stdout.write(`\n> ${title}\n`)
  const code = await run(command, args)
  totals[code === 0 ? 'passed' : 'failed'] += 1
  process.stdout.write(`  ${title}: ${code === 0 ? 'ok' : `FAILED (code ${code})`} after ${((Date.now() - started) / 1000).toFixed(1)} s\n`)
}

async function tests(projects) {
  process.stdout.write('\n> tests\n')
  mkdirSync(join(root, '.tmp'), { recursive: true })
  rmSync(report, { force: true })
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...projects.flatMap((name) => ['--project', name])]
  const code = await run(bin('vitest'), args)
  const result = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined
  totals.passed += result?.numPassedTests ?? 0
  totals.failed += result?.numFailedTests ?? 0
  totals.skipped += (result?.numPendingTests ?? 0) + (result?.numTodoTests ?? 0)
  if (result !== undefined) nameSkipped(result)
  // A file that cannot be loaded, or an error outside of any test, leaves no failed test behind.
  if (code !== 0 && (result?.numFailedTests ?? 0) === 0) totals.failed += 1
}

function nameSkipped(result) {
  for (const file of result.testResults) {
    for (const test of file.assertionResults) {
      if (test.status === 'pending' || test.status === 'skipped' || test.status === 'todo')
        process.stdout.write(`  skipped: ${test.fullName} (${file.name})\n`)
    }
  }
}

const fast = process.argv.includes('--fast')
await ensureDependencies()
await check('types', bin('tsc'), ['-p', '.'])
if (existsSync(join(root, 'console', 'tsconfig.json'))) await check('console types', bin('tsc'), ['-p', 'console'])
await check('lint', bin('oxlint'), ['--deny-warnings'])
await check('format', bin('oxfmt'), ['--check'])
await check('unused code', bin('knip'), [])
await tests(fast ? ['unit'] : ['!volume'])
process.stdout.write(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`)
process.exit(totals.failed === 0 ? 0 : 1)
