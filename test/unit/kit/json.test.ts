import fc from 'fast-check'
import { isLosslessNumber, parse as losslessParse } from 'lossless-json'
import { describe, expect, it } from 'vitest'
import { ChannelError } from '../../../src/core/fault.ts'
import { parseJson, readJsonArray, sliceJson, sliceJsonArray } from '../../../src/kit/json.ts'

const faultOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof ChannelError) return error.fault.kind
    throw error
  }
  return 'none'
}

describe('parseJson', () => {
  it.each([
    ['{"id":12345678901234567890}', { id: '12345678901234567890' }],
    ['{"id":9007199254740993}', { id: '9007199254740993' }],
    ['{"id":9007199254740991}', { id: 9007199254740991 }],
    ['{"price":21.989999999999998}', { price: '21.989999999999998' }],
    ['{"price":10.50}', { price: 10.5 }],
    ['[1e400,1e-400,1e2,-0.0]', ['1e400', '1e-400', 100, -0]],
    ['[1e099,123456789012345e-99,{"hash":"3e5a1e77"}]', [1e99, 123456789012345e-99, { hash: '3e5a1e77' }]],
    ['{"text":"12345678901234567890 \\" 1e400","n":1}', { text: '12345678901234567890 " 1e400', n: 1 }],
    ['\ufeff{"a":12345678901234567890}', { a: '12345678901234567890' }],
    ['"12345678901234567890"', '12345678901234567890'],
  ])('reads %s', (text, expected) => {
    expect(parseJson(text)).toEqual(expected)
  })

  it.each([
    '',
    '{',
    '[1,]',
    '{"a":01234567890123456789}',
    '{"a":1.}',
    '{"a":12345678901234567890.}',
    'NaN',
    '{"a":"x\u0000"}',
    '\u0000',
    '{"a":"never closed',
    '[1] 2',
    '{"a":"\\"}',
  ])('refuses %j', (text) => {
    expect(faultOf(() => parseJson(text))).toBe('unreadable')
  })

  it('refuses deep nesting without running out of stack', () => {
    expect(faultOf(() => parseJson('['.repeat(100_000)))).toBe('unreadable')
    expect(faultOf(() => parseJson(`${'['.repeat(201)}${']'.repeat(201)}`))).toBe('unreadable')
    expect(faultOf(() => parseJson(`${'['.repeat(200)}${']'.repeat(200)}`))).toBe('none')
  })

  it('never quotes the document in its error', () => {
    try {
      parseJson('{"phone": 13800138000 oops}')
      expect.unreachable()
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined
      expect(`${String(error)} ${String(cause)}`).not.toContain('13800138000')
    }
  })

  it('sees a long number wherever it stands and whatever text stands before it', () => {
    const long = fc.constantFrom('9234567890123456', '9007199254740993', '-98765432109876543210', '0.1234567890123456', '1e400', '12345678901e-400')
    const before = fc.oneof(fc.string({ maxLength: 40 }), fc.stringMatching(/^[a-z]?[0-9.eE]{0,40}$/))
    fc.assert(
      fc.property(before, long, (text, number) => {
        expect(parseJson(`{${JSON.stringify(text)}:${number}}`)).toEqual({ [text]: number })
        expect(parseJson(`[${JSON.stringify(text)},7,${number},"${number}"]`)).toEqual([text, 7, number, number])
      }),
    )
  })

  it('agrees with an independent lossless parser, number by number', () => {
    const number = fc.oneof(
      fc.bigInt().map(String),
      fc.integer().map(String),
      fc.tuple(fc.maxSafeInteger(), fc.nat()).map(([a, b]) => `${a}.${b}`),
      fc.tuple(fc.integer(), fc.integer({ min: -320, max: 320 })).map(([a, b]) => `${a}e${b}`),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), number)), (pairs) => {
        const text = `[${pairs.map(([key, n]) => `{${JSON.stringify(key)}:${n}}`).join(',')}]`
        const ours = parseJson(text)
        const theirs = losslessParse(text)
        if (!Array.isArray(ours) || !Array.isArray(theirs)) return false
        return ours.every((item, i) => {
          const [value]: unknown[] = Object.values(Object(item))
          const [other]: unknown[] = Object.values(Object(theirs[i]))
          if (!isLosslessNumber(other)) return false
          // Either the digits as sent, or a number that says the same.
          return value === other.value || (typeof value === 'number' && value === Number(other.value) && Number(value.toPrecision(15)) === value)
        })
      }),
    )
  })
})

describe('sliceJsonArray', () => {
  it('hands out every element exactly as it stands in the text', () => {
    const text = ' { "a,b" : 1, "data": { "orders" : [ {"id":12345678901234567890, "t":"]}\\"" } ,\n 7,"x" , [1,[2]] ,null ] } } '
    expect(sliceJsonArray(text, '/data/orders')).toEqual(['{"id":12345678901234567890, "t":"]}\\"" }', '7', '"x"', '[1,[2]]', 'null'])
    expect(sliceJsonArray('\ufeff[]', '')).toEqual([])
    expect(sliceJson('[[1],{"a/b":[ true ]}]', '/1/a~1b')).toBe('[ true ]')
  })

  it.each(['[1', '[1,', '[1,]', '{"a":1}', '["never closed]', '', '[,1]'])('refuses %j', (text) => {
    expect(faultOf(() => sliceJsonArray(text, ''))).toBe('unreadable')
  })

  it('slices any array into texts that parse to its elements', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom(undefined, 1, 3), (value, indent) => {
        const slices = sliceJsonArray(JSON.stringify({ page: value }, null, indent), '/page')
        expect(slices.map((slice): unknown => JSON.parse(slice))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})

describe('readJsonArray', () => {
  it('hands out every element as it stands and parsed without losing a digit, and what stands around them', () => {
    const page = readJsonArray('\ufeff{"data":{"orders":[ {"id":12345678901234567890} ,{"id":7}]},"next":90071992547409931}', '/data/orders')
    expect(page.documents).toEqual([
      { text: '{"id":12345678901234567890}', doc: { id: '12345678901234567890' } },
      { text: '{"id":7}', doc: { id: 7 } },
    ])
    expect(page.rest).toEqual({ data: { orders: [] }, next: '90071992547409931' })
  })

  it('reads what slicing and parsing apart read', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.jsonValue(), fc.constantFrom(undefined, 2), (value, other, indent) => {
        const text = JSON.stringify({ a: other, page: value, z: other }, null, indent)
        const { documents, rest } = readJsonArray(text, '/page')
        expect(documents.map((one) => one.text)).toEqual(sliceJsonArray(text, '/page'))
        expect({ ...Object(rest), page: documents.map((one) => one.doc) }).toEqual(parseJson(text))
      }),
    )
  })

  it.each(['[1', '[1,]', '{"a":1}', '[1]x', '[nul]', `[${'['.repeat(300)}${']'.repeat(300)}]`])('refuses %j', (text) => {
    expect(faultOf(() => readJsonArray(text, ''))).toBe('unreadable')
  })
})
