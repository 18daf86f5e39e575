import type pg from 'pg'
import type { Statement } from '../core/ledger-statement.ts'
import { DomainError } from '../core/fault.ts'
import { mailAccounts, noticeRecipient, queueNotice } from '../store/deliver/supply-notices.ts'
import type { SupplyOrderRow } from '../store/deliver/supply-orders.ts'
import type { StockContext } from './stock.ts'

const WORDS = {
  en: { sku: 'Item', title: 'Name', quantity: 'Quantity', wanted: 'Wanted by', order: 'Order', to: 'Deliver to', note: 'Note', date: 'Date' },
  zh: { sku: '商品编码', title: '名称', quantity: '数量', wanted: '期望到货', order: '采购单', to: '送货至', note: '备注', date: '日期' },
} as const
export type NoticeLanguage = keyof typeof WORDS

/** What the supplier is told, as rows. */
export const noticeTable = (order: SupplyOrderRow, language: NoticeLanguage): readonly (readonly string[])[] => {
  const words = WORDS[language]
  return [
    [words.sku, words.title, words.quantity, words.wanted],
    ...order.lines.map((line) => [line.sku, line.title, line.quantity, line.promised_at?.slice(0, 10) ?? '']),
  ]
}

/** The facts above the rows. */
const noticeFacts = (order: SupplyOrderRow, language: NoticeLanguage): readonly (readonly [string, string])[] => {
  const words = WORDS[language]
  return [
    [words.order, order.ref],
    [words.date, order.placed_at.slice(0, 10)],
    [words.to, order.location],
    ...(order.note === null ? [] : [[words.note, order.note] as const]),
  ]
}

export const noticeTitle = (order: SupplyOrderRow, language: NoticeLanguage): string => `${WORDS[language].order} ${order.ref}`

/** For a workbook; the first sheet is never named like the second. */
export const noticeStatement = (order: SupplyOrderRow, language: NoticeLanguage): Statement => ({
  title: noticeTitle(order, language),
  facts: noticeFacts(order, language),
  tables: [{ name: WORDS[language].sku, rows: noticeTable(order, language) }],
  foot: '',
})

/** What the supplier is told, to be put into a letter. */
export const noticeText = (order: SupplyOrderRow, language: NoticeLanguage): string =>
  [
    ...noticeFacts(order, language).map(([name, value]) => `${name}: ${value}`),
    '',
    ...noticeTable(order, language).map((row) => row.join('\t')),
    '',
  ].join('\n')

interface NoticeAsk {
  readonly orderId: string
  /** Whose mail server carries it; may be left out where there is one. */
  readonly accountId: string | undefined
  readonly language: NoticeLanguage
  /** Although it was sent before. */
  readonly again: boolean
}

/**
 * Puts the order's notice down to be mailed to its supplier, within seconds. One mail waits at most, and one that was sent is sent again only when that
 * is said: then `false`. @throws DomainError `supply-order-unknown`, `supplier-without-mail`, `mail-account-missing`, `mail-account-needed`, `mail-account-unknown`
 */
export async function mailSupplyOrder({ pool, actor, now }: StockContext, { orderId, accountId, language, again }: NoticeAsk): Promise<boolean> {
  const recipient = await noticeRecipient(pool, orderId)
  if (recipient === undefined) throw new DomainError('supply-order-unknown', `There is no supply order ${orderId}.`)
  const { recipient: to, account } = await accountFor(pool, recipient, accountId)
  return queueNotice(pool, { orderId, destinationId: account, recipient: to, language, again }, actor, now)
}

/**
 * Whose mail server carries a notice to this address. @throws DomainError `supplier-without-mail`, `mail-account-missing`, `mail-account-needed`,
 * `mail-account-unknown`
 */
export async function accountFor(
  pool: pg.Pool,
  recipient: string | null,
  accountId: string | undefined,
): Promise<{ readonly recipient: string; readonly account: string }> {
  if (recipient === null) throw new DomainError('supplier-without-mail', 'This supplier has no e-mail address: enter it under Suppliers.')
  const accounts = await mailAccounts(pool)
  const [only, ...others] = accounts
  if (!only) throw new DomainError('mail-account-missing', 'No mail server is set up: add a destination of the kind e-mail under Alerts.')
  if (accountId === undefined && others.length > 0)
    throw new DomainError('mail-account-needed', 'Say which mail account carries it: there are several.')
  const account = accountId === undefined ? only : accounts.find(({ id }) => id === accountId)
  if (!account) throw new DomainError('mail-account-unknown', 'There is no such mail account, or it is switched off.')
  return { recipient, account: account.id }
}
