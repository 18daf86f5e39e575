/** Orders are also looked up by the number the ERP gave them. */
export const sql0007 = `
create index order_acks_reference on order_acks (reference) where reference is not null;
`
