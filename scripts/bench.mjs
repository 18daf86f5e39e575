// npm run bench on a fresh clone: set up first, then measure.
import { join } from 'node:path'
import { ensureDependencies, root, runForeground } from './setup.mjs'

await ensureDependencies()
runForeground(['--import', import.meta.resolve('tsx'), join(root, 'bench', 'run.ts'), ...process.argv.slice(2)])
