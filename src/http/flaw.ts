import type { InputError } from './problem.ts'

/** The rule a value broke, by the sentence that says so: `params.why` of the error, for who words it in another language. */
const RULES: Readonly<Record<string, string>> = {
  'contains control characters': 'control-characters',
  'must be one line and not blank': 'one-line',
  'must be one line': 'one-line',
  'must not be blank': 'one-line',
  'must be visible text without blanks around it': 'visible',
  'contains invisible or direction marks': 'visible',
  'must not contain < or >': 'no-markup',
  'is not a tracking number': 'tracking',
  'must be an ISO 4217 code': 'currency',
  'must be an ISO 3166 code such as CN': 'country',
  'must be a whole number': 'whole',
  'must be a whole number or a decimal text': 'decimal',
  'must be a decimal string': 'decimal',
  'must be a decimal string or a whole number': 'decimal',
  'must be a decimal text such as "12.50"': 'decimal',
  'must be a decimal text such as "2"': 'decimal',
  'must be above zero': 'above-zero',
  'must be more than 0': 'above-zero',
  'must be a decimal between 0 and 1': 'share',
  'must be a decimal between 0 and 1, as text': 'share',
  'must be between 0 and 1': 'share',
  'must lie between 0 and 1': 'share',
  'must lie between 1970 and 2999': 'years',
  'must be a time with its offset, such as 2026-11-22T09:30:00+08:00': 'instant',
  'must be a day such as 2026-11-21': 'day',
  'must be a day that exists': 'day',
  'must be a time such as 04:00': 'clock',
  'must be HH:MM': 'clock',
  'must be an e-mail address': 'email',
  'must be a whole telephone number': 'phone',
  'must be a host name or an address': 'host',
  'must be whsec_ and the base64 of at least 24 bytes': 'whsec',
  'must be a JSON pointer': 'pointer',
  'must be order/… or refund/…': 'entity',
  'must be letters, digits, dots, dashes': 'plain-name',
  'must be a plain name': 'plain-name',
  'lower-case letters, digits, dot, dash': 'lower-name',
  'must be 64 hex digits': 'hash',
  'must be key:<id>, connection:<id>, file or console': 'owner',
  'names a station twice': 'station-twice',
  'has more than 20 parameters': 'too-many-parameters',
  'at most 20': 'too-many-parameters',
  'says neither carrier nor number': 'neither',
  'needs a sku, a barcode or a name': 'line-nameless',
  'needs unit_price or total': 'line-priceless',
  'Two lines have this id': 'line-twice',
  'Say how much is paid': 'paid-missing',
  'A rejection needs a reason': 'reason',
  'A password is not sent over an open connection: use tls or starttls': 'open-connection',
  'Missing or not in the expected form': 'missing-or-malformed',
  'Must not lie before placed_from': 'before-from',
  'Lies in the future': 'future',
  'Say from when': 'no-from',
}

type Params = Readonly<Record<string, string | number>>

const SIZE = /^Too (small|big): expected (\w+) to (?:have|be) ([<>])(=?)(-?[\d.]+)/

/** Figures of the sentences the schema library makes. */
function madeParams(message: string): Params {
  const size = SIZE.exec(message)
  if (size) return { why: `${size[2] ?? ''}${size[4] === '=' ? '' : '-open'}`, limit: size[5] ?? '' }
  if (message.endsWith('received undefined')) return { why: 'missing' }
  const type = /^Invalid input: expected (\w+)/.exec(message)
  if (type) return { expected: type[1] ?? '' }
  const choice = /^Invalid option: expected one of (.+)$/.exec(message)
  if (choice) return { why: 'choices', choices: (choice[1] ?? '').replaceAll('"', '').replaceAll('|', ', ') }
  return {}
}

/** The error with what a wording in another language needs: the rule it broke, limits, choices. */
export function withParams(error: InputError): InputError {
  if (error.params !== undefined) return error
  const message = error.message.replace(/\.$/, '')
  const why = RULES[message]
  const params = why === undefined ? madeParams(message) : { why }
  return Object.keys(params).length === 0 ? error : { ...error, params }
}
