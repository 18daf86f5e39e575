// The bad-input catalogue and the access checks by themselves: npm run test:security [-- --deep]
// --deep: ten times the rows and runs, the API fuzzer against a running hub, and npm's audit where the registry answers.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureDependencies, root } from './setup.mjs'

const deep = process.argv.includes('--deep')
await ensureDependencies()
const run = (command, args, env = {}) => spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1

let failed =
  run(
    join(root, 'node_modules', '.bin', 'vitest'),
    ['run', '--project', 'store', 'test/bad-input', 'test/security'],
    deep ? { SECURITY_DEEP: '1' } : {},
  ) === 0
    ? 0
    : 1
if (deep) {
  failed += run('npm', ['run', 'test:api-fuzz', '--', '400']) === 0 ? 0 : 1
  failed += audit()
}
process.exitCode = failed === 0 ? 0 : 1

/** High and critical advisories fail; a registry that has no audit is said, not hidden. */
function audit() {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { cwd: root, encoding: 'utf8' })
  const found = JSON.parse(stdout || '{}').metadata?.vulnerabilities
  if (found === undefined) {
    process.stdout.write('npm audit: this registry does not answer; run it where one does.\n')
    return 0
  }
  process.stdout.write(`npm audit: ${JSON.stringify(found)}\n`)
  return found.high + found.critical === 0 ? 0 : 1
}
