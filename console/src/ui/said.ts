import { useWords } from '../i18n/use-words.ts'

/** Figures and names inside the hub's own sentences, which are English: taken out of them they are put into the reader's. */
const figures: Readonly<Record<string, RegExp>> = {
  'sku-unbound': /^"(?<name>[^]*)" is not bound to a SKU/,
  'location-unmapped': /^(?<name>"[^]*"(?: \([^]*\))?) is a place of the channel/,
  'stock-short': /(?:More|free unit) of "(?<name>[^]*?)" (?:is sold|was left)/,
  'address-incomplete': /lacks: (?<missing>[a-z, ]+)\./,
  'totals-mismatch': /total: (?<amount>-?[\d.]+ [A-Z]{3}) is unexplained/,
  'payment-mismatch': /but (?<paid>-?[\d.]+) of (?<total>-?[\d.]+ [A-Z]{3}) is covered/,
  'quantity-invalid': /^Line (?<line>[^:]+): ordered (?<ordered>[^,]+), cancelled (?<cancelled>[^,]+), shipped (?<shipped>[\d.]+)\.$/,
}
const place = / at "(?<place>[^]*)", from where the channel/

/** What a sentence of the hub about a hold names; undefined where it names what we do not find. */
export const holdFigures = (code: string, message: string): Readonly<Record<string, string>> | undefined => {
  const form = figures[code]
  if (form === undefined) return {}
  const found = form.exec(message)?.groups
  const where = code === 'stock-short' ? place.exec(message)?.groups : undefined
  return found && { ...found, ...where }
}

interface Said {
  readonly code: string
  readonly message: string
}

/** Why an order is held, in the reader's words with its figures; a person's own reason, and what has no words, as it came. */
export const useHoldText = (): ((hold: Said) => string) => {
  const { t, sentence } = useWords()
  return ({ code, message }) => {
    const named = holdFigures(code, message)
    if (named === undefined) return message
    const missing = (named['missing'] ?? '').split(', ').map((field) => sentence('holdField', field) ?? field)
    const which = named['place'] === undefined ? code : 'stock-short-there'
    return sentence('holdText', which, { ...named, missing: missing.join(t('order.comma')) }) ?? message
  }
}

/** What became of a write: our own sentences in the reader's words, a channel's in quotation marks as it said them. */
export const useEffectSaid = (): ((effect: {
  readonly code?: string | null | undefined
  readonly message?: string | null | undefined
}) => string) => {
  const { sentence } = useWords()
  return ({ code, message }) => {
    const said = message ?? ''
    return said === '' ? '' : (sentence('armReason', said) ?? sentence('effectSaid', code ?? '') ?? `“${said}”`)
  }
}
