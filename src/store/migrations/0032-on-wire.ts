/**
 * What is on the wire, as a set that is always looked up by hashing. As a view its size was guessed from a table that is written and emptied all the time:
 * guessed too large, it was read from end to end for each listing, and a plan of 5,000 levels took two seconds instead of 30 ms.
 */
export const sql0032 = `
create function on_wire() returns table (connection_id text, listing_key text) language plpgsql stable rows 1000 as $$
begin
  return query select w.connection_id, w.listing_key from levels_on_wire w;
end $$;
alter table level_calls set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
`
