import { writeFile } from 'node:fs/promises'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'

/** `bundle-workflows <entry> <file>`, a process of its own: what the bundler leaves in memory, over a hundred megabytes, ends with it. */
const [workflowsPath, file] = process.argv.slice(2)
if (workflowsPath === undefined || file === undefined) throw new Error('An entry and a file to write are needed.')
const logger = new DefaultLogger('ERROR', ({ message }) => void process.stderr.write(`${message}\n`))
const { code } = await bundleWorkflowCode({ workflowsPath, logger })
await writeFile(file, code)
