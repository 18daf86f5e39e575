/** The global outbound switch as a row that can be locked, and indexes for what is open, settled and sent. */
export const sql0005 = `
insert into settings (key, value) values ('outbound', '{"state":"running"}') on conflict do nothing;
create index effects_settled on effects (settled_at) where state = 'done';
create index effects_sending on effects (connection_id, sent_at) where state = 'sending';
create index effects_listing on effects (connection_id, listing_key, id desc) where kind = 'stock';
create index effects_shipment on effects (shipment_id) where shipment_id is not null;
create index listings_waiting on listings (connection_id, listing_key) where push_state = 'pending';
`
