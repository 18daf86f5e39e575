import type pg from 'pg'
import { DomainError } from '../../core/fault.ts'
import type { Db, Visible } from '../read/scope.ts'

/** A list as somebody likes to see it: the parameters of the page's address under a name. */
export interface SavedViewRow {
  readonly id: string
  readonly page: 'orders' | 'failures'
  readonly name: string
  /** `user:<name>` or `key:<id>`. */
  readonly owner: string
  readonly shared: boolean
  readonly search: Readonly<Record<string, string>>
}

const COLUMNS = 'id::text, page, name, owner, shared, search'
/** Views one owner keeps of one page. */
const MOST = 50

/** The caller's own and those everybody sees; one that names a connection the caller may not see stays out. */
export async function listViews(
  db: Db,
  of: { readonly page: SavedViewRow['page']; readonly owner: string },
  visible: Visible,
): Promise<readonly SavedViewRow[]> {
  const { rows } = await db.query<SavedViewRow>(
    `select ${COLUMNS} from saved_views where page = $1 and (owner = $2 or shared)
       and (owner = $2 or $3::text[] is null or search ->> 'connection' is null or search ->> 'connection' = any($3)) order by shared, name, id limit 200`,
    [of.page, of.owner, visible],
  )
  return rows
}

/**
 * Keeps a view; one of the same name and owner takes on what is given.
 * @throws DomainError `too-many-views`
 */
export async function saveView(pool: pg.Pool, view: Omit<SavedViewRow, 'id'>): Promise<SavedViewRow> {
  const { rows } = await pool.query<SavedViewRow>(
    `insert into saved_views as v (page, name, owner, shared, search)
     select $1::text, $2::text, $3::text, $4::boolean, $5::json
       where exists (select 1 from saved_views where (page, owner, name) = ($1, $3, $2)) or (select count(*) from saved_views where page = $1 and owner = $3) < ${MOST}
     on conflict (page, owner, name) do update set shared = excluded.shared, search = excluded.search, updated_at = now() returning ${COLUMNS}`,
    [view.page, view.name, view.owner, view.shared, JSON.stringify(view.search)],
  )
  const [row] = rows
  if (!row) throw new DomainError('too-many-views', `Nobody keeps more than ${MOST} views of one page. Let one go first.`, { limit: MOST })
  return row
}

/** True where the view was there and the caller's to let go: its owner's, or with `any` everybody's. */
export async function dropView(pool: pg.Pool, id: string, by: { readonly owner: string; readonly any: boolean }): Promise<boolean> {
  const { rowCount } = await pool.query('delete from saved_views where id = $1 and (owner = $2 or ($3 and shared))', [id, by.owner, by.any])
  return rowCount === 1
}
