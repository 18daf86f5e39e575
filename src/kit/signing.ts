import type { Signed, Signing, Verdict } from '../core/connector.ts'
import { ChannelError } from '../core/fault.ts'
import { int64Json } from './int64-json.ts'
import { parsedOrNothing } from './read.ts'
import { equalText } from './sign.ts'

type Input = Readonly<Record<string, unknown>>

/** Names under which the signature to check may come with the parts. */
const SIGNATURES = ['signature', 'sign', 'hmac', 'expected'] as const

/**
 * One part as text under the first of its usual names that is there; numbers count as their text.
 * @throws ChannelError(misconfigured) for a text with half a character in it, which no request could carry
 */
export function part(input: Input, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = Object.hasOwn(input, name) ? input[name] : undefined
    if (isScalar(value)) return textOf(name, value)
  }
  return undefined
}

/** A part that cannot be done without. @throws ChannelError(misconfigured) that names it */
export function needPart(input: Input, ...names: readonly string[]): string {
  const found = part(input, ...names)
  if (found !== undefined) return found
  const odd = names.find((name) => Object.hasOwn(input, name) && input[name] !== null && input[name] !== undefined)
  if (odd !== undefined) throw misfit('part-no-text', `"${odd}" has to be a text, exactly as it is sent.`)
  throw misfit('part-missing', `"${names[0] ?? ''}" is missing from the parts to sign.`)
}

/** A part that is an object of texts, such as parameters or headers; header names compare in lower case when asked to. */
export function partMap(input: Input, name: string, lowerCase = false): Readonly<Record<string, string>> | undefined {
  const value = Object.hasOwn(input, name) ? input[name] : undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]: [string, unknown]) =>
      each === null || each === undefined ? [] : [[lowerCase ? key.toLowerCase() : key, textOf(key, isScalar(each) ? each : int64Json(each))]],
    ),
  )
}

/** A part that is a text or an object of texts, such as a query: one or the other. */
export const queryPart = (input: Input, name: string): Readonly<Record<string, string>> =>
  partMap(input, name) ?? Object.fromEntries(new URLSearchParams(part(input, name) ?? ''))

/** Beside the parameters: secrets, what belongs to the address, the signature itself, and the words a test vector has for itself. */
const NOT_SENT: ReadonlySet<string> = new Set([
  ...['secret', 'app_secret', 'appSecret', 'client_secret', 'clientSecret', 'consumer_secret', 'signSecret', 'sign_secret'],
  ...['path', 'api_path', 'apiPath', 'url', 'query', 'body', 'raw_body', 'rawBody', 'headers', 'params'],
  ...['signature', 'sign', 'sig', 'hmac', 'expected', 'channel', 'name', 'source'],
])

/**
 * The parameters of a request, where a channel signs them wherever they stand: those of `url` or `query`, of the form (or JSON) `body`, and
 * of `params`; with none of these, the parts themselves but secrets and address. @throws ChannelError(misconfigured) when there are none
 */
export function requestParams(input: Input): Readonly<Record<string, string>> {
  const [url, body] = [part(input, 'url') ?? '', part(input, 'body') ?? '']
  const document = parsedOrNothing(body)
  const isDocument = typeof document === 'object' && document !== null
  const all = {
    ...(URL.canParse(url) ? Object.fromEntries(new URL(url).searchParams) : {}),
    ...queryPart(input, 'query'),
    ...(isDocument ? partMap({ document }, 'document') : Object.fromEntries(new URLSearchParams(body))),
    ...partMap(input, 'params'),
  }
  if (Object.keys(all).length > 0) return all
  const flat = Object.entries(input).filter(([name]) => !NOT_SENT.has(name))
  if (!flat.some(([, value]) => isScalar(value))) needPart(input, 'params')
  return partMap({ flat: Object.fromEntries(flat) }, 'flat') ?? {}
}

type Scalar = string | number | bigint | boolean
const isScalar = (value: unknown): value is Scalar => ['string', 'number', 'bigint', 'boolean'].includes(typeof value)

function textOf(name: string, value: Scalar): string {
  const text = String(value)
  if (!text.isWellFormed()) throw misfit('part-not-utf8', `"${name.slice(0, 40).toWellFormed()}" holds half a character.`)
  return text
}

const misfit = (code: string, message: string): ChannelError => new ChannelError({ kind: 'misconfigured', code, message })

/** Checks the signature among the parts by making it again. */
export function verifyParts(signing: Signing, input: Input): Verdict {
  if (signing.verify) return signing.verify(input)
  return compare(signing.sign(input), part(input, ...SIGNATURES))
}

/** The verdict on a claimed signature; the reason never shows what would have been right. */
export function compare(made: Signed, claimed: string | undefined): Verdict {
  if (claimed === undefined || claimed === '') return { valid: false, reason: `No signature among the parts (one of ${SIGNATURES.join(', ')}).` }
  if (equalText(made.signature, claimed)) return { valid: true }
  return {
    valid: false,
    reason:
      claimed.length === made.signature.length
        ? 'The signature does not match the parts.'
        : `A signature of this kind has ${made.signature.length} characters, this one has ${claimed.length}.`,
  }
}
