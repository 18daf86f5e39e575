import { createHash, createHmac } from 'node:crypto'

/** MD5 of a text (as UTF-8) or of bytes, as upper-case hex text: what several gateways sign with. Never a measure of safety, only their protocol. */
export const md5Hex = (data: string | Uint8Array): string => createHash('md5').update(data).digest('hex').toUpperCase()

/** HMAC-MD5 as upper-case hex text. */
export const hmacMd5Hex = (key: string, text: string): string => createHmac('md5', key).update(text, 'utf8').digest('hex').toUpperCase()
