import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { ChannelError, DomainError, type Fault } from '../core/fault.ts'
import { noticeStatement, noticeTable, noticeText, noticeTitle } from '../deliver/supply-notice.ts'
import { renderStatementSheets } from '../kit/files/write-sheets.ts'
import { csvText } from '../kit/files/write-table.ts'
import { type OpenDestination, openDestination } from '../store/alerts/destinations.ts'
import { type ClaimedNotice, type NoticeOutcome, claimNotice, settleNotice } from '../store/deliver/supply-notices.ts'
import { findSupplyOrder } from '../store/deliver/supply-orders.ts'
import type { SecretBox } from '../store/envelope.ts'
import { tryTake } from '../store/rate-limit.ts'
import { MOST_TRIES, afterFault } from './alert-delivery.ts'
import { SEND_RATE, type SendDeps, sendFrom } from './alert-send.ts'
import { type ActivityLog, framesOf, safeFailure } from './failure.ts'

export interface SupplyMailDeps extends SendDeps {
  readonly pool: pg.Pool
  readonly box: SecretBox
  readonly log: ActivityLog
}

/**
 * Mails what suppliers are to be told, with the order as CSV and workbook; answers how many went out. A mail whose worker was killed on the way goes out
 * again under the same id; one that did not arrive, or could not even be made, is tried again, as alerts are, unless the server refused it for good.
 */
export async function deliverSupplyMails(deps: SupplyMailDeps): Promise<number> {
  let sent = 0
  for (;;) {
    const claim = randomUUID()
    const notice = await claimNotice(deps.pool, claim, deps.now())
    if (!notice) return sent
    const outcome = await deliver(deps, notice)
    await settleNotice(deps.pool, notice, claim, outcome, deps.now())
    if (outcome.state === 'sent') sent += 1
  }
}

async function deliver(deps: SupplyMailDeps, notice: ClaimedNotice): Promise<NoticeOutcome> {
  // Whoever took it before was gone before it could say how that went.
  if (notice.attempts > MOST_TRIES) return { state: 'failed', answer: `Sending was begun ${MOST_TRIES} times and never came to an end.` }
  try {
    const account = notice.destination_id === null ? undefined : await openDestination(deps.pool, deps.box, notice.destination_id)
    if (!account?.enabled) return { state: 'failed', answer: 'The mail account was removed or switched off.' }
    const waitMs = await tryTake(deps.pool, `alert/${account.id}`, 1, SEND_RATE)
    if (waitMs > 0) return { state: 'waiting', answer: null, notBefore: new Date(deps.now().getTime() + waitMs), tried: false }
    return { state: 'sent', answer: await send(deps, account, notice) }
  } catch (error) {
    const fault = faultOf(error, deps.log, notice)
    // No such mailbox: trying again would only keep the person waiting who has to correct it.
    return fault.kind === 'refused' ? { state: 'failed', answer: fault.message } : afterFault(fault, notice.attempts, deps.now())
  }
}

/** An error of our own is one mail's trouble: it is noted, and that mail alone is tried again later. */
function faultOf(error: unknown, log: ActivityLog, { id, supply_order_id: order }: ClaimedNotice): Fault {
  if (error instanceof ChannelError) return error.fault
  if (error instanceof DomainError) return { kind: 'misconfigured', message: error.message }
  log.error('A mail to a supplier could not be made or sent', { notice: id, order, error: safeFailure(error).message, frames: framesOf(error) })
  return { kind: 'transient', message: `The hub could not make or send this mail; its log says why (mail ${id}).` }
}

async function send(deps: SupplyMailDeps, account: OpenDestination, notice: ClaimedNotice): Promise<string> {
  const order = await findSupplyOrder(deps.pool, { id: notice.supply_order_id })
  if (!order) throw new DomainError('supply-order-unknown', 'The order is gone.')
  const language = notice.language === 'zh' ? 'zh' : 'en'
  const [head = [], ...rows] = noticeTable(order, language)
  return sendFrom(deps, account, {
    to: [notice.recipient],
    subject: noticeTitle(order, language),
    text: noticeText(order, language),
    id: `supply-order-${order.id}-${notice.id}`,
    attachments: [
      { filename: `supply-order-${order.id}.csv`, content: Buffer.from(csvText(head, rows, true)), contentType: 'text/csv; charset=utf-8' },
      {
        filename: `supply-order-${order.id}.xlsx`,
        content: await renderStatementSheets(noticeStatement(order, language)),
        contentType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      },
    ],
  })
}
