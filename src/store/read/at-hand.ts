import type pg from 'pg'
import { withTx } from '../db.ts'
import type { Db } from './scope.ts'

/**
 * Looks of people and of the board at large tables: what they want is new, and its pages are in memory, where one costs as much as the next. The planner
 * thinks of a disk that seeks, and rather reads a million orders from end to end than a tenth of them through an index.
 */
export const atHand = <T>(pool: pg.Pool, look: (db: Db) => Promise<T>): Promise<T> =>
  withTx(pool, async (client) => {
    await client.query('set local random_page_cost = 1.1')
    return look(client)
  })
