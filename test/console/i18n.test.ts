import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import en from '../../console/src/i18n/en/index.ts'
import zh from '../../console/src/i18n/zh-CN/index.ts'

const sources = join(import.meta.dirname, '../../console/src')

const flatten = (value: object, prefix = ''): readonly (readonly [string, string])[] =>
  Object.entries(value).flatMap(([name, inner]): readonly (readonly [string, string])[] =>
    typeof inner === 'string' ? [[`${prefix}${name}`, inner]] : flatten(inner, `${prefix}${name}.`),
  )

const base = (key: string): string => key.replace(/_(one|other)$/, '')
const keysOf = (texts: object): ReadonlySet<string> => new Set(flatten(texts).map(([key]) => base(key)))
const english = keysOf(en)
const chinese = keysOf(zh)

const files = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('i18n'))
  .map((file) => readFileSync(join(sources, file), 'utf8'))
const areas = new Set(Object.keys(en))
/** Every quoted text that looks like a key of an area we have, wherever it stands: in t('…'), in a table, in a condition. */
const literal = files.flatMap((text) =>
  [...text.matchAll(/['"`]([a-z]\w*\.[a-zA-Z][\w.-]*)['"`]/g)].flatMap(([, key = '']) => (areas.has(key.split('.')[0] ?? '') ? [key] : [])),
)
/** Keys made from a fixed beginning and a code: t(`status.${kind}`). */
const beginnings: readonly string[] = files.flatMap((text) =>
  [...text.matchAll(/\bt\(`([a-z]\w*(?:\.\w+)*)\.(?:\w+_)?\$\{/g)].map((match) => match[1] ?? ''),
)

const placeholders = (text: string): readonly string[] => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name).toSorted()

describe('texts of the console', () => {
  it('has the same keys in both languages', () => {
    expect([...english].filter((key) => !chinese.has(key))).toEqual([])
    expect([...chinese].filter((key) => !english.has(key))).toEqual([])
  })

  it('has a text for every key the pages use', () => {
    expect(literal.length).toBeGreaterThan(300)
    expect([...new Set(literal)].filter((key) => !english.has(base(key)))).toEqual([])
  })

  it('has an area for every key that is put together', () => {
    expect(beginnings.length).toBeGreaterThan(20)
    expect([...new Set(beginnings)].filter((start) => ![...english].some((key) => key.startsWith(`${start}.`)))).toEqual([])
  })

  it('has words for every reason a row of a file is left out', () => {
    const source = readFileSync(join(sources, '../../src/http/row-problem.ts'), 'utf8')
    const codes = [...source.matchAll(/^  '([a-z-]+)': \(/gm)].map(([, code = '']) => code)
    expect(codes.length).toBeGreaterThan(10)
    expect(codes.filter((code) => !english.has(`rowProblem.${code}`))).toEqual([])
  })

  it('fills the same places in both languages', () => {
    const texts = new Map(flatten(zh))
    const different = flatten(en).filter(([key, text]) => {
      const other = texts.get(key) ?? texts.get(`${base(key)}_other`) ?? ''
      return key.endsWith('_one') ? false : placeholders(text).join() !== placeholders(other).join()
    })
    expect(different.map(([key]) => key)).toEqual([])
  })

  it('keeps to the tone: no exclamation marks, no apologies', () => {
    const loud = [...flatten(en), ...flatten(zh)].filter(([, text]) => /[!！]|抱歉|\b(oops|sorry)\b/i.test(text))
    expect(loud).toEqual([])
  })
})
