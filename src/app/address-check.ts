import { isIP } from 'node:net'
import { allowsPrivate } from '../activities/connection-call.ts'
import { FOREIGN_PORTS } from '../kit/agents.ts'
import { isPrivateAddress } from '../kit/private-address.ts'

const MAX_ADDRESS = 2000

/**
 * What can be said of a channel's address before it is stored. Names are resolved when they are called, and checked again
 * there: this only says at once what would never work.
 */
export const addressCheck =
  (allowed: 'all' | readonly string[]) =>
  (text: string): string | undefined => {
    if (/[\s\u0000-\u001f\u007f\\]/.test(text)) return 'contains blanks, backslashes or control characters'
    if (text.length > MAX_ADDRESS) return `is longer than ${MAX_ADDRESS} characters`
    const isSftp = text.startsWith('sftp://')
    const full = isSftp ? text.replace('sftp:', 'https:') : text.includes('://') ? text : `https://${text}`
    const url = URL.canParse(full) ? new URL(full) : undefined
    if (!url) return 'is not a URL'
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'is neither http nor https'
    if (url.username !== '' || url.password !== '') return 'carries a user name'
    if (allowsPrivate(allowed, full)) return undefined
    if (!isSftp && FOREIGN_PORTS.has(url.port)) return 'names a port of another protocol'
    return isInside(url.hostname) ? 'is private; allow it in HUB_ALLOW_PRIVATE_HOSTS if that is meant' : undefined
  }

/** Spellings such as 127.1, 0x7f000001 or ①②⑦.0.0.1 have become plain addresses in the URL. */
function isInside(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  return isIP(host) === 0 ? host === 'localhost' || host.endsWith('.localhost') : isPrivateAddress(host)
}
