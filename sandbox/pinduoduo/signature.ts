import { createHash } from 'node:crypto'

/** What the gateway itself would put under `sign`. */
export function expectedSignature(parameters: ReadonlyMap<string, string>, secret: string): string {
  const hash = createHash('md5')
  hash.update(secret)
  for (const name of [...parameters.keys()].sort()) if (name !== 'sign') hash.update(name).update(parameters.get(name) ?? '')
  hash.update(secret)
  return hash.digest('hex').toUpperCase()
}
