import { Problem } from './problem.ts'

/** Deeper nesting has no use in this API and only costs. */
const MAX_DEPTH = 32
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const SPACE = /[ \t\r\n]*/y
const WORD = /true|false|null/y
/** A string without control characters; escapes are checked by JSON.parse. */
const STRING = /"(?:[^"\\\u0000-\u001f]|\\.)*"/y
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/**
 * Parses a request body more strictly than JSON.parse: refuses duplicate keys, `__proto__` and kin, nesting deeper than
 * 32, NUL and lone surrogates (Postgres cannot keep them), and numbers that a double cannot carry exactly or at all.
 * @throws Problem 400 `json-…` naming the position, never the content
 */
export function parseStrictJson(text: string): unknown {
  const reader = new Reader(text)
  reader.space()
  const value = reader.value(0)
  reader.space()
  if (!reader.ended()) throw reader.refuse('json-malformed', 'unexpected text after the value')
  return value
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  refuse(code: string, what: string): Problem {
    return new Problem(400, code, `The request body is not acceptable JSON: ${what} at character ${this.#at}.`)
  }

  ended(): boolean {
    return this.#at === this.#text.length
  }

  space(): void {
    this.#match(SPACE)
  }

  value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw this.refuse('json-too-deep', `nesting deeper than ${MAX_DEPTH}`)
    const next = this.#text[this.#at]
    if (next === '{') return this.#object(depth)
    if (next === '[') return this.#array(depth)
    if (next === '"') return this.#string()
    const word = this.#match(WORD)
    if (word !== undefined) return word === 'null' ? null : word === 'true'
    return this.#number()
  }

  #object(depth: number): unknown {
    const entries = new Map<string, unknown>()
    this.#at += 1
    this.space()
    if (this.#take('}')) return {}
    do {
      this.space()
      const key = this.#string()
      if (FORBIDDEN_KEYS.has(key)) throw this.refuse('json-key-forbidden', 'a forbidden key')
      if (entries.has(key)) throw this.refuse('json-duplicate-key', 'a key occurs twice')
      this.space()
      if (!this.#take(':')) throw this.refuse('json-malformed', 'a colon is missing')
      this.space()
      entries.set(key, this.value(depth + 1))
      this.space()
    } while (this.#take(','))
    if (!this.#take('}')) throw this.refuse('json-malformed', 'an object is not closed')
    return Object.fromEntries(entries)
  }

  #array(depth: number): unknown {
    const items: unknown[] = []
    this.#at += 1
    this.space()
    if (this.#take(']')) return items
    do {
      this.space()
      items.push(this.value(depth + 1))
      this.space()
    } while (this.#take(','))
    if (!this.#take(']')) throw this.refuse('json-malformed', 'an array is not closed')
    return items
  }

  #string(): string {
    const raw = this.#match(STRING)
    if (raw === undefined) throw this.refuse('json-malformed', 'a string was expected')
    const value = this.#unescape(raw)
    if (value.includes('\u0000')) throw this.refuse('json-nul', 'a NUL character')
    if (LONE_SURROGATE.test(value)) throw this.refuse('json-surrogate', 'half of a surrogate pair')
    return value
  }

  #unescape(raw: string): string {
    if (!raw.includes('\\')) return raw.slice(1, -1)
    try {
      return String(JSON.parse(raw))
    } catch {
      throw this.refuse('json-malformed', 'a bad escape')
    }
  }

  #number(): number {
    const raw = this.#match(NUMBER)
    if (raw === undefined) throw this.refuse('json-malformed', 'a value was expected')
    const value = Number(raw)
    if (!Number.isFinite(value)) throw this.refuse('json-number-range', 'a number too large')
    if (Number.isInteger(value) && !Number.isSafeInteger(value))
      throw this.refuse('json-number-range', 'an integer beyond 2^53 (send ids as strings)')
    return Object.is(value, -0) ? 0 : value
  }

  #take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false
    this.#at += 1
    return true
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found === undefined) return undefined
    this.#at += found.length
    return found
  }
}
