import pg from 'pg'
import { freshDatabase, type TestDatabase } from '../support/db.ts'
import { breakFunctions, type Slip } from '../support/slips.ts'
import { History, SKEW, TMAX, type Op, type Told, type World } from './escrow-world.ts'

/** Histories that go side by side: one message to the database is one moment of all of them. */
const ABREAST = 250

/** The hub's calls of one moment in order, each through the function the product uses; orders move reservations as the product does. */
const STEP = `
create function escrow_steps(p_ops json) returns json language plpgsql as $$
declare
  o json; v_said text; v_all text[] := '{}'; v_q numeric; v_c numeric; t timestamptz := 'epoch'; s interval := '1 second';
begin
  for o in select json_array_elements(p_ops) loop
    v_said := null;
    case o ->> 'op'
      when 'open' then
        insert into skus (sku) values (o ->> 'sku');
        insert into stock (sku, location, on_hand) values (o ->> 'sku', 'main', (o ->> 'stock')::numeric);
      when 'bundle' then
        insert into skus (sku) values (o ->> 'of');
        insert into bundle_parts values (o ->> 'of', o ->> 'sku', (o ->> 'per')::numeric);
      when 'shop' then insert into escrows (connection_id, listing_key, sku, restocks) values (o ->> 'shop', 'l', o ->> 'of', (o ->> 'restocks')::boolean);
      when 'arrive' then update stock set on_hand = on_hand + (o ->> 'quantity')::numeric where sku = o ->> 'sku';
      when 'seen' then
        select quantity, cancelled into v_q, v_c from escrow_lines where connection_id = o ->> 'shop' and order_no = o ->> 'order' and line_no = '1';
        update stock set reserved = reserved + (o ->> 'per')::numeric * ((o ->> 'quantity')::numeric - coalesce(v_q, 0) - greatest((o ->> 'cancelled')::numeric - coalesce(v_c, 0), 0)) where sku = o ->> 'sku';
        perform escrow_seen(o ->> 'shop', 'l', o ->> 'order', '1', (o ->> 'quantity')::numeric, t + s * (o ->> 'at')::float8, (o ->> 'cancelled')::numeric,
          t + s * (o ->> 'cancelled_at')::float8);
      when 'settle' then perform escrow_settle(o ->> 'shop', t + s * (o ->> 'at')::float8);
      when 'begin' then
        v_said := escrow_begin(o ->> 'shop', 'l', o ->> 'kind', (o ->> 'value')::int, (o ->> 'expected')::int, t + s * (o ->> 'at')::float8, s * ${SKEW});
      when 'answer' then perform escrow_answer(o ->> 'shop', 'l', o ->> 'said', t + s * (o ->> 'at')::float8, s * ${SKEW}, s * ${TMAX});
      when 'read' then
        v_said := escrow_read(o ->> 'shop', 'l', (o ->> 'shown')::numeric, t + s * (o ->> 'at')::float8, t + s * (o ->> 'at')::float8, s * ${SKEW});
    end case;
    v_all := v_all || v_said;
  end loop;
  return to_json(v_all);
end $$`

export interface Arena {
  run(world: World, count: number, from?: number): Promise<readonly Told[]>
  /** Units no book accounts for, over all SKUs so far, and the smallest free stock. */
  books(): Promise<{ readonly negative: number }>
  close(): Promise<void>
}

/** The second line of defence: books that show too much sold stop every raise. It hides most slips, so they are looked for without it. */
export const UNGUARDED: Slip = {
  find: `if v_need > 0 and exists (select 1 from escrows where sku = any(stock_kin(v_e.sku)) and units < 0) then return 'settling'; end if;`,
  put: '',
}

/** A database with the functions of the product, or with slips in them. @throws Error when a slip no longer fits the text */
export async function openArena(slips: readonly Slip[] = []): Promise<Arena> {
  const database: TestDatabase = await freshDatabase()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await breakFunctions(client, slips)
  await client.query(STEP)
  const say = async (ops: readonly Op[]): Promise<readonly (string | null)[]> => {
    const { rows } = await client.query<{ said: (string | null)[] }>('select escrow_steps($1) as said', [JSON.stringify(ops)])
    return rows[0]?.said ?? []
  }
  return {
    run: async (world, count, from = 0) => {
      const told: Told[] = []
      for (let at = 0; at < count; at += ABREAST) {
        const histories = Array.from({ length: Math.min(ABREAST, count - at) }, (_, i) => new History(world, from + at + i))
        await say(histories.flatMap((history) => history.opening()))
        while (histories.some(({ done }) => !done)) await moment(histories, say)
        told.push(...histories.map((history) => history.told))
      }
      return told
    },
    books: async () => {
      const { rows } = await client.query<{ negative: number }>(`select count(*)::int as negative from stock where stock_free(sku) < 0`)
      return { negative: rows[0]?.negative ?? 0 }
    },
    close: async () => {
      await client.end()
      await database.drop()
    },
  }
}

async function moment(histories: readonly History[], say: (ops: readonly Op[]) => Promise<readonly (string | null)[]>): Promise<void> {
  const asked = histories.map((history) => history.next())
  const said = await say(asked.flat())
  let from = 0
  for (const [i, history] of histories.entries()) {
    const to = from + (asked[i]?.length ?? 0)
    history.answers(said.slice(from, to))
    from = to
  }
}
