import fc from 'fast-check'
import { expect, it } from 'vitest'
import { groups, keyReader, planGroups } from '../../../src/kit/files/group-rows.ts'
import { tableOf } from '../../../src/kit/files/table.ts'

const columns = ['no', 'value']
const rowsOf = (keys: readonly string[]) => keys.map((key, i) => ({ rowNo: i + 2, cells: [key, String(i)] }))

async function grouped(
  keys: readonly string[],
  maxOpenRows: number,
): Promise<{ readonly passes: number; readonly out: readonly { readonly key: string | undefined; readonly rows: readonly number[] }[] }> {
  const table = tableOf(columns, rowsOf(keys))
  const keyOf = keyReader(columns, ['no'])
  const plan = await planGroups(table, keyOf, maxOpenRows)
  const out = []
  for await (const group of groups(table, keyOf, plan)) out.push({ key: group.key, rows: group.rows.map((row) => row.rowNo) })
  return { passes: plan.passes, out }
}

it('puts every row into exactly one document, in file order, however rows are scattered and however little may wait', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('A', 'B', 'C', 'D', 'E', ''), { maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      async (keys, maxOpenRows) => {
        const { out } = await grouped(keys, maxOpenRows)
        expect(out.flatMap((group) => group.rows).sort((a, b) => a - b)).toEqual(keys.map((_, i) => i + 2))
        const named = out.flatMap((group) => group.key ?? [])
        expect(new Set(named).size).toBe(named.length)
        for (const group of out) {
          expect(group.rows).toEqual([...group.rows].sort((a, b) => a - b))
          for (const rowNo of group.rows) expect(keys[rowNo - 2]).toBe(group.key ?? '')
          if (group.key === undefined) expect(group.rows).toHaveLength(1)
        }
      },
    ),
  )
})

it('reads a sorted file once and a scattered one in as many passes as its open rows need', async () => {
  const sorted = Array.from({ length: 1000 }, (_, i) => `K${Math.floor(i / 10)}`)
  const scattered = Array.from({ length: 1000 }, (_, i) => `K${i % 100}`)
  expect((await grouped(sorted, 50)).passes).toBe(1)
  const { passes, out } = await grouped(scattered, 250)
  expect(passes).toBe(4)
  expect(out).toHaveLength(100)
  expect(out.every((group) => group.rows.length === 10)).toBe(true)
})

it('gives the same order of documents every time', async () => {
  const keys = Array.from({ length: 500 }, (_, i) => `K${(i * 7919) % 83}`)
  expect(await grouped(keys, 40)).toEqual(await grouped(keys, 40))
})
