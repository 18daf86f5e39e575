// npm run test:faults on a fresh clone: set up first, then run the experiments.
import { join } from 'node:path'
import { ensureDependencies, root, runForeground } from './setup.mjs'

await ensureDependencies()
runForeground(['--import', import.meta.resolve('tsx'), join(root, 'test', 'faults', 'run.ts'), ...process.argv.slice(2)])
