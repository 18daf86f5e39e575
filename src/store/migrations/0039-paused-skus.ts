/** The few SKUs that are paused: every plan of levels asks for all of them, and went through every SKU for it. */
export const sql0039 = `create index skus_paused on skus (sku) where push_paused_at is not null;`
