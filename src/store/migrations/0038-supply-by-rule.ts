/** A supplier may be ordered from without anybody asking, where somebody said so and up to how much a day. */
export const sql0038b = `
alter table suppliers add column by_itself json;  -- who said so, pieces a day, where to, whose mail account, in which language; null = a person orders
`
