/**
 * What writing an order costs. Compressing its document was the dearest single thing: up to half a page it is kept as it is now, longer ones are
 * compressed as before. An index nobody asks goes; the dispositions of a day are found by blocks, as they come in order of time; a whole phone
 * number is found among the orders that share its last four digits.
 */
export const sql0009 = `
alter table orders set (toast_tuple_target = 4080);
drop index feed_order;
drop index raw_dispositions_connection;
create index raw_dispositions_at on raw_dispositions using brin (at) with (pages_per_range = 32, autosummarize = on);
drop index order_parties_phone;
`
