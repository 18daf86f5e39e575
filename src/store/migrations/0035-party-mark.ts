/**
 * A keyed mark of an order's personal data as it was sealed: whether it is the same is told without opening it, and what stays is not written again.
 * Orders of before get theirs when they change next.
 */
export const sql0035 = `
alter table orders add column party_mark bytea;
`
