import { ChannelError } from '../core/fault.ts'

const MAX_DEPTH = 200

/** A JSON string, or a run that begins like a number. Strings are matched first so that digits inside them are left alone. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/**
 * Parses JSON without losing a digit: a number that a JS number cannot hold (ids beyond 2^53, more than 15
 * significant digits, overflow) comes out as its source text, every other value as usual. A byte order mark is
 * tolerated; nesting deeper than 200 is refused.
 * @throws ChannelError `unreadable`; the message never quotes the text.
 */
export function parseJson(text: string): unknown {
  const source = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  if (isPlain(source)) {
    try {
      return JSON.parse(source)
    } catch {
      // Read again below, which says what is wrong with it.
    }
  }
  return parseChecked(source, hasLongNumber(source))
}

/** No channel's text begins so; a text that holds it all the same is read without. */
const WHOLE = '\u0000whole:'

/** As `parseJson`, but whole numbers that a JS number cannot hold come out as `bigint`, so that they can be written again as numbers. */
export function parseJsonExact(text: string): unknown {
  const marked = text.includes('whole:') ? text : text.replace(TOKEN, (token) => (isLongInteger(token) ? `"\\u0000whole:${token}"` : token))
  return JSON.parse(JSON.stringify(parseJson(marked)), (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(WHOLE) ? BigInt(value.slice(WHOLE.length)) : value,
  )
}

const isLongInteger = (token: string): boolean => /^-?[1-9]\d{15,}$/.test(token) && !Number.isSafeInteger(Number(token))

/** Only an exponent of three digits makes a number too large or too small; one of two, as any hash holds it, loses nothing. */
const EXPONENT_LIKE = /\d[eE][-+]?\d{3}/
const ENOUGH_DIGITS = 16

/** Surely nests no deeper than allowed and holds no number that could lose digits; false when only a closer look can tell. */
const isPlain = (text: string): boolean => hasFewBrackets(text) && !mayHaveLongRun(text) && !EXPONENT_LIKE.test(text)

function hasFewBrackets(text: string): boolean {
  let left = MAX_DEPTH
  for (let at = text.indexOf('{'); at !== -1; at = text.indexOf('{', at + 1)) if (--left < 0) return false
  for (let at = text.indexOf('['); at !== -1; at = text.indexOf('[', at + 1)) if (--left < 0) return false
  return true
}

/** A run of sixteen digits lies over one of the places that are sixteen apart: the others need no look. */
function mayHaveLongRun(text: string): boolean {
  for (let at = ENOUGH_DIGITS - 1; at < text.length; at += ENOUGH_DIGITS) {
    if (!isDigitOrPoint(text.charCodeAt(at))) continue
    let [from, end] = [at, at + 1]
    while (isDigitOrPoint(text.charCodeAt(from - 1))) from--
    while (isDigitOrPoint(text.charCodeAt(end))) end++
    if (end - from >= ENOUGH_DIGITS && mayBeNumber(text, from)) return true
    at = end
  }
  return false
}

/** Digits behind a letter are part of a text, not of a number. */
const mayBeNumber = (text: string, from: number): boolean => !/[a-df-z_]/i.test(text.charAt(from - 1))

const isDigitOrPoint = (code: number): boolean => (code >= ZERO && code <= NINE) || code === POINT

function parseChecked(text: string, long: boolean): unknown {
  try {
    return JSON.parse(long ? quoteUnsafeNumbers(text) : text)
  } catch (error) {
    throw unreadable('The answer is not valid JSON.', error)
  }
}

/** Puts quotes around the numbers that would lose digits. Malformed numbers stay as they are, for JSON.parse to refuse. */
const quoteUnsafeNumbers = (text: string): string =>
  text.replace(TOKEN, (token) => (token.charCodeAt(0) === QUOTE || isSafe(token) ? token : `"${token}"`))

function isSafe(token: string): boolean {
  if (!NUMBER.test(token)) return true
  const value = Number(token)
  if (!Number.isFinite(value)) return false
  const [mantissa = ''] = token.split(/[eE]/)
  const digits = mantissa.replace(/[-.]/g, '').replace(/^0+/, '')
  if (digits === '') return true
  if (value === 0) return false
  if (!/[.eE]/.test(token)) return Number.isSafeInteger(value)
  return digits.length <= 15
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const COMMA = 0x2c
const COLON = 0x3a
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
/** Set in the code of every lower-case letter. */
const LOWER = 0x20
const EXPONENT = 0x65

/**
 * One cheap look at the whole text, before anything is parsed: refuses deep nesting, and answers whether any number could
 * lose digits in a JS number (16 digits in a row, or an exponent).
 */
function hasLongNumber(text: string): boolean {
  let depth = 0
  let found = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = endOfString(text, at) - 1
    else if (code === OPEN_ARRAY || code === OPEN_OBJECT) {
      if (++depth > MAX_DEPTH) throw tooDeep()
    } else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) depth--
    else if (code >= ZERO && code <= NINE) {
      const end = endOfDigits(text, at)
      found ||= isLong(text, at, end)
      at = end - 1
    }
  }
  return found
}

const isLong = (text: string, from: number, end: number): boolean => end - from >= 16 || (text.charCodeAt(end) | LOWER) === EXPONENT

function endOfDigits(text: string, at: number): number {
  let end = at + 1
  while (isDigitOrPoint(text.charCodeAt(end))) end++
  return end
}

/** One document of a list: its text exactly as received, and the same parsed losslessly. */
export interface JsonDocument {
  readonly text: string
  readonly doc: unknown
}

/**
 * The elements of one array inside a JSON text, each verbatim and parsed, and `rest`: the text around them parsed, with the
 * array empty. Cheaper than slicing and parsing apart, and each document can be let go on its own.
 * @throws ChannelError `unreadable`, as `parseJson` and `sliceJsonArray` do
 */
export function readJsonArray(text: string, pointer: string): { readonly documents: readonly JsonDocument[]; readonly rest: unknown } {
  const at = arrayAt(text, pointer)
  const documents: JsonDocument[] = []
  let end = at + 1
  for (const element of elements(text, at)) {
    const slice = text.slice(element.from, element.to)
    documents.push({ text: slice, doc: parseChecked(slice, element.long) })
    end = element.to
  }
  return { documents, rest: parseJson(`${text.slice(0, at)}[${text.slice(end)}`) }
}

/**
 * Verbatim slices of the elements of one array inside a JSON text, without parsing it: what is stored as raw is
 * exactly what the channel sent. `pointer` is a JSON pointer to the array ("" = the document itself).
 * @throws ChannelError `unreadable` when the text is malformed or the pointer does not lead to an array.
 */
export function sliceJsonArray(text: string, pointer: string): readonly string[] {
  const slices: string[] = []
  for (const element of elements(text, arrayAt(text, pointer))) slices.push(text.slice(element.from, element.to))
  return slices
}

function arrayAt(text: string, pointer: string): number {
  const at = valueAt(text, pointer)
  if (text.charCodeAt(at) !== OPEN_ARRAY) throw unreadable(`The answer has no list at "${pointer}".`)
  return at
}

/** Verbatim slice of one value inside a JSON text, found by JSON pointer; same errors as `sliceJsonArray`. */
export function sliceJson(text: string, pointer: string): string {
  const at = valueAt(text, pointer)
  return text.slice(at, extentOf(text, at).to)
}

function valueAt(text: string, pointer: string): number {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((s) => s.replace(/~1/g, '/').replace(/~0/g, '~'))
  let at = skipSpace(text, text.charCodeAt(0) === 0xfeff ? 1 : 0)
  for (const step of steps) at = enter(text, at, step)
  return at
}

/** Position of the member or element `step` of the container that starts at `at`; what comes behind it is not looked at. */
function enter(text: string, at: number, step: string): number {
  const isArray = text.charCodeAt(at) === OPEN_ARRAY
  if (!isArray && text.charCodeAt(at) !== OPEN_OBJECT) throw missing(step)
  const close = isArray ? CLOSE_ARRAY : CLOSE_OBJECT
  let next = skipSpace(text, at + 1)
  for (let index = 0; text.charCodeAt(next) !== close; index++) {
    const name = isArray ? undefined : nameAt(text, next)
    const from = name?.next ?? next
    if ((name?.name ?? String(index)) === step) return from
    next = skipSpace(text, extentOf(text, from).to)
    if (text.charCodeAt(next) === COMMA) next = skipSpace(text, next + 1)
    else if (text.charCodeAt(next) !== close) throw unreadable('The answer is not valid JSON.')
  }
  throw missing(step)
}

const missing = (step: string): ChannelError => unreadable(`The answer has no "${step}" where one was expected.`)

/** Walks the direct children of the array or object that starts at `at`. */
function* elements(text: string, at: number): Generator<Extent & { readonly name: string | undefined; readonly from: number }> {
  const isObject = text.charCodeAt(at) === OPEN_OBJECT
  const close = isObject ? CLOSE_OBJECT : CLOSE_ARRAY
  let next = skipSpace(text, at + 1)
  if (text.charCodeAt(next) === close) return
  for (;;) {
    const name = isObject ? nameAt(text, next) : undefined
    const from = name ? name.next : next
    const { to, long } = extentOf(text, from)
    yield { name: name?.name, from, to, long }
    next = skipSpace(text, to)
    if (text.charCodeAt(next) === close) return
    if (text.charCodeAt(next) !== COMMA) throw unreadable('The answer is not valid JSON.')
    next = skipSpace(text, next + 1)
  }
}

function nameAt(text: string, at: number): { readonly name: string; readonly next: number } {
  if (text.charCodeAt(at) !== QUOTE) throw unreadable('The answer is not valid JSON.')
  const end = endOfString(text, at)
  const colon = skipSpace(text, end)
  if (text.charCodeAt(colon) !== COLON) throw unreadable('The answer is not valid JSON.')
  return { name: String(parseJson(text.slice(at, end))), next: skipSpace(text, colon + 1) }
}

interface Extent {
  /** End (exclusive) of the value. */
  readonly to: number
  /** Some number in it could lose digits in a JS number. */
  readonly long: boolean
}

/** The value that starts at `at`; only brackets, strings and the length of numbers are looked at. */
function extentOf(text: string, at: number): Extent {
  let depth = 0
  let long = false
  for (let i = at; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) {
      i = endOfString(text, i) - 1
      if (depth === 0) return { to: i + 1, long }
    } else if (code === OPEN_ARRAY || code === OPEN_OBJECT) {
      if (++depth > MAX_DEPTH) throw tooDeep()
    } else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) {
      if (depth === 0) return { to: trimmedEnd(text, at, i), long }
      depth--
      if (depth === 0) return { to: i + 1, long }
    } else if (code === COMMA && depth === 0) {
      return { to: trimmedEnd(text, at, i), long }
    } else if (code >= ZERO && code <= NINE) {
      const end = endOfDigits(text, i)
      long ||= isLong(text, i, end)
      i = end - 1
    }
  }
  if (depth > 0 || at >= text.length) throw unreadable('The answer ends in the middle of a document.')
  return { to: trimmedEnd(text, at, text.length), long }
}

function trimmedEnd(text: string, from: number, to: number): number {
  let end = to
  while (end > from && isSpace(text.charCodeAt(end - 1))) end--
  if (end === from) throw unreadable('The answer is not valid JSON.')
  return end
}

/** Position after the closing quote of the string that starts at `at`. Most strings are short: looking at each character beats searching. */
function endOfString(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end++) {
    const code = text.charCodeAt(end)
    if (code === QUOTE) return end + 1
    if (code === BACKSLASH) end++
  }
  throw unreadable('The answer ends in the middle of a text.')
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09

function skipSpace(text: string, at: number): number {
  let i = at
  while (isSpace(text.charCodeAt(i))) i++
  return i
}

const tooDeep = (): ChannelError => unreadable(`The answer nests deeper than ${MAX_DEPTH} levels.`)

const unreadable = (message: string, cause?: unknown): ChannelError =>
  // JSON.parse quotes the text in its message, which may be personal data: the cause is reduced to its name.
  new ChannelError({ kind: 'unreadable', message }, cause instanceof Error ? { cause: new Error(cause.name) } : {})
