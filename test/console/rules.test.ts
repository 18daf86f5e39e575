import { describe, expect, it } from 'vitest'
import type { ArmPreview, ArmRow } from '../../console/src/api/connections.ts'
import type { StockCell } from '../../console/src/api/stock.ts'
import { sameInSubstance } from '../../console/src/pages/connections/arm-again.ts'
import { orderFilters } from '../../console/src/pages/orders/filters.ts'
import { cellKind } from '../../console/src/pages/stock/cell.ts'
import { tileText } from '../../console/src/ui/channel-tile.tsx'
import { defaultsOf, filled, formErrors, kindOf } from '../../console/src/ui/schema-form/schema.ts'
import type { JsonSchema } from '../../console/src/ui/schema-form/schema.ts'

const row = (listing_key: string, change: ArmRow['change'], would_set = 5): ArmRow => ({
  listing_key,
  sku: listing_key,
  title: listing_key,
  shown: '5',
  would_set,
  change,
})
const preview = (...items: readonly ArmRow[]): ArmPreview => ({ items, counts: {}, hash: 'h' })

describe('arming what was approved', () => {
  const approved = preview(row('a', 'raise'), row('b', 'zero', 0), row('c', 'skip'))

  it('goes on when only amounts moved or fewer are told', () => {
    expect(sameInSubstance(approved, preview(row('a', 'lower', 3), row('b', 'raise', 2)))).toBe(true)
    expect(sameInSubstance(approved, preview(row('a', 'same')))).toBe(true)
  })

  it('asks again when one more would be set to zero', () => {
    expect(sameInSubstance(approved, preview(row('a', 'zero', 0), row('b', 'zero', 0)))).toBe(false)
  })

  it('asks again when another listing would be told', () => {
    expect(sameInSubstance(approved, preview(row('a', 'raise'), row('c', 'raise')))).toBe(false)
    expect(sameInSubstance(approved, preview(row('d', 'same')))).toBe(false)
  })
})

const cell = (change: Partial<StockCell>): StockCell => ({
  connection_id: 'c',
  listing_key: 'l',
  desired: 10,
  confirmed: 10,
  shown: '10',
  push_state: 'idle',
  push_message: null,
  paused: false,
  drift: false,
  updated_at: null,
  ...change,
})

describe('a cell of the stock matrix', () => {
  it.each([
    ['agrees', cell({}), true],
    ['drift', cell({ shown: '7' }), true],
    ['oversell', cell({ shown: '12' }), true],
    ['sending', cell({ shown: '12', push_state: 'sending' }), true],
    ['doubt', cell({ shown: '12', push_state: 'unknown' }), true],
    ['refused', cell({ push_state: 'refused' }), false],
    ['readonly', cell({ shown: '12' }), false],
    ['agrees', cell({ shown: null }), true],
    ['blocked', cell({ desired: null, push_state: 'blocked' }), true],
  ] as const)('is %s', (kind, one, armed) => {
    expect(cellKind(one, armed)).toBe(kind)
  })

  it('without a listing is not bound', () => {
    expect(cellKind(undefined, true)).toBe('unbound')
  })
})

describe('a form drawn from a schema', () => {
  const schema: JsonSchema = {
    type: 'object',
    required: ['url', 'mode'],
    properties: {
      url: { type: 'string', format: 'uri' },
      mode: { anyOf: [{ const: 'a' }, { const: 'b' }], default: 'a' },
      size: { type: 'integer', minimum: 1, maximum: 100 },
      map: { type: 'object' },
    },
  }

  it('knows what each field needs', () => {
    expect(Object.entries(schema.properties ?? {}).map(([, field]) => kindOf(field))).toEqual(['text', 'choice', 'number', 'json'])
    expect(defaultsOf(schema)).toEqual({ mode: 'a' })
  })

  it('names what is wrong before it is sent', () => {
    expect(formErrors(schema, {})).toEqual({ url: 'required' })
    expect(formErrors(schema, { url: 'shop.example', size: 0 })).toEqual({ url: 'url', size: 'range' })
    expect(formErrors(schema, { url: 'https://shop.example', size: 100 })).toEqual({})
    expect(filled({ url: 'x', size: undefined, note: '' })).toEqual({ url: 'x' })
  })
})

describe('small things that are seen everywhere', () => {
  it('tells connections apart without a logo', () => {
    expect(['天猫旗舰店', 'WooCommerce DE', 'Sandbox vendure-uk', '#1', ''].map(tileText)).toEqual(['天', 'Wo', 'Ve', '1', '?'])
  })

  it('counts the last day of a range in full', () => {
    const { placed_from: from, placed_to: to } = orderFilters({ from: '2026-11-20', to: '2026-11-20', panel: '7' })
    expect(Date.parse(String(to)) - Date.parse(String(from))).toBe(86_400_000)
    expect(orderFilters({ panel: '7' })).toEqual({})
  })
})
