import { z } from 'zod'
import { ChannelError } from '../../src/core/fault.ts'

/** Values of placeholders; what has none makes its query parameter disappear. */
export type Values = Readonly<Record<string, string | undefined>>

const PLACEHOLDER = /\{([A-Za-z][\w-]*)(?::(number|boolean))?\}/g

/** Names a text asks for: "orders/{id}" → id. */
export const placeholders = (text: string): readonly string[] => [...text.matchAll(PLACEHOLDER)].map((match) => match[1] ?? '')

/**
 * The address of a call: a path below the base, each value made safe for it.
 * @throws ChannelError `refused` where a value is missing or is dots: the call would go to another address, a list or the step above
 */
export function fillPath(path: string, values: Values): string {
  const filled = path.replace(PLACEHOLDER, (_, name: string) => {
    const value = values[name] ?? ''
    if (value === '') throw unfit(`{${name}} has no value here.`)
    return encodeURIComponent(value)
  })
  if (filled.split('/').some((step) => /^(?:\.|%2e){1,2}$/i.test(step))) throw unfit('An id is nothing but dots.')
  return filled
}

const unfit = (why: string): ChannelError => new ChannelError({ kind: 'refused', code: 'path-unfit', message: `The call has no address: ${why}` })

/** Query parameters. One whose placeholder has no value is left out. */
export function fillQuery(query: Readonly<Record<string, string>>, values: Values): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(query).flatMap(([name, text]) => {
      if (placeholders(text).some((one) => (values[one] ?? '') === '')) return []
      return [[name, text.replace(PLACEHOLDER, (_, one: string) => values[one] ?? '')]]
    }),
  )
}

/** A JSON body with placeholders in its texts; `{ "$each": "items", … }` is repeated for every member of that list. */
export type Template = null | boolean | number | string | readonly Template[] | { readonly [name: string]: Template }
export const Template: z.ZodType<Template> = z.lazy(() =>
  z.union([z.null(), z.boolean(), z.number(), z.string().max(2000), z.array(Template).max(100), z.record(z.string().max(100), Template)]),
)

/** Names a body asks for, with the lists it repeats. */
export function templateNames(body: Template): { readonly names: readonly string[]; readonly lists: readonly string[] } {
  if (typeof body === 'string') return { names: placeholders(body), lists: [] }
  if (typeof body !== 'object' || body === null) return { names: [], lists: [] }
  const inner = Object.entries(body)
    .filter(([name]) => name !== '$each')
    .map(([, value]) => templateNames(value))
  const each = Object.entries(body).flatMap(([name, value]) => (name === '$each' && typeof value === 'string' ? [value] : []))
  return { names: inner.flatMap(({ names }) => names), lists: [...each, ...inner.flatMap(({ lists }) => lists)] }
}

/** The body of one call. A text that is one placeholder with a type becomes a JSON number or yes or no. */
export function fillBody(body: Template, values: Values, lists: Readonly<Record<string, readonly Values[]>> = {}): unknown {
  if (typeof body === 'string') return fillText(body, values)
  if (typeof body !== 'object' || body === null) return body
  if (Array.isArray(body)) return body.map((one: Template) => fillBody(one, values, lists))
  const { $each, ...members } = Object.fromEntries(Object.entries(body))
  const one = (given: Values): unknown => Object.fromEntries(Object.entries(members).map(([name, value]) => [name, fillBody(value, given, lists)]))
  return typeof $each === 'string' ? (lists[$each] ?? []).map((given) => one({ ...values, ...given })) : one(values)
}

function fillText(text: string, values: Values): unknown {
  const [whole, name = '', type] = /^\{([A-Za-z][\w-]*)(?::(number|boolean))?\}$/.exec(text) ?? []
  const value = values[name]
  if (whole !== undefined && type === 'boolean') return value === 'true'
  // What is no number JSON can hold exactly stays a text: the channel refuses it better than we could guess.
  if (whole !== undefined && type === 'number' && value !== undefined && value !== '' && String(Number(value)) === value) return Number(value)
  return text.replace(PLACEHOLDER, (_, one: string) => values[one] ?? '')
}
