import { expect, it } from 'vitest'
import { exponentOf, moneyToDecimal } from '../../../src/core/money.ts'
import { fragment, JsonBytes, member } from '../../../src/normalize/json-bytes.ts'

const written = (write: (to: JsonBytes) => unknown): string => {
  const to = new JsonBytes()
  write(to)
  return to.read(0, to.end).toString()
}

/** A small generator with a seed. */
function draws(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 8) % below
  }
}

const ODD = ['', 'a', '"', '\\', '\n', '\u0000', '\u001f', ' ', '\u007f', '\u0080', 'é', '中文', '😀', '\ud83d', '\ude00', '\u2028', 'x'.repeat(70)]

it('writes texts as JSON.stringify does, whatever stands in them', () => {
  const draw = draws(7)
  for (let round = 0; round < 3000; round++) {
    const text = Array.from({ length: draw(6) }, () => ODD[draw(ODD.length)]).join('')
    expect(written((to) => to.text(text))).toBe(JSON.stringify(text))
  }
  expect(written((to) => to.textOrNull(undefined))).toBe('null')
})

it('writes amounts as they are written elsewhere', () => {
  const draw = draws(11)
  for (let round = 0; round < 3000; round++) {
    const minor = Math.floor(draw(2 ** 24) * 2 ** draw(30)) % Number.MAX_SAFE_INTEGER
    for (const currency of ['CNY', 'JPY', 'KWD']) {
      expect(written((to) => to.decimal(minor, exponentOf(currency)))).toBe(moneyToDecimal({ minor, currency }))
    }
  }
  expect(written((to) => to.decimal(Number.MAX_SAFE_INTEGER, 2))).toBe('90071992547409.91')
})

it('writes lists and objects, empty ones too, and leaves out what is absent', () => {
  expect(written((to) => to.list([], () => to.text('never')))).toBe('[]')
  expect(written((to) => to.list(['a', 'b'], (item) => to.text(item)))).toBe('["a","b"]')
  expect(written((to) => to.texts([], {}))).toBe('{}')
  expect(written((to) => to.texts(['b', 'a', 'c"'], { a: undefined, b: '1', 'c"': '2' }))).toBe('{"b":"1","c\\"":"2"}')
  expect(
    written((to) =>
      to
        .raw(fragment('{"id":'))
        .flag(true)
        .raw(member('x'))
        .flag(false)
        .json({ y: [1] }),
    ),
  ).toBe('{"id":true,"x":false{"y":[1]}')
})

it('takes a larger desk for a document that is larger, and keeps what stands', () => {
  const long = 'a"中'.repeat(40_000)
  expect(written((to) => to.text('first').text(long).text('last'))).toBe(`"first"${JSON.stringify(long)}"last"`)
})

it('begins anew', () => {
  const to = new JsonBytes()
  to.text('a longer text')
  to.clear().text('b')
  expect(to.read(0, to.end).toString()).toBe('"b"')
  to.clear().text('c'.repeat(2_000_000))
  expect(to.read(0, to.end).buffer.byteLength).toBeGreaterThan(2_000_000)
  to.clear().text('d')
  expect(to.read(0, to.end).toString()).toBe('"d"')
  expect(to.read(0, to.end).buffer.byteLength).toBeLessThan(100_000)
})
