// Runs a real-shop job: a shop installed from the package registry into a cache of its own, beside the hub.
// Usage: node scripts/peer.mjs vendure|medusa [--minutes 10 --rate six-fold] [vitest's own options]
// With --minutes: a storm of orders, edits, refunds and cancels at so many times the usual rate, with two kills, instead of the job's scenes.
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const [shop = '', ...rest] = process.argv.slice(2)
const folder = join(root, 'test/peers', shop)
/** @param {string} name */
const taken = (name) => {
  const at = rest.indexOf(`--${name}`)
  return at === -1 ? undefined : rest.splice(at, 2)[1]
}
const minutes = taken('minutes')
const rate = taken('rate') ?? 'six-fold'
if ((minutes !== undefined && !(Number(minutes) > 0)) || (rate !== 'six-fold' && !(Number(rate) > 0))) {
  process.stderr.write('--minutes takes a number, --rate a number or six-fold.\n')
  process.exit(2)
}
const isStorm = minutes !== undefined
const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && name.startsWith('storm') === isStorm)
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const child = spawn(
  process.execPath,
  [vitest, 'run', '--config', 'test/peers/vitest.config.ts', ...files.map((name) => `test/peers/${shop}/${name}`), ...rest],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PEER_RATE: rate, ...(minutes === undefined ? {} : { PEER_MINUTES: minutes }) },
  },
)
child.once('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => child.kill(name))
