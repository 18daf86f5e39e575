import { expect, it } from 'vitest'
import { readSkuFile } from '../../../src/http/sku-file.ts'
import { readStockTakeFile } from '../../../src/http/stock-take-file.ts'
import { readSupplyFile } from '../../../src/http/supply-file.ts'

const harmless = (): void => undefined
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const told = (refused: readonly { readonly row: number; readonly code: string; readonly value: string; readonly column: string | null }[]) =>
  refused.map(({ row, code, value, column }) => [row, code, value, column])

it('names a row of SKUs that is left out by a code with its cell', async () => {
  const { refused, items } = await readSkuFile(
    'a.csv',
    bytes(`sku;title\nA;x\nA;y\n;only a title\n1.2E+18;z\n"B\u0007";z\n${'x'.repeat(201)};z`),
    harmless,
  )
  expect(items).toHaveLength(1)
  expect(told(refused)).toEqual([
    [3, 'sku-twice', 'A', null],
    [4, 'sku-empty', '', null],
    [5, 'became-number', '1.2E+18', null],
    [6, 'sku-unreadable', 'B\u0007', null],
    [7, 'sku-too-long', 'x'.repeat(60), null],
  ])
})

it('names a counted row that is left out', async () => {
  const { refused, lines } = await readStockTakeFile('a.csv', bytes('sku,counted\nA,3\nA,2\n,4\nB,many\nC,-1'), harmless)
  expect(lines).toEqual([{ sku: 'A', counted: '5' }])
  expect(told(refused)).toEqual([
    [4, 'sku-empty', '', null],
    [5, 'not-a-quantity', 'many', null],
    [6, 'not-a-quantity', '-1', null],
  ])
})

it('names the column of a row about buying', async () => {
  const file = bytes('sku,supplier,lead_days,pack\nA,Acme,3,6\nA,Acme,3,6\nB,Nobody,3,6\nC,Acme,soon,6\nD,Acme,3,0')
  const { refused, items } = await readSupplyFile(file, new Map([['Acme', '1']]), harmless)
  expect(items).toMatchObject([{ sku: 'A', supplierId: '1', leadDays: 3, pack: '6' }])
  expect(told(refused)).toEqual([
    [3, 'sku-twice', 'A', null],
    [4, 'supplier-unknown', 'Nobody', null],
    [5, 'not-a-number', 'soon', 'lead_days'],
    [6, 'not-above-zero', '0', 'pack'],
  ])
  expect(refused.map(({ message }) => message).at(-1)).toBe('pack must be above zero.')
})
