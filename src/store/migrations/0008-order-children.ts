/**
 * What belongs to an order is written with it, in one transaction, under ids that this transaction was just given. A foreign
 * key looked each of them up again, five or more per order. Deleting or truncating orders still takes their children along, by triggers.
 */
export const sql0008 = `
alter table order_lines drop constraint order_lines_order_id_fkey;
alter table order_versions drop constraint order_versions_order_id_fkey;
alter table order_parties drop constraint order_parties_order_id_fkey;
create function delete_order_children() returns trigger language plpgsql as $$
begin
  delete from order_lines c using gone where c.order_id = gone.id;
  delete from order_versions c using gone where c.order_id = gone.id;
  delete from order_parties c using gone where c.order_id = gone.id;
  return null;
end $$;
create trigger orders_children after delete on orders referencing old table as gone for each statement execute function delete_order_children();
create function truncate_order_children() returns trigger language plpgsql as $$
begin
  truncate order_lines, order_versions, order_parties;
  return null;
end $$;
create trigger orders_children_truncated after truncate on orders for each statement execute function truncate_order_children();
`
