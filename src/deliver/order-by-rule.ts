import type pg from 'pg'
import { DomainError } from '../core/fault.ts'
import { audit, beginAudit, endAudit } from '../store/people/audit.ts'
import { findSupplyOrder } from '../store/deliver/supply-orders.ts'
import { type SupplierByRule, type SupplyRule, supplierEmail, suppliersByRule } from '../store/deliver/suppliers.ts'
import { knownLocations } from '../store/deliver/stock-rules.ts'
import { readPlan, type PlanRow } from '../store/read/stock-plan.ts'
import { accountFor, mailSupplyOrder } from './supply-notice.ts'
import { placeSupplyOrder } from './supply-orders.ts'

const MOST_LINES = 1000

/**
 * Refuses a rule by which nothing could be ordered, before it is stored. `email` as it shall be; undefined = as it is.
 * @throws DomainError `supplier-unknown`, `location-unknown`, `supplier-without-mail`, `mail-account-missing`, `mail-account-needed`, `mail-account-unknown`
 */
export async function requireOrderable(pool: pg.Pool, id: string, rule: SupplyRule, email: string | null | undefined): Promise<void> {
  const stands = await supplierEmail(pool, id)
  if (stands === undefined) throw new DomainError('supplier-unknown', `There is no supplier ${id}.`)
  if (!(await knownLocations(pool, [rule.location])).has(rule.location))
    throw new DomainError('location-unknown', `There is no location "${rule.location}".`)
  await accountFor(pool, email === undefined ? stands : email, rule.account_id ?? undefined)
}

/**
 * Orders what the plan proposes from suppliers for which somebody said so, once a UTC day each, and puts the notice down to be mailed. The reference is
 * the supplier and the day, so that any number of processes order once, and one that died in between is followed by one that goes on. Entered in the audit
 * log under whoever said so. A supplier that cannot be mailed is not ordered from. Answers how many orders were placed.
 */
export async function orderByRule({ pool, now }: { readonly pool: pg.Pool; readonly now: Date }): Promise<number> {
  let placed = 0
  for (const supplier of await suppliersByRule(pool)) {
    try {
      if (await orderFrom(pool, supplier, now)) placed += 1
    } catch (error) {
      // No address, no mail account, a location that is gone: what is proposed stays proposed, and the next supplier has its turn.
      if (!(error instanceof DomainError)) throw error
    }
  }
  return placed
}

async function orderFrom(pool: pg.Pool, { id, email, rule }: SupplierByRule, now: Date): Promise<boolean> {
  const context = { pool, actor: rule.author, now }
  const ref = `auto-${id}-${now.toISOString().slice(0, 10)}`
  const known = await findSupplyOrder(pool, { ref })
  const ask = { accountId: rule.account_id ?? undefined, language: rule.language, again: false }
  if (known) {
    if (known.mail === null && known.told_at === null) await mailSupplyOrder(context, { orderId: known.id, ...ask })
    return false
  }
  await accountFor(pool, email, ask.accountId)
  const lines = withinCap(await proposals(pool, id, now), Number(rule.pieces_per_day))
  if (lines.length === 0) return false
  const entry = { actor: rule.author, action: 'supply-orders.by-rule', subject: ref, details: { supplier: id, lines: lines.length } }
  const begun = await beginAudit(pool, entry, now)
  const placed = await placeSupplyOrder(context, { ref, supplierId: id, location: rule.location, lines }).catch(async (error: unknown) => {
    await endAudit(pool, begun)
    throw error
  })
  if (placed.repeated) {
    await endAudit(pool, begun)
    return false
  }
  await audit(pool, entry, now, begun)
  await mailSupplyOrder(context, { orderId: placed.order.id, ...ask })
  return true
}

async function proposals(pool: pg.Pool, supplier: string, now: Date): Promise<readonly PlanRow[]> {
  const { rows, measured_at: measured } = await readPlan(pool, {
    view: 'proposals',
    before: now.toISOString(),
    overDays: 90,
    supplier,
    limit: MOST_LINES,
    now,
  })
  // Where nothing was measured yet nothing is known of what sells.
  return measured === null ? [] : rows.slice(0, MOST_LINES).map(({ row }) => row)
}

/** Whole proposals, in the plan's order, as long as they fit; what does not fit waits for tomorrow or for a person. */
function withinCap(rows: readonly PlanRow[], cap: number): readonly { readonly sku: string; readonly quantity: string }[] {
  let left = cap
  return rows.flatMap(({ sku, proposal }) => {
    const pieces = Number(proposal)
    if (pieces <= 0 || pieces > left) return []
    left -= pieces
    return [{ sku, quantity: proposal }]
  })
}
