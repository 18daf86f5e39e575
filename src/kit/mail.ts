import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { ChannelError, type Fault } from '../core/fault.ts'
import { isPrivateAddress } from './private-address.ts'
import { printable } from './vendor-words.ts'

/** A mail server to hand mail to. */
export interface MailServer {
  readonly host: string
  readonly port: number
  /** `tls` from the first byte, `starttls` or nothing, or `none` for a server on the same machine. */
  readonly security: 'tls' | 'starttls' | 'none'
  readonly user?: string
  readonly password?: string
}

export interface Mail {
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
  /** The same mail sent again carries the same id, so that a mailbox can tell. */
  readonly messageId: string
  readonly inReplyTo?: string
  readonly attachments?: readonly { readonly filename: string; readonly content: Buffer; readonly contentType: string }[]
}

const CONNECT_MS = 10_000
const SOCKET_MS = 20_000
const MOST_ANSWER = 200

/**
 * Hands one mail to a server and answers what it said. The address that was checked is the one that is dialled; a private one only where
 * `allowPrivate` says so. Nothing is read from files or fetched for it. @throws ChannelError
 */
export async function sendMail(server: MailServer, mail: Mail, allowPrivate: boolean): Promise<string> {
  const address = await addressOf(server.host, allowPrivate)
  const { createTransport } = await import('nodemailer') // 4 MB, which a hub without mail need not hold
  const transport = createTransport({
    host: address,
    port: server.port,
    secure: server.security === 'tls',
    requireTLS: server.security === 'starttls',
    ignoreTLS: server.security === 'none',
    tls: { ...(isIP(server.host) === 0 && { servername: server.host }), minVersion: 'TLSv1.2' },
    ...(server.user !== undefined && { auth: { user: server.user, pass: server.password ?? '' } }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SOCKET_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  try {
    const { messageId, inReplyTo, attachments = [], ...rest } = mail
    const sent = await transport.sendMail({
      ...rest,
      to: [...mail.to],
      messageId,
      attachments: attachments.map((file) => ({ ...file })),
      ...(inReplyTo !== undefined && { inReplyTo, references: inReplyTo }),
    })
    return printable(sent.response).slice(0, MOST_ANSWER)
  } catch (error) {
    throw new ChannelError(faultOf(error), { cause: error })
  } finally {
    transport.close()
  }
}

async function addressOf(host: string, allowPrivate: boolean): Promise<string> {
  const answers = await lookup(host, { all: true }).catch((error: unknown) => {
    throw new ChannelError({ kind: 'transient', code: 'ENOTFOUND', message: 'The name of the mail server could not be resolved.' }, { cause: error })
  })
  const target = answers.find(({ address }) => allowPrivate || !isPrivateAddress(address))
  if (target) return target.address
  throw new ChannelError({
    kind: 'misconfigured',
    code: 'private-address',
    message: "The mail server has a private address. Allow its host:port in the hub's settings if that is meant.",
  })
}

/** What the server said (RFC 5321 §4.2): 4yz is for now, 5yz for good. Its own words are kept, without anything we sent. */
function faultOf(error: unknown): Fault {
  const said = (name: string): unknown => (typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined)
  const [status, response, code] = [said('responseCode'), said('response'), said('code')]
  const words = typeof response === 'string' ? printable(response).replaceAll(/\s+/g, ' ').slice(0, MOST_ANSWER) : undefined
  const named = typeof code === 'string' ? { code } : {}
  if (code === 'EAUTH')
    return { kind: 'unauthorized', ...named, message: `The mail server refused the user name or password${words === undefined ? '' : `: ${words}`}.` }
  if (typeof status === 'number' && words !== undefined)
    return { kind: status >= 500 ? 'refused' : 'transient', status, ...named, message: `The mail server answered: ${words}` }
  if (code === 'ETLS' || code === 'ESOCKET') return { kind: 'transient', ...named, message: 'No safe connection to the mail server could be made.' }
  return { kind: 'transient', ...named, message: `The mail server did not answer${typeof code === 'string' ? ` (${code})` : ''}.` }
}
