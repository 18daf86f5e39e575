import { createHash, createHmac } from 'node:crypto'

interface Signed {
  readonly query: URLSearchParams
  readonly body: string
}

/** What the gateway itself would put under `sign`; undefined for a method it does not know. MD5 where none is named. */
export function expectedSignature({ query, body }: Signed, secret: string): string | undefined {
  let text = secret
  for (const [name, value] of [
    ['app_key', query.get('app_key')],
    ['method', query.get('method')],
    ['param_json', body],
    ['timestamp', query.get('timestamp')],
    ['v', query.get('v')],
  ])
    text += `${name}${value ?? ''}`
  text += secret
  switch (query.get('sign_method') ?? 'md5') {
    case 'md5':
      return createHash('md5').update(text, 'utf8').digest('hex')
    case 'hmac-sha256':
      return createHmac('sha256', secret).update(text, 'utf8').digest('hex')
    default:
      return undefined
  }
}

/** The header of a message. */
export const messageSignature = (appKey: string, body: string, secret: string): string =>
  createHash('md5').update(appKey).update(body, 'utf8').update(secret).digest('hex')

/** The gateway sorts what it got before it signs: a body whose keys stand in another order never fits. */
export function isSorted(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isSorted)
  if (typeof value !== 'object' || value === null) return true
  const names = Object.keys(value)
  return names.every((name, i) => i === 0 || (names[i - 1] ?? '') < name) && Object.values(value).every(isSorted)
}
