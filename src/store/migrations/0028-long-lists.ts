/**
 * Lists that stay quick at a million orders: what is to be shipped by its deadline, and the few that were cancelled or have a case after the sale, newest
 * first. No column is added to those that already keep a changed order from staying on its page, but one: the after-sale state, which seldom moves.
 */
export const sql0028 = `
drop index orders_ship_by;
create index orders_due on orders (coalesce(ship_by, 'infinity'), id) where not closed and not cancelled;
create index orders_cancelled on orders (placed_at, id) where cancelled;
create index orders_after_sale on orders (placed_at, id) where after_sale <> 'none';
create index effects_refused on effects (id) where state = 'refused';
create index order_acks_rejected on order_acks (order_id) where status = 'rejected';
`
