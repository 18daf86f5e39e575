import type { OpenedRecipient } from '../core/connector.ts'
import { ChannelError } from '../core/fault.ts'

const PARTS = ['name', 'phone', 'address'] as const
type Part = (typeof PARTS)[number]

/** What a channel hid of one recipient: the ciphertext of each part that its document shows. */
export type Ciphers = Readonly<Partial<Record<Part, string>>>

/** Code of the refusal that came before anybody was asked, so that it spends nothing. */
export const NOTHING_SEALED = 'nothing-sealed'

/** The ciphertexts that are there. @throws ChannelError `refused` (`NOTHING_SEALED`) where there is none */
export function ciphersOf(found: Readonly<Record<Part, string | undefined>>): Ciphers {
  const ciphers = PARTS.flatMap((part) => (found[part] ? [[part, found[part]]] : []))
  if (ciphers.length === 0)
    throw new ChannelError({
      kind: 'refused',
      code: NOTHING_SEALED,
      message: 'The channel’s document shows nothing of the recipient that could be opened: the order has left, has ended or is under review.',
    })
  return Object.fromEntries(ciphers)
}

/** What the channel did with one ciphertext: its text, or the code under which it would not open it. */
export interface Opening {
  readonly text?: string | undefined
  readonly refusedAs?: string | undefined
}

/**
 * The parts in clear. What the channel refused beside others is left out.
 * @throws ChannelError `refused` with the channel's code where it opened none of them
 */
export function partsOf(ciphers: Ciphers, openingOf: (cipher: string, part: Part) => Opening): Readonly<Partial<Record<Part, string>>> {
  const openings = PARTS.flatMap((part) => {
    const cipher = ciphers[part]
    return cipher === undefined ? [] : [{ part, ...openingOf(cipher, part) }]
  })
  const clear = openings.flatMap(({ part, text }) => (text ? [[part, text]] : []))
  if (clear.length > 0) return Object.fromEntries(clear)
  const code = openings.find(({ refusedAs }) => refusedAs !== undefined)?.refusedAs
  if (code === undefined) throw recipientHidden()
  throw new ChannelError({ kind: 'refused', code, message: `The channel would not open the recipient (${code}).` })
}

/** The same without members that are empty or absent. */
export const openedRecipient = (values: { readonly [K in keyof OpenedRecipient]: OpenedRecipient[K] | undefined }): OpenedRecipient =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== '' && value !== false))

/** The channel was asked and told nothing. */
export const recipientHidden = (): ChannelError =>
  new ChannelError({ kind: 'refused', code: 'recipient-hidden', message: 'The channel told nothing of this recipient.' })
