import { writeFile } from 'node:fs/promises'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'

/** `bundle-workflows <entry> <file>`, a process of its own: what the bundler leaves in memory, over a hundred megabytes, ends with it. */
const [workflowsPath, file] = process.argv.slice(2)
if (workflowsPath === undefined || file === undefined) throw new Error('An entry and a file to write are needed.')
const logger = new DefaultLogger('ERROR', ({ message }) => void process.stderr.write(`${message}\n`))
const { code } = await bundleWorkflowCode({ workflowsPath, logger })
await writeFile(file, oneByte(withoutSources(code)))

/**
 * The map at the end of the bundle without the text of its sources. Places in stack traces are still told as files and lines; the texts, half of the
 * bundle, would be read, put together anew and kept by the hub and by its workflow thread.
 */
function withoutSources(bundle: string): string {
  const [, start, map] = /^(.*\/\/# sourceMappingURL=data:[^,]*;base64,)([\w+/=]+)\s*$/s.exec(bundle) ?? []
  if (start === undefined || map === undefined) return bundle
  const slim = JSON.stringify(JSON.parse(Buffer.from(map, 'base64').toString()), (key, value: unknown) =>
    key === 'sourcesContent' ? undefined : value,
  )
  return start + Buffer.from(slim).toString('base64')
}

/** A text is held with two bytes a letter as soon as one of them needs two: the dashes of a comment would double the whole, in each thread that reads it. */
function oneByte(bundle: string): string {
  return bundle.replace(/[^\0-\xff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
