/**
 * What changing an order costs when a million are held: each page it touches is read from far away and, after a checkpoint, logged as a whole. A row
 * whose indexed columns stay as they are is changed on its own page, without a word to any index, where that page has room. So
 * documents of orders stand beside them, which leaves small rows, and the pages of lines and personal data keep a fifth free. An index
 * by time grows at its right end, where PostgreSQL fills pages; the descending ones grew at the left, with pages half empty.
 */
export const sql0016 = `
alter table orders alter column doc set storage external;
alter table orders set (toast_tuple_target = 512);
alter table order_lines set (fillfactor = 80);
alter table order_parties set (fillfactor = 80);
drop index orders_placed;
create index orders_placed on orders (placed_at, id);
drop index orders_connection_placed;
create index orders_connection_placed on orders (connection_id, placed_at, id);
`
