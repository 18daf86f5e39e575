import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { isQuiet } from '../core/alert-rules.ts'
import { type AlertNews, type AlertText, alertText, digestText } from '../core/alert-text.ts'
import { ChannelError, DomainError, type Fault } from '../core/fault.ts'
import { type OpenDestination, noteSent, openDestination } from '../store/alerts/destinations.ts'
import { type ClaimedMessage, type MessageOutcome, claimMessages, destinationsWithMessages, settleMessages } from '../store/alerts/messages.ts'
import type { SecretBox } from '../store/envelope.ts'
import { tryTake } from '../store/rate-limit.ts'
import { type Outgoing, SEND_RATE, type SendDeps, sendAlert } from './alert-send.ts'

export interface DeliveryDeps extends SendDeps {
  readonly pool: pg.Pool
  readonly box: SecretBox
  /** As people reach the console, without a trailing slash; undefined = messages carry no link. */
  readonly publicUrl: string | undefined
}

/** More than this at once to the same people goes out as one message. */
const SINGLE = 3
const MOST_AT_ONCE = 50
/** Some eight hours of trying. */
export const MOST_TRIES = 12
const FIRST_WAIT_MS = 30_000
const LONGEST_WAIT_MS = 3_600_000

/** Sends what waits, destination by destination; one that fails keeps none of the others. Answers how many messages were sent. */
export async function deliverAlerts(deps: DeliveryDeps): Promise<number> {
  const ids = await destinationsWithMessages(deps.pool, deps.now())
  const counts = await Promise.all(ids.map((id) => deliverTo(deps, id)))
  return counts.reduce((sum, count) => sum + count, 0)
}

async function deliverTo(deps: DeliveryDeps, id: string): Promise<number> {
  const destination = await opened(deps, id)
  if (!destination?.enabled) return 0
  const claim = randomUUID()
  const now = deps.now()
  const quiet = isQuiet(quietOf(destination), destination.timezone, now)
  const isForPeople = destination.kind !== 'webhook'
  const messages = await claimMessages(deps.pool, id, claim, { now, quiet, limit: isForPeople ? MOST_AT_ONCE : SINGLE })
  const parts = isForPeople && messages.length > SINGLE ? [messages] : messages.map((message) => [message])
  let sent = 0
  for (const part of parts) {
    const outcome = await sendPart(deps, destination, part)
    await settleMessages(
      deps.pool,
      part.map((message) => message.id),
      claim,
      outcome,
      deps.now(),
    )
    if (outcome.state === 'sent') sent += part.length
  }
  return sent
}

/** Credentials that cannot be opened (another master key) are this destination's trouble alone. */
async function opened({ pool, box, now }: DeliveryDeps, id: string): Promise<OpenDestination | undefined> {
  try {
    return await openDestination(pool, box, id)
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    await noteSent(pool, id, now(), error.message)
    return undefined
  }
}

const quietOf = ({ quiet_from: from, quiet_to: to }: OpenDestination): { readonly from: number; readonly to: number } | null =>
  from === null || to === null ? null : { from, to }

async function sendPart(deps: DeliveryDeps, destination: OpenDestination, part: readonly ClaimedMessage[]): Promise<MessageOutcome> {
  const now = deps.now()
  const waitMs = await tryTake(deps.pool, `alert/${destination.id}`, 1, SEND_RATE)
  if (waitMs > 0) return { state: 'waiting', answer: null, notBefore: new Date(now.getTime() + waitMs), tried: false }
  try {
    const answer = await sendAlert(deps, destination, outgoing(part, destination, deps.publicUrl))
    await noteSent(deps.pool, destination.id, deps.now(), null)
    return { state: 'sent', answer }
  } catch (error) {
    const fault = faultOf(error)
    await noteSent(deps.pool, destination.id, deps.now(), fault.message)
    return afterFault(fault, Math.max(...part.map(({ attempts }) => attempts)), deps.now())
  }
}

const faultOf = (error: unknown): Fault =>
  error instanceof ChannelError ? error.fault : { kind: 'misconfigured', message: 'The settings of this destination do not fit.' }

/** What did not arrive is tried again, after twice as long each time; "too fast" costs no try. */
export function afterFault(fault: Fault, attempts: number, now: Date): MessageOutcome {
  if (fault.kind === 'throttled')
    return { state: 'waiting', answer: fault.message, notBefore: new Date(now.getTime() + (fault.retryAfterMs ?? 60_000)), tried: false }
  if (attempts >= MOST_TRIES) return { state: 'failed', answer: fault.message }
  const wait = Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), LONGEST_WAIT_MS)
  return { state: 'waiting', answer: fault.message, notBefore: new Date(now.getTime() + wait), tried: true }
}

function outgoing(part: readonly ClaimedMessage[], { language, timezone }: OpenDestination, publicUrl: string | undefined): Outgoing {
  const all = part.map((message) => ({ message, news: newsOf(message, publicUrl) }))
  const texts: readonly AlertText[] = all.map(({ news }) => alertText(news, language, timezone))
  const [first, ...others] = all
  const [text] = texts
  if (first === undefined || text === undefined) throw new Error('nothing to send')
  const id = `msg_${first.message.id}`
  if (others.length > 0) return { id: `${id}_${others.length}`, text: digestText(texts, language) }
  return { id, incident: first.message.incident_id, text, news: first.news }
}

function newsOf(message: ClaimedMessage, publicUrl: string | undefined): AlertNews {
  const [, node] = message.subject.split('/')
  return {
    kind: message.kind,
    rule: message.rule,
    severity: message.severity,
    connection: message.connection ?? message.connection_id,
    node: node ?? null,
    facts: message.facts,
    since: new Date(message.since).toISOString(),
    until: message.kind === 'over' && message.closed_at !== null ? new Date(message.closed_at).toISOString() : null,
    link: publicUrl === undefined ? null : `${publicUrl}${pathOf(message.connection_id, node)}`,
  }
}

/** The page of the console that shows it. */
function pathOf(connectionId: string | null, node: string | undefined): string {
  if (connectionId === null) return '/board'
  return node === undefined ? `/connections/${encodeURIComponent(connectionId)}` : `/board?connection=${encodeURIComponent(connectionId)}`
}

/** What a test of a destination brought: the other side's own words. */
export interface TestSent {
  readonly ok: boolean
  readonly answer: string
}

/** Sends a real message that says that it is a test. Undefined when there is no such destination. */
export async function testDestination(deps: Omit<DeliveryDeps, 'publicUrl'>, id: string): Promise<TestSent | undefined> {
  const destination = await openDestination(deps.pool, deps.box, id)
  if (!destination) return undefined
  const waitMs = await tryTake(deps.pool, `alert/${id}`, 1, SEND_RATE)
  if (waitMs > 0)
    return { ok: false, answer: `Not sent: more than ${SEND_RATE.calls} messages a minute. Try again in ${Math.ceil(waitMs / 1000)} s.` }
  const now = deps.now().toISOString()
  const news: AlertNews = {
    kind: 'test',
    rule: { name: destination.name, built_in: null },
    severity: 'info',
    connection: null,
    node: null,
    facts: {},
    since: now,
    until: null,
    link: null,
  }
  try {
    const out: Outgoing = { id: `msg_${randomUUID()}`, text: alertText(news, destination.language, destination.timezone), news }
    const answer = await sendAlert(deps, destination, out)
    await noteSent(deps.pool, id, deps.now(), null)
    return { ok: true, answer }
  } catch (error) {
    const { message } = faultOf(error)
    await noteSent(deps.pool, id, deps.now(), message)
    return { ok: false, answer: message }
  }
}
