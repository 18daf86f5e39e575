const ROOM = 65_536
/** More than this is not held on to for the sake of one document. */
const MOST_ROOM = 1_048_576
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const POINT = 0x2e
const ZERO = 0x30
const SPACE = 0x20
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const ASCII_END = 0x80
/** A unit of text becomes three bytes at most. */
const WIDEST = 3
const MOST_DIGITS = 20

/** JSON that is written as it stands: made once, written often. */
export const fragment = (json: string): Uint8Array => Buffer.from(json)

/** The name of a member behind another, `,"name":`. */
export const member = (name: string): Uint8Array => fragment(`,${JSON.stringify(name)}:`)

export const NULL = fragment('null')
export const OBJECT_END = fragment('}')
const TRUE = fragment('true')
const FALSE = fragment('false')

/**
 * JSON written as bytes at once, on one desk that is used again and again. `JSON.stringify` wants an object for each part, and its text has still to
 * become bytes: together three times as dear. Texts are escaped as it does.
 */
export class JsonBytes {
  #bytes = Buffer.allocUnsafeSlow(ROOM)
  #at = 0

  /** Where the next byte is going to stand. */
  get end(): number {
    return this.#at
  }

  /** Begins anew: what was read before is overwritten. */
  clear(): this {
    this.#at = 0
    if (this.#bytes.length > MOST_ROOM) this.#bytes = Buffer.allocUnsafeSlow(ROOM)
    return this
  }

  /** What was written, not copied. */
  read(from: number, to: number): Buffer {
    return this.#bytes.subarray(from, to)
  }

  raw(json: Uint8Array): this {
    this.#roomFor(json.length).set(json, this.#at)
    this.#at += json.length
    return this
  }

  /** A text in quotes. */
  text(text: string): this {
    const bytes = this.#roomFor(text.length + 2)
    let at = this.#at
    bytes[at++] = QUOTE
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code < SPACE || code >= ASCII_END || code === QUOTE || code === BACKSLASH) return this.json(text)
      bytes[at++] = code
    }
    bytes[at++] = QUOTE
    this.#at = at
    return this
  }

  textOrNull(text: string | undefined): this {
    return text === undefined ? this.raw(NULL) : this.text(text)
  }

  flag(value: boolean): this {
    return this.raw(value ? TRUE : FALSE)
  }

  /** A value that is written seldom. */
  json(value: unknown): this {
    return this.plain(JSON.stringify(value))
  }

  /** A text as it is, without quotes. */
  plain(text: string): this {
    this.#at += this.#roomFor(text.length * WIDEST).write(text, this.#at)
    return this
  }

  /** A whole number, not negative, with a point before the last so many of its digits. */
  decimal(units: number, places: number): this {
    const bytes = this.#roomFor(MOST_DIGITS)
    const from = this.#at
    let digits = 1
    for (let rest = units; rest >= 10 || digits <= places; rest = Math.floor(rest / 10)) digits++
    let at = from + digits + (places > 0 ? 1 : 0)
    this.#at = at
    for (let i = 0, rest = units; i < digits; i++) {
      if (i === places && i > 0) bytes[--at] = POINT
      const left = Math.floor(rest / 10)
      bytes[--at] = ZERO + (rest - left * 10)
      rest = left
    }
    return this
  }

  /** The items in brackets, with commas between them. */
  list<Item>(items: readonly Item[], write: (item: Item) => void): this {
    this.#byte(OPEN_LIST)
    let more = false
    for (const item of items) {
      if (more) this.#byte(COMMA)
      more = true
      write(item)
    }
    return this.#byte(CLOSE_LIST)
  }

  /** An object of texts, in this order; absent ones are left out. */
  texts<Name extends string>(names: readonly Name[], values: { readonly [Member in Name]?: string | undefined }): this {
    let some = false
    for (const name of names) {
      const value = values[name]
      if (value === undefined) continue
      this.#byte(some ? COMMA : OPEN_OBJECT).text(name)
      this.#byte(COLON).text(value)
      some = true
    }
    if (!some) this.#byte(OPEN_OBJECT)
    return this.#byte(CLOSE_OBJECT)
  }

  #byte(code: number): this {
    this.#roomFor(1)[this.#at++] = code
    return this
  }

  #roomFor(size: number): Buffer {
    const bytes = this.#bytes
    if (this.#at + size <= bytes.length) return bytes
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(bytes.length * 2, this.#at + size))
    this.#bytes.set(bytes.subarray(0, this.#at))
    return this.#bytes
  }
}
