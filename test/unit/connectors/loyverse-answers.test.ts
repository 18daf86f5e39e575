import { describe, expect, it } from 'vitest'
import { loyverse } from '../../../connectors/loyverse/index.ts'
import type { InventoryWrite } from '../../../src/core/connector.ts'
import { preparedDoor } from './door.ts'

const STORE = '0a1b2c3d-0000-4000-a000-00000000000f'
const VARIANT = '11111111-0000-4000-a000-000000000001'
const door = (answer: Parameters<typeof preparedDoor>[1], storeId = STORE) =>
  preparedDoor({ connector: loyverse, settings: { storeId }, secrets: { accessToken: 't' } }, answer)
const listing = { key: VARIANT, ids: { variant: VARIANT, item: 'i' }, sku: 'S' }
const write: InventoryWrite = { ...listing, quantity: 3, idempotencyKey: 'k' }

it('knows its store whichever way its id was typed', async () => {
  const level = { variant_id: VARIANT, store_id: STORE, in_stock: 3, stock_after: 3 }
  const { call } = door(() => ({ inventory_levels: [level] }), ` ${STORE.toUpperCase()}`)
  expect(await loyverse.pushInventory(call, [write])).toMatchObject([{ status: 'applied' }])
  expect(await loyverse.readInventory(call, [listing])).toEqual([{ key: VARIANT, quantity: 3 }])
})

it('does not read a missing count as none in stock', async () => {
  for (const in_stock of [null, undefined, '']) {
    const { call } = door(() => ({ inventory_levels: [{ variant_id: VARIANT, store_id: STORE, in_stock }] }))
    expect(await loyverse.readInventory(call, [listing])).toEqual([{ key: VARIANT, quantity: undefined }])
  }
})

describe('a position of Loyverse', () => {
  const window = { from: '2026-11-22T03:00:00Z', to: '2026-11-22T03:20:00Z' }
  const pull = async (given: typeof window, after?: Readonly<Record<string, string | number | boolean>>) => {
    const { call } = door(({ text }) => ({ receipts: [], ...(text.includes('cursor=') ? {} : { cursor: 'c2' }) }))
    const cursors = []
    for await (const { cursor } of loyverse.pullOrders(call, { stream: 'receipts', window: given, ...(after ? { after } : {}) })) cursors.push(cursor)
    return cursors
  }

  it('is taken in the window it was made in and in no other, which it would end', async () => {
    const [first, last] = await pull(window)
    expect([first, last]).toEqual([{ cursor: 'c2', ...window }, null])
    expect(await pull(window, first ?? {})).toEqual([null])
    await expect(pull({ ...window, from: '2026-11-22T03:10:00Z' }, first ?? {})).rejects.toMatchObject({ fault: { code: 'cursor-invalid' } })
  })
})
