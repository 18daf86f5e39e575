import { expect, it } from 'vitest'
import { gather } from '../../../src/activities/gather.ts'

interface Run {
  readonly asks: readonly number[]
  end(error?: Error): void
}

/** Answers ten times what it was asked, once the test says so. */
function tenfold(
  options: {
    readonly lanes?: number
    readonly room?: number
    readonly size?: (ask: number) => number
    readonly patienceMs?: (ask: number) => number
  } = {},
) {
  const runs: Run[] = []
  const ask = gather<number, number>({
    ...{ lanes: 1, room: 10, patienceMs: () => 0, ...options },
    run: (asks) =>
      new Promise((resolve, reject) => {
        runs.push({ asks, end: (error) => (error ? reject(error) : resolve(asks.map((one) => one * 10))) })
      }),
  })
  return { ask, runs }
}
const moment = () => new Promise((resolve) => setTimeout(resolve, 5))

it('takes together what is asked in one moment, and gives each its own answer', async () => {
  const { ask, runs } = tenfold()
  const answers = Promise.all([1, 2, 3].map(ask))
  await moment()
  expect(runs.map(({ asks }) => asks)).toEqual([[1, 2, 3]])
  runs[0]?.end()
  expect(await answers).toEqual([10, 20, 30])
})

it('takes everybody who came during a run with the next one', async () => {
  const { ask, runs } = tenfold()
  const first = ask(1)
  await moment()
  const others = Promise.all([2, 3].map(ask))
  await moment()
  expect(runs).toHaveLength(1)
  runs[0]?.end()
  await moment()
  expect(runs.map(({ asks }) => asks)).toEqual([[1], [2, 3]])
  runs[1]?.end()
  expect([await first, ...(await others)]).toEqual([10, 20, 30])
})

it('fills a run up to its room, lets what is larger go alone, and goes on beside it where there is a lane', async () => {
  const { ask, runs } = tenfold({ lanes: 2, size: (one) => one })
  const answers = Promise.all([40, 4, 5, 6].map(ask))
  await moment()
  await moment()
  expect(runs.map(({ asks }) => asks)).toEqual([[40], [4, 5]])
  runs[1]?.end()
  await moment()
  expect(runs.map(({ asks }) => asks)).toEqual([[40], [4, 5], [6]])
  for (const run of runs) run.end()
  expect(await answers).toEqual([400, 40, 50, 60])
})

it('runs one by one what fails together, so that one never stops the others', async () => {
  const ask = gather<number, number>({
    ...{ lanes: 1, room: 10, patienceMs: () => 0 },
    run: (asks) => (asks.includes(2) ? Promise.reject(new Error('two')) : Promise.resolve(asks.map((one) => one * 10))),
  })
  const answers = await Promise.allSettled([1, 2, 3].map(ask))
  expect(answers).toMatchObject([{ value: 10 }, { reason: { message: 'two' } }, { value: 30 }])
  expect(await ask(4)).toBe(40)
})

it('lets those who can wait do so until somebody comes who cannot, the room is full or their time is over', async () => {
  const hour = 3_600_000
  const { ask, runs } = tenfold({ room: 3, lanes: 5, patienceMs: (one) => (one === 9 ? 0 : one === 7 ? 20 : hour) })
  const answers = Promise.all([1, 2].map(ask))
  await moment()
  expect(runs).toEqual([])
  const others = [ask(9)]
  await moment()
  expect(runs.map(({ asks }) => asks)).toEqual([[1, 2, 9]])
  others.push(...[3, 4, 5].map(ask))
  await moment()
  expect(runs.map(({ asks }) => asks)).toEqual([
    [1, 2, 9],
    [3, 4, 5],
  ])
  others.push(ask(7))
  await expect.poll(() => runs.at(-1)?.asks).toEqual([7])
  for (const run of runs) run.end()
  expect([...(await answers), ...(await Promise.all(others))]).toEqual([10, 20, 90, 30, 40, 50, 70])
})
