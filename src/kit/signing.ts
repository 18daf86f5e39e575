import type { Signed, Signing, Verdict } from '../core/connector.ts'
import { ChannelError } from '../core/fault.ts'
import { equalText } from './sign.ts'

type Input = Readonly<Record<string, unknown>>

/** Names under which the signature to check may come with the parts. */
const SIGNATURES = ['signature', 'sign', 'hmac', 'expected'] as const

/** One part as text under the first of its usual names that is there; numbers count as their text. */
export function part(input: Input, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = Object.hasOwn(input, name) ? input[name] : undefined
    if (typeof value === 'string') return value
    if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  }
  return undefined
}

/** A part that cannot be done without. @throws ChannelError(misconfigured) that names it */
export function needPart(input: Input, ...names: readonly string[]): string {
  const found = part(input, ...names)
  if (found !== undefined) return found
  throw new ChannelError({ kind: 'misconfigured', code: 'part-missing', message: `"${names[0] ?? ''}" is missing from the parts to sign.` })
}

/** A part that is an object of texts, such as parameters or headers; header names compare in lower case when asked to. */
export function partMap(input: Input, name: string, lowerCase = false): Readonly<Record<string, string>> | undefined {
  const value = input[name]
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]: [string, unknown]) =>
      each === null || each === undefined
        ? []
        : [[lowerCase ? key.toLowerCase() : key, typeof each === 'object' ? JSON.stringify(each) : `${each as string | number}`]],
    ),
  )
}

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
