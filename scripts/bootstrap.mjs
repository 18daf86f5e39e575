// npm start and npm test on a fresh clone: set up first, then run.
import { ensureConsole, ensureDependencies, loadEnvFile, root, runForeground, runHub } from './setup.mjs'
import { join } from 'node:path'

const [target, ...rest] = process.argv.slice(2)
if (target !== 'start' && target !== 'test') {
  process.stderr.write('usage: node scripts/bootstrap.mjs start|test [options]\n')
  process.exit(2)
}
await ensureDependencies()
if (target === 'start') {
  loadEnvFile()
  await ensureConsole()
  await runHub(['start', ...rest])
} else {
  runForeground([join(root, 'scripts', 'test.mjs'), ...rest])
}
