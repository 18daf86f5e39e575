// Runs the real-shop job: a Vendure installed from the package registry into a cache of its own, beside the hub.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const child = spawn(process.execPath, [vitest, 'run', '--config', 'test/peers/vitest.config.ts', 'test/peers/vendure', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
child.once('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => child.kill(name))
