import { z } from 'zod'

/** Why one row of a file was left out: the code for who words it in another language, the message in English. */
const MESSAGES = {
  'sku-empty': () => 'The SKU is empty.',
  'sku-too-long': () => 'The SKU is too long.',
  'sku-unreadable': () => 'The SKU contains invisible or control characters.',
  'sku-twice': () => 'The SKU occurs twice.',
  'sku-unknown': (sku) => `There is no SKU "${sku}".`,
  'became-number': () => 'The spreadsheet has turned this code into a number.',
  'key-empty': () => 'The key is empty.',
  'key-twice': (key) => `"${key}" occurs twice.`,
  'value-empty': () => 'The value is empty.',
  'changes-nothing': () => 'Both are the same: this changes nothing.',
  'sku-is-bundle': (sku) => `"${sku}" is a bundle: its parts are bought.`,
  'supplier-unknown': (name) => `There is no supplier "${name}".`,
  'location-unknown': (name) => `There is no location "${name}".`,
  'not-a-number': (value, column) => `"${value}" is no number for ${column}.`,
  'not-above-zero': (_value, column) => `${column} must be above zero.`,
  'not-a-quantity': (value) => `"${value}" is not a quantity.`,
  'cell-unreadable': (value, column) => `${column}: "${value}" cannot be read.`,
} as const satisfies Readonly<Record<string, (value: string, column: string) => string>>

export type RowCode = keyof typeof MESSAGES

export const rowProblem = z.object({ row: z.number(), column: z.string().nullable(), code: z.string(), value: z.string(), message: z.string() })
export type RowProblem = Readonly<z.infer<typeof rowProblem>>
/** What is wrong, before the row is known. */
export type Flaw = Omit<RowProblem, 'row'>

const LONGEST = 60

/** `value` is the cell as it stands, cut; `column` where several could be meant. */
export function flaw(code: RowCode, value = '', column: string | null = null): Flaw {
  const shown = value.slice(0, LONGEST)
  return { code, value: shown, column, message: MESSAGES[code](shown, column ?? 'row') }
}
