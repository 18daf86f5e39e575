/** What the sandbox's shops sell, with the names that break careless software. */
const goods: readonly string[] = [
  'Woo Single #1',
  'Ship Your Idea',
  '青花瓷茶杯',
  'Café “Crème” Mug',
  'Sailor\'s Rope 5/8"',
  'Größe-XL Hoodie',
  'Laptop Sleeve 13"',
  'Tea & Toast Set',
  '抹茶 Matcha 100g',
  'Beanie with Logo 🧢',
  'Notebook, ruled',
  'Long Sleeve Tee',
]

export function goodsName(n: number): string {
  const name = goods[n % goods.length] ?? 'Thing'
  return n < goods.length ? name : `${name} (${Math.floor(n / goods.length) + 1})`
}

/** Leading zeros, slashes, spaces and Chinese: all of them legal in a SKU. */
export function goodsSku(n: number): string {
  const forms: readonly string[] = [`W-${n}`, `00${n}`, `TEA-青-${n}`, `A4/${n}`, `SKU ${n}`, `L22015${String(n).padStart(2, '0')}`]
  return forms[n % forms.length] ?? `W-${n}`
}
