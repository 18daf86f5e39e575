import type pg from 'pg'
import { GATE, DISPOSE } from './gate.ts'
import { WRITE_ORDERS } from './write-orders.ts'
import { WRITE_FAILURES, WRITE_REFUNDS, WRITE_STOCK } from './write-rest.ts'

/**
 * Up to this many documents the writing statements run from functions of the session, which keep their plans: planning some
 * forty statements costs more than running them on a few rows. Larger batches are planned anew, for their own size.
 */
export const SMALL_BATCH = 50

const body = (statements: string): string => `language plpgsql as $apply$ begin ${statements} end $apply$;`

const FUNCTIONS = `
create or replace function pg_temp.apply_small() returns void ${body(GATE + WRITE_ORDERS + WRITE_REFUNDS + DISPOSE + WRITE_FAILURES)}
create or replace function pg_temp.apply_small_stock() returns void ${body(WRITE_STOCK)}
`

export const APPLY_SMALL = 'select pg_temp.apply_small();'
export const APPLY_SMALL_STOCK = 'select pg_temp.apply_small_stock();'

/** Makes the functions of this session; once, after its staging tables. */
export const createSmallBatch = (client: pg.PoolClient): Promise<unknown> => client.query(FUNCTIONS)
