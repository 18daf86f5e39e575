import type pg from 'pg'
import { DomainError } from '../../core/fault.ts'

/** Whoever writes counts, as a location names its owner: `key:…` and `connection:…` as they are, people at the console together. */
const writerOf = (actor: string): string => (actor.startsWith('user:') ? 'console' : actor.startsWith('file:') ? 'file' : actor)

/**
 * Two writers of one number would fight: where a location has an owner, only that one writes what is there. Locks the locations against a change of
 * owner until commit. @throws DomainError `location-owned`
 */
export async function requireOwner(client: pg.ClientBase, locations: readonly string[], actor: string): Promise<void> {
  const { rows } = await client.query<{ id: string; owner: string }>(
    'select id, owner from locations where id = any($1) and owner is not null order by id for share',
    [[...new Set(locations)]],
  )
  const foreign = rows.find(({ owner }) => owner !== writerOf(actor))
  if (!foreign) return
  throw new DomainError(
    'location-owned',
    `The numbers of location "${foreign.id}" are written by ${foreign.owner}; yours would fight with them. Change its owner first.`,
    {
      location: foreign.id,
      owner: foreign.owner,
    },
  )
}
