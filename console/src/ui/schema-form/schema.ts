/** The part of JSON Schema that connection settings use, with the hub's own words for titles and help. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly title?: string
  readonly description?: string
  readonly 'x-title'?: Words
  readonly 'x-help'?: Words | string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly enum?: readonly (string | number)[]
  readonly const?: string | number | boolean
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly default?: unknown
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: JsonSchema
  readonly examples?: readonly unknown[]
}

interface Words {
  readonly en: string
  readonly zh: string
}

export type Values = Readonly<Record<string, unknown>>

const wordIn = (words: Words | string | undefined, language: string): string | undefined =>
  words === undefined || typeof words === 'string' ? words : language.startsWith('zh') ? words.zh : words.en

export const titleOf = (name: string, schema: JsonSchema, language: string): string => wordIn(schema['x-title'], language) ?? schema.title ?? name
export const helpOf = (schema: JsonSchema, language: string): string | undefined => wordIn(schema['x-help'], language) ?? schema.description

export type FieldKind = 'text' | 'number' | 'switch' | 'choice' | 'json'

/** A union of constants is a choice; an object, an array or a real union is edited as JSON. */
export const kindOf = (schema: JsonSchema): FieldKind => {
  if (choicesOf(schema).length > 0) return 'choice'
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.find((one) => one !== 'null')
  if (type === 'boolean') return 'switch'
  if (type === 'integer' || type === 'number') return 'number'
  if (type === 'string') return 'text'
  return 'json'
}

export const choicesOf = (schema: JsonSchema): readonly string[] => {
  if (schema.enum !== undefined) return schema.enum.map(String)
  const parts = schema.anyOf ?? schema.oneOf ?? []
  return parts.length > 0 && parts.every((part) => part.const !== undefined) ? parts.map((part) => String(part.const)) : []
}

/** The values a fresh form starts with. */
export const defaultsOf = (schema: JsonSchema): Values => {
  const values: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(schema.properties ?? {})) if (field.default !== undefined) values[name] = field.default
  return values
}

export type FieldError = 'required' | 'pattern' | 'range' | 'json' | 'url'

const isUrl = (text: string): boolean => URL.canParse(text) && /^https?:/.test(text)

const textError = (schema: JsonSchema, value: string): FieldError | undefined => {
  if (schema.format === 'uri' && !isUrl(value)) return 'url'
  if ((schema.minLength ?? 0) > value.length || (schema.maxLength ?? Infinity) < value.length) return 'range'
  return schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value) ? 'pattern' : undefined
}

/** What is wrong with one value, before it is sent; the hub judges again. */
const fieldError = (schema: JsonSchema, value: unknown, required: boolean): FieldError | undefined => {
  const empty = value === undefined || value === null || value === ''
  if (empty) return required && schema.default === undefined ? 'required' : undefined
  if (typeof value === 'string' && kindOf(schema) === 'text') return textError(schema, value)
  if (typeof value === 'number') return value < (schema.minimum ?? -Infinity) || value > (schema.maximum ?? Infinity) ? 'range' : undefined
  return undefined
}

/** Field errors of a whole form, by field name. */
export const formErrors = (schema: JsonSchema, values: Values): Readonly<Record<string, FieldError>> => {
  const errors: Record<string, FieldError> = {}
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const error = fieldError(field, values[name], schema.required?.includes(name) ?? false)
    if (error !== undefined) errors[name] = error
  }
  return errors
}

/** Leaves out what was not filled in, so that the hub applies its defaults. */
export const filled = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ''))
