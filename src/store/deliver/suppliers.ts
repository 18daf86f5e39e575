import type pg from 'pg'
import { DomainError } from '../../core/fault.ts'
import type { Db } from '../read/scope.ts'

/** Somebody goods are ordered from. */
export interface SupplierRow {
  readonly id: string
  readonly name: string
  readonly email: string | null
  /** Days from ordering to having it there, where the SKU says nothing. */
  readonly lead_days: number | null
  readonly note: string | null
  readonly skus: number
  /** What may be ordered from it without anybody asking; null = nothing. */
  readonly by_itself: SupplyRule | null
}
/** Who said that a supplier may be ordered from without anybody asking, and within what. */
export interface SupplyRule {
  readonly author: string
  /** Decimal text. */
  readonly pieces_per_day: string
  readonly location: string
  /** Null = the only one there is. */
  readonly account_id: string | null
  readonly language: 'en' | 'zh'
}
export type SupplierInput = Pick<SupplierRow, 'name' | 'email' | 'lead_days' | 'note'>
type SupplierChange = Partial<Pick<SupplierRow, 'name' | 'email' | 'lead_days' | 'note' | 'by_itself'>>

export async function listSuppliers(db: Db): Promise<readonly SupplierRow[]> {
  const { rows } = await db.query<SupplierRow>(
    `select p.id::text, p.name, p.email, p.lead_days, p.note, p.by_itself, (select count(*)::int from sku_supply y where y.supplier_id = p.id) as skus from suppliers p order by p.name limit 5000`,
  )
  return rows
}

/** A supplier that is ordered from by rule. */
export interface SupplierByRule {
  readonly id: string
  readonly email: string | null
  readonly rule: SupplyRule
}

export async function suppliersByRule(db: Db): Promise<readonly SupplierByRule[]> {
  const { rows } = await db.query<SupplierByRule>(
    `select id::text, email, by_itself as rule from suppliers where by_itself is not null order by id limit 5000`,
  )
  return rows
}

export async function supplierEmail(db: Db, id: string): Promise<string | null | undefined> {
  const { rows } = await db.query<{ email: string | null }>('select email from suppliers where id = $1', [id])
  return rows[0]?.email
}

/** @throws DomainError `supplier-exists` */
export async function addSupplier(db: Db, input: SupplierInput): Promise<string> {
  const { rows } = await db.query<{ id: string }>(
    'insert into suppliers (name, email, lead_days, note) values ($1, $2, $3, $4) on conflict (name) do nothing returning id::text',
    [input.name, input.email, input.lead_days, input.note],
  )
  if (!rows[0]) throw new DomainError('supplier-exists', `There is a supplier "${input.name}" already.`)
  return rows[0].id
}

/** What is not named stays. @throws DomainError `supplier-unknown`, `supplier-exists` */
export async function changeSupplier(
  db: Db,
  id: string,
  change: { readonly [Field in keyof SupplierChange]?: SupplierChange[Field] | undefined },
): Promise<void> {
  const { rows } = await db.query<{ taken: boolean }>(
    `with named as (select exists (select 1 from suppliers p where p.name = $2 and p.id <> $1) as taken),
     changed as (
       update suppliers p set name = coalesce($2, p.name), email = case when $3 then $4 else p.email end, lead_days = case when $5 then $6::int else p.lead_days end,
         note = case when $7 then $8 else p.note end, by_itself = case when $9 then $10::json else p.by_itself end, updated_at = now() from named where p.id = $1 and not named.taken)
     select named.taken from suppliers p, named where p.id = $1`,
    [
      id,
      change.name ?? null,
      change.email !== undefined,
      change.email ?? null,
      change.lead_days !== undefined,
      change.lead_days ?? null,
      change.note !== undefined,
      change.note ?? null,
      change.by_itself !== undefined,
      change.by_itself ? JSON.stringify(change.by_itself) : null,
    ],
  )
  if (!rows[0]) throw new DomainError('supplier-unknown', `There is no supplier ${id}.`)
  if (rows[0].taken) throw new DomainError('supplier-exists', `There is a supplier "${change.name ?? ''}" already.`)
}

/** Its SKUs have no supplier then; what was ordered from it stays. @throws DomainError `supplier-unknown` */
export async function removeSupplier(db: Db, id: string): Promise<void> {
  const { rowCount } = await db.query('delete from suppliers where id = $1', [id])
  if (rowCount === 0) throw new DomainError('supplier-unknown', `There is no supplier ${id}.`)
}

/** How a SKU is bought. A field that is absent stays, null = what the supplier or the hub says. */
export interface SupplyInput {
  readonly sku: string
  readonly supplierId?: string | null | undefined
  readonly leadDays?: number | null | undefined
  readonly pack?: string | null | undefined
  readonly minOrder?: string | null | undefined
  readonly targetDays?: number | null | undefined
}
export interface SupplySet {
  readonly sku: string
  readonly result: 'set' | 'unchanged' | 'unknown-sku' | 'unknown-supplier' | 'bundle'
}

const FIELDS = ['supplierId', 'leadDays', 'pack', 'minOrder', 'targetDays'] as const

/** Says how these SKUs are bought, each at most once; one answer per item. */
export async function setSupply(db: pg.Pool, items: readonly SupplyInput[], actor: string): Promise<readonly SupplySet[]> {
  const given = items.map((item) => ({ ...item, said: FIELDS.filter((field) => item[field] !== undefined) }))
  const { rows } = await db.query<SupplySet>(
    `with item as (
       select g.n, g.sku, case when k.sku is null then 'unknown-sku' when exists (select 1 from bundle_parts b where b.bundle = g.sku) then 'bundle'
           when g."supplierId" is not null and not exists (select 1 from suppliers p where p.id = g."supplierId") then 'unknown-supplier' else 'set' end as result,
         case when jsonb_exists(g.said, 'supplierId') then g."supplierId" else y.supplier_id end as supplier_id, case when jsonb_exists(g.said, 'leadDays') then g."leadDays" else y.lead_days end as lead_days,
         case when jsonb_exists(g.said, 'pack') then g.pack else y.pack end as pack, case when jsonb_exists(g.said, 'minOrder') then g."minOrder" else y.min_order end as min_order,
         case when jsonb_exists(g.said, 'targetDays') then g."targetDays" else y.target_days end as target_days
       from rows from (json_to_recordset($1::json) as (sku text, "supplierId" bigint, "leadDays" int, pack numeric, "minOrder" numeric, "targetDays" int, said jsonb)) with ordinality
         g(sku, "supplierId", "leadDays", pack, "minOrder", "targetDays", said, n)
       left join skus k on k.sku = g.sku left join sku_supply y on y.sku = g.sku),
     written as (
       insert into sku_supply as y (sku, supplier_id, lead_days, pack, min_order, target_days, updated_by, updated_at)
       select sku, supplier_id, lead_days, pack, min_order, target_days, $2, now() from item where result = 'set' order by sku
       on conflict (sku) do update set (supplier_id, lead_days, pack, min_order, target_days, updated_by, updated_at)
         = (excluded.supplier_id, excluded.lead_days, excluded.pack, excluded.min_order, excluded.target_days, excluded.updated_by, excluded.updated_at)
       where (y.supplier_id, y.lead_days, y.pack, y.min_order, y.target_days) is distinct from (excluded.supplier_id, excluded.lead_days, excluded.pack, excluded.min_order, excluded.target_days)
       returning y.sku)
     select i.sku, case when i.result = 'set' and w.sku is null then 'unchanged' else i.result end as result from item i left join written w using (sku) order by i.n`,
    [JSON.stringify(given), actor],
  )
  return rows
}
