/** Two refunds or packages of one order in the same second are two facts: what they refer to tells them apart. */
export const sql0006 = `
alter table order_facts drop constraint order_facts_order_id_code_at_source_line_no_key;
alter table order_facts add constraint order_facts_key unique nulls not distinct (order_id, code, at, source, line_no, ref);
`
