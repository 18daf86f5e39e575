import { createHash, createHmac } from 'node:crypto'

/** What the gateway itself would put under `sign`; undefined for a signing method it does not know. */
export function expectedSignature(parameters: ReadonlyMap<string, string>, secret: string): string | undefined {
  let text = ''
  for (const name of [...parameters.keys()].sort()) {
    const value = parameters.get(name) ?? ''
    if (name === 'sign' || name === '' || value === '') continue
    text += name
    text += value
  }
  const bytes = Buffer.from(text, 'utf8')
  const how = parameters.get('sign_method') ?? 'md5'
  if (how === 'md5') {
    const hash = createHash('md5')
    hash.update(secret)
    hash.update(bytes)
    hash.update(secret)
    return hash.digest('hex').toUpperCase()
  }
  if (how === 'hmac') return createHmac('md5', secret).update(bytes).digest('hex').toUpperCase()
  return how === 'hmac-sha256' ? createHmac('sha256', secret).update(bytes).digest('hex').toUpperCase() : undefined
}
