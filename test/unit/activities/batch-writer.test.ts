import { expect, it } from 'vitest'
import { BatchWriter } from '../../../src/activities/batch-writer.ts'

/** Writes as the store does: staged at once, written when the one before is, and committed when the test says so. */
function queue(): { readonly writer: BatchWriter<string>; readonly said: string[]; commit(batch: string): void; fail(batch: string): void } {
  const said: string[] = []
  const gates = new Map<string, { readonly commit: () => void; readonly fail: (error: Error) => void }>()
  const writer = new BatchWriter<string>(async (batch, turn) => {
    const gate = new Promise<void>((commit, fail) => gates.set(batch, { commit, fail }))
    gate.catch(() => undefined)
    said.push(`stage ${batch}`)
    await turn.before
    said.push(`write ${batch}`)
    await gate
    said.push(`commit ${batch}`)
  })
  return { writer, said, commit: (batch) => gates.get(batch)?.commit(), fail: (batch) => gates.get(batch)?.fail(new Error(`${batch} failed`)) }
}

it('stages one batch while the one before it is being written, and commits them in their order', async () => {
  const { writer, said, commit } = queue()
  await writer.next('a')
  await writer.next('b')
  const third = writer.next('c')
  expect(writer.unsettled).toEqual(['b', 'a'])
  commit('b')
  await new Promise(setImmediate)
  expect(said).toEqual(['stage a', 'write a', 'stage b'])
  commit('a')
  await third
  commit('c')
  await writer.done()
  expect(said.filter((line) => line.startsWith('commit'))).toEqual(['commit a', 'commit b', 'commit c'])
  expect(said.indexOf('stage c')).toBeGreaterThan(said.indexOf('commit a'))
  expect(writer.unsettled).toEqual([])
})

it('writes nothing after a batch that failed, and says so with the next one and at the end', async () => {
  const { writer, said, fail } = queue()
  await writer.next('a')
  await writer.next('b')
  fail('a')
  await expect(writer.next('c')).rejects.toThrow('a failed')
  await expect(writer.done()).rejects.toThrow('a failed')
  await writer.settled()
  expect(said).toEqual(['stage a', 'write a', 'stage b'])
})
