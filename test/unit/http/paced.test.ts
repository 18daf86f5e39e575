import { expect, it, vi } from 'vitest'
import { Paced } from '../../../src/http/paced.ts'

const now = (): Date => new Date('2026-11-23T00:00:00Z')

it('reads again after a reading that failed before it waited for anything', async () => {
  const answers = [
    (): Promise<string> => {
      throw new Error('no pool')
    },
    () => Promise.resolve('read'),
  ]
  const paced = new Paced(() => (answers.shift() ?? (() => Promise.resolve('too often')))(), 0, now)
  await expect(paced.get()).rejects.toThrow('no pool')
  expect((await vi.waitFor(() => paced.get())).value).toBe('read')
})

it('leaves the last figure standing, with its time, while a later reading fails', async () => {
  let times = 0
  const read = (): Promise<number> => {
    times += 1
    return times === 1 ? Promise.resolve(7) : Promise.reject(new Error('gone'))
  }
  const paced = new Paced(read, 0, now)
  expect(await paced.get()).toEqual({ at: now(), value: 7 })
  await vi.waitFor(async () => {
    await paced.get()
    expect(times).toBeGreaterThan(2)
  })
  expect(await paced.get()).toEqual({ at: now(), value: 7 })
})

it('is read once for all who ask at the same time', async () => {
  const read = vi.fn<() => Promise<string>>(() => Promise.resolve('read'))
  const paced = new Paced(read, 60_000, now)
  await Promise.all([paced.get(), paced.get(), paced.get()])
  await paced.get()
  expect(read).toHaveBeenCalledTimes(1)
})

it('does not keep those waiting who have no time for a first reading, and has it for them later', async () => {
  let end = (): void => undefined
  const paced = new Paced(() => new Promise<string>((resolve) => (end = () => resolve('read'))), 60_000, now)
  expect(await paced.soon(1)).toBeUndefined()
  end()
  expect(await vi.waitFor(() => paced.soon(1).then((read) => read ?? Promise.reject(new Error('not yet'))))).toEqual({ at: now(), value: 'read' })
})
