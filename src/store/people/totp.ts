import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** Codes of an authenticator app (RFC 6238): SHA-1, six digits, half a minute each, which is what every app knows. */
const STEP_SECONDS = 30
const DIGITS = 6
/** Clocks of telephones differ: the code before and the one after count too. */
const DRIFT = 1
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export const newTotpSecret = (): Buffer => randomBytes(20)

/** The half minute an instant lies in. */
export const stepAt = (now: Date): number => Math.floor(now.getTime() / 1000 / STEP_SECONDS)

export function totpCode(secret: Buffer, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const digest = createHmac('sha1', secret).update(counter).digest()
  const offset = (digest.at(-1) ?? 0) & 0x0f
  const number = digest.readUInt32BE(offset) & 0x7f_ff_ff_ff
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0')
}

/** The half minute a code is of, or undefined when it is none of now. Looks at all of them whatever it finds. */
export function stepOfCode(secret: Buffer, code: string, now: Date): number | undefined {
  const given = Buffer.from(code.padEnd(DIGITS).slice(0, DIGITS), 'latin1')
  let found: number | undefined
  for (let step = stepAt(now) - DRIFT; step <= stepAt(now) + DRIFT; step += 1)
    if (timingSafeEqual(given, Buffer.from(totpCode(secret, step), 'latin1')) && code.length === DIGITS) found = step
  return found
}

/** RFC 4648, without padding: how people type it into an app by hand. */
export function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? []).map((group) => ALPHABET[Number.parseInt(group.padEnd(5, '0'), 2)]).join('')
}

/** What a QR code for an authenticator app says. */
export const totpUri = (secret: Buffer, person: string): string =>
  `otpauth://totp/${encodeURIComponent('Channel Hub')}:${encodeURIComponent(person)}?secret=${base32(secret)}&issuer=${encodeURIComponent('Channel Hub')}`
