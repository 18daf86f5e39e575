import { describe, expect, it } from 'vitest'
import { type Described, type MasterSku, SkuIndex } from '../../../src/store/suggest/suggest-skus.ts'

const MASTER: readonly (readonly [sku: string, title: string, barcode?: string])[] = [
  ['22584', 'PACK OF 6 PANETTONE GIFT BOXES'],
  ['22585', 'PACK OF 12 PANETTONE GIFT BOXES'],
  ['22949', 'SET OF 36 DOLLY GIRL PAPER DOILIES'],
  ['22950', 'SET OF 36 PAISLEY FLOWER DOILIES'],
  ['85123A', 'WHITE HANGING HEART T-LIGHT HOLDER', '0012345678905'],
  ['85124', 'RED HANGING HEART DECORATION'],
  ['SHIRT-M', 'Linen shirt white, size M'],
  ['SHIRT-L', 'Linen shirt white, size L'],
  ['毛衣-红', '红色圆领羊毛毛衣'],
  ['毛衣-蓝', '蓝色圆领羊毛毛衣'],
  ['围巾', '羊绒围巾'],
  ['TWIN-1', 'Enamel mug blue'],
  ['TWIN-2', 'Enamel mug blue'],
  ['DUP-A', 'First of two', '4006381333931'],
  ['DUP-B', 'Second of two', '4006381333931'],
]
const indexOf = (skus: typeof MASTER): SkuIndex => {
  const index = new SkuIndex()
  for (const [sku, title, barcode] of skus) index.add({ sku, title, barcode: barcode ?? null } satisfies MasterSku)
  return index
}
const index = indexOf(MASTER)
const ask = (listing: Partial<Described>) => index.suggest({ channel_sku: '', barcode: null, title: '', ...listing })
const first = (listing: Partial<Described>) => ask(listing)[0]

describe('suggestions', () => {
  it('know a code however it is typed, and a barcode in any of its lengths', () => {
    expect(first({ channel_sku: '85123-a' })).toMatchObject({ sku: '85123A', why: ['code'], confidence: 0.95 })
    expect(first({ channel_sku: 'ｓｈｉｒｔ＿ｍ' })).toMatchObject({ sku: 'SHIRT-M', why: ['code'] })
    expect(first({ barcode: '12345678905' })).toBeUndefined() // eleven digits are no barcode of twelve
    expect(first({ barcode: '012345678905' })).toMatchObject({ sku: '85123A', why: ['barcode'], confidence: 0.97 })
    expect(first({ channel_sku: '毛衣 红' })).toMatchObject({ sku: '毛衣-红', why: ['code'] })
  })

  it('are the surer the more speaks for them, and never certain', () => {
    const [best] = ask({ barcode: '012345678905', channel_sku: '85123A', title: 'white hanging heart t-light holder' })
    expect(best).toMatchObject({ sku: '85123A', why: ['barcode', 'code', 'title'], confidence: 0.99 })
  })

  it('divide what two share: neither of two SKUs with one barcode or one title is likely', () => {
    expect(ask({ barcode: '4006381333931' }).map(({ sku, confidence }) => [sku, confidence])).toEqual([
      ['DUP-A', 0.49],
      ['DUP-B', 0.49],
    ])
    expect(
      ask({ title: 'ENAMEL MUG, BLUE' })
        .slice(0, 2)
        .map(({ sku, confidence }) => [sku, confidence < 0.5]),
    ).toEqual([
      ['TWIN-1', true],
      ['TWIN-2', true],
    ])
    // The title settles which of the two the barcode means.
    expect(first({ barcode: '4006381333931', title: 'Second of two' })?.sku).toBe('DUP-B')
  })

  it('find a title misspelt, in another order, and in Chinese', () => {
    expect(first({ title: 'PACK OF 6 PANNETONE GIFT BOXES' })?.sku).toBe('22584')
    expect(first({ title: '36 DOILIES DOLLY GIRL' })?.sku).toBe('22949')
    expect(first({ title: '【正品】圆领羊毛毛衣 红色' })?.sku).toBe('毛衣-红')
    expect(first({ title: '羊绒围巾 秋冬' })?.sku).toBe('围巾')
  })

  it('tell sizes and numbers apart', () => {
    expect(first({ title: 'LINEN SHIRT WHITE SIZE L' })?.sku).toBe('SHIRT-L')
    const without = indexOf(MASTER.filter(([sku]) => sku !== 'SHIRT-L'))
    const right = first({ title: 'linen shirt white, size m' })
    const [wrong] = without.suggest({ channel_sku: '', barcode: null, title: 'linen shirt white, size l' })
    expect(wrong?.sku).toBe('SHIRT-M')
    expect(wrong?.confidence).toBeLessThan((right?.confidence ?? 0) - 0.15)
  })

  it('say nothing about what is nothing: notes, blanks, signs, another article', () => {
    for (const title of ['', '?', '   ', 'damaged', '。。。', 'Garden hose 20 m', '💥💥']) expect([title, ask({ title })]).toEqual([title, []])
    expect(new SkuIndex().suggest({ channel_sku: 'A', barcode: '1', title: 'A' })).toEqual([])
  })

  it('are five at most, the best first', () => {
    const many = indexOf(Array.from({ length: 2000 }, (_, i) => [`S${i}`, `Paper lantern ${i % 7 === 0 ? 'blue' : 'red'} no ${i}`] as const))
    const found = many.suggest({ channel_sku: '', barcode: null, title: 'paper lantern blue no 1400' })
    expect(found[0]?.sku).toBe('S1400')
    expect(found.length).toBe(5)
    expect(found.map(({ confidence }) => confidence)).toEqual(found.map(({ confidence }) => confidence).toSorted((a, b) => b - a))
  })
})
