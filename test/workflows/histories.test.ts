import { readdirSync } from 'node:fs'
import { Worker } from '@temporalio/worker'
import { describe, expect, it } from 'vitest'
import { readHistory } from './record.ts'
import { quietRuntime, workflowBundle } from './worker.ts'

const folder = new URL('./histories/', import.meta.url)
const recorded = readdirSync(folder).filter((name) => name.endsWith('.json'))

describe('recorded runs', () => {
  it('cover every workflow', () => {
    expect(new Set(recorded.map((name) => name.split('.')[0]))).toEqual(new Set(['daily', 'job', 'poll', 'push', 'receive']))
  })

  it.each(recorded)('%s replays with the code of today', async (name) => {
    quietRuntime()
    await expect(Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, readHistory(name), name)).resolves.toBeUndefined()
  })

  it('notices an order of work that changed', async () => {
    quietRuntime()
    const { code } = await workflowBundle()
    const changed = code.replace('await keepHouse();', '')
    expect(changed).not.toBe(code)
    await expect(Worker.runReplayHistory({ workflowBundle: { code: changed } }, readHistory('daily.json'), 'daily')).rejects.toThrow(
      /[Nn]ondeterminism|[Dd]eterminism/,
    )
  })
})
