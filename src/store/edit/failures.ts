import type pg from 'pg'
import { withTx } from '../db.ts'
import type { FailureNoteRow } from '../read/failures.ts'

export interface FailureChange {
  readonly status?: 'open' | 'acknowledged' | 'resolved' | 'ignored' | undefined
  readonly owner?: string | null | undefined
  readonly note?: string | null | undefined
  readonly ignored_until?: string | null | undefined
}

/** Changes who cares and how, and keeps who decided it; a group that fails again after being resolved comes back by itself. */
export async function changeFailureGroup(pool: pg.Pool, id: string, change: FailureChange, author: string): Promise<void> {
  await withTx(pool, async (client) => {
    await client.query(
      `update failure_groups set status = coalesce($2, status), owner = case when $3 then $4 else owner end, note = case when $5 then $6 else note end,
         ignored_until = case when $7 then $8::timestamptz when $2 is not null and $2 <> 'ignored' then null else ignored_until end, regressed = case when $2 = 'resolved' then false else regressed end
       where id = $1`,
      [
        id,
        change.status ?? null,
        change.owner !== undefined,
        change.owner ?? null,
        change.note !== undefined,
        change.note ?? null,
        change.ignored_until !== undefined,
        change.ignored_until ?? null,
      ],
    )
    for (const note of notesOf(change)) await noteFailure(client, id, { ...note, author })
  })
}

type Note = Pick<FailureNoteRow, 'kind' | 'text'>

function notesOf(change: FailureChange): readonly Note[] {
  const notes: Note[] = []
  if (change.status !== undefined) notes.push({ kind: 'status', text: [change.status, change.ignored_until].filter(Boolean).join(' ') })
  if (change.owner !== undefined) notes.push({ kind: 'owner', text: change.owner ?? '' })
  if (change.note) notes.push({ kind: 'note', text: change.note })
  return notes
}

/** Adds a line to what people said and did about a group. */
export async function noteFailure(db: Pick<pg.Pool, 'query'>, groupId: string, note: Note & { readonly author: string }): Promise<void> {
  await db.query('insert into failure_notes (group_id, kind, text, author) select id, $2, $3, $4 from failure_groups where id = $1', [
    groupId,
    note.kind,
    note.text,
    note.author,
  ])
}
