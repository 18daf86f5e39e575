import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { maskRaw } from '../../../src/http/mask-raw.ts'

const fixture = (path: string): string => readFileSync(new URL(`../../../connectors/${path}.json`, import.meta.url), 'utf8')

it('shows neither where the buyer of a Meituan order lives nor what one wrote', () => {
  const order = fixture('meituan/fixtures/order-sample')
  expect(order).toMatch(/"latitude": \d/)
  const masked = maskRaw(order, {})
  expect(masked).not.toMatch(/"(?:latitude|longitude)"\s*:\s*"?-?\d/)
  expect(JSON.parse(masked)).toMatchObject({ latitude: '***', longitude: '***', total: JSON.parse(order).total })
  expect(JSON.parse(maskRaw('{"apply_reason":"我在三楼，打我电话","res_reason":"好的张三","pictures":"https://p/1.jpg","money":1.5}', {}))).toEqual({
    apply_reason: '***',
    res_reason: '***',
    pictures: '***',
    money: 1.5,
  })
})

it('does not show the name of a ticket at a Loyverse till, which is often the buyer’s', () => {
  const receipt = fixture('loyverse/fixtures/order-takeout-with-note')
  const masked = maskRaw(receipt, {})
  expect(masked).not.toContain('Table 4')
  expect(JSON.parse(masked)).toMatchObject({ order: '***', receipt_number: JSON.parse(receipt).receipt_number })
})
