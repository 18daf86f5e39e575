import { createHash, createPublicKey, verify } from 'node:crypto'
import type { Signed, Signing, Verdict } from '../../src/core/connector.ts'
import { parsedOrNothing, textField } from '../../src/kit/read.ts'
import { compare, needPart, part, partMap } from '../../src/kit/signing.ts'

type Input = Readonly<Record<string, unknown>>

/** What answers the challenge of an address: SHA-256 over code, token and address, one behind the other, as lower-case hex. */
export const challengeAnswer = (code: string, token: string, endpoint: string): string =>
  createHash('sha256')
    .update(code + token + endpoint, 'utf8')
    .digest('hex')

/** `X-EBAY-SIGNATURE` opened. */
interface Claim {
  readonly kid: string
  readonly signature: Buffer
}

/** Undefined for anything but the Base64 of `{"alg":"ecdsa","kid":…,"signature":…,"digest":"SHA1"}`. */
export function claimOf(header: string): Claim | undefined {
  if (header.length > 4000) return undefined
  const doc = parsedOrNothing(strictBase64(header)?.toString('utf8') ?? '')
  const [alg, kid, digest] = [textField(doc, 'alg'), textField(doc, 'kid'), textField(doc, 'digest')]
  const signature = strictBase64(textField(doc, 'signature') ?? '')
  if (alg?.toLowerCase() !== 'ecdsa' || digest?.toUpperCase() !== 'SHA1' || kid === undefined || signature === undefined) return undefined
  return { kid, signature }
}

/** Only what comes out the same when it is written again: anything else was touched. */
function strictBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : undefined
}

/** ECDSA over P-256 with SHA-1, as eBay signs. `key` is the body of a PEM, with or without its first and last line. */
export function isSigned(body: string | Uint8Array, claim: Claim, key: string): boolean {
  const inner = key.replace(/-----(?:BEGIN|END) PUBLIC KEY-----/g, '').replace(/\s+/g, '')
  try {
    const publicKey = createPublicKey({ key: Buffer.from(inner, 'base64'), format: 'der', type: 'spki' })
    return verify('sha1', typeof body === 'string' ? Buffer.from(body, 'utf8') : body, publicKey, claim.signature)
  } catch {
    // No key, or none of this kind.
    return false
  }
}

/** Answers of challenges (`challenge_code`, `verification_token`, `endpoint`) and the MD5 of platform notifications (`timestamp`, `dev_id`, `app_id`, `cert_id`). */
function sign(input: Input): Signed {
  const timestamp = part(input, 'timestamp', 'Timestamp')
  if (timestamp === undefined) {
    const code = needPart(input, 'challenge_code', 'challengeCode')
    const [token, endpoint] = [needPart(input, 'verification_token', 'verificationToken', 'token'), needPart(input, 'endpoint', 'url')]
    return { stringToSign: code + token + endpoint, signature: challengeAnswer(code, token, endpoint) }
  }
  const stringToSign =
    timestamp +
    needPart(input, 'dev_id', 'devId', 'DevID') +
    needPart(input, 'app_id', 'appId', 'AppID') +
    needPart(input, 'cert_id', 'certId', 'CertID')
  return { stringToSign, signature: createHash('md5').update(stringToSign, 'utf8').digest('base64') }
}

/** Notifications carry a signature nobody but eBay can make: `body`, `public_key` and the header as `signature` or among `headers`. */
function verifyParts(input: Input): Verdict {
  const key = part(input, 'public_key', 'publicKey', 'public_key_pem', 'pem')
  const claimed = part(input, 'signature', 'header', 'x-ebay-signature', 'expected') ?? partMap(input, 'headers', true)?.['x-ebay-signature']
  if (key === undefined) return compare(sign(input), claimed)
  const body = needPart(input, 'body', 'raw_body', 'rawBody')
  const claim = claimOf(claimed ?? '')
  if (!claim) return { valid: false, reason: 'The header is not the Base64 of alg, kid, signature and digest.' }
  return isSigned(body, claim, key)
    ? { valid: true }
    : { valid: false, reason: `The key does not fit the signature, which was made with key ${claim.kid}.` }
}

export const signing: Signing = { sign, verify: verifyParts }
