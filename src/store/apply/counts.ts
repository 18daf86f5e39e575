/** What became of the documents of the staged batch; see ApplyResult. */
export interface Counts {
  readonly created: number
  readonly changed: number
  readonly unchanged: number
  readonly held: number
  readonly ignored: number
  readonly superseded: number
  readonly unstored: number
  readonly moved: boolean
}

export const COUNTS = `select
  (select count(*) from s_applied where inserted)::int as created,
  (select count(*) from s_applied where not inserted)::int as changed,
  (select count(*) from s_raw where same or (won and order_id is not null and result = 'order' and i not in (select i from s_applied)))::int as unchanged,
  (select count(*) from s_raw where won and result = 'held')::int as held,
  (select count(*) from s_raw where won and result = 'ignored')::int as ignored,
  (select count(*) from s_raw where not won and not same)::int as superseded,
  (select count(*) from s_raw where same and not archived)::int as unstored,
  exists (select 1 from s_stock) as moved`

/** Documents that were not archived because these bytes stand already. */
export const UNSTORED = 'select count(*)::int as n from s_raw where same and not archived'
