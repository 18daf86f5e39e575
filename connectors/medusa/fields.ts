/**
 * What is asked for by name: Medusa answers nothing else (a relation without its `*` is absent). The stored document is this
 * selection, so adding a field changes every document's bytes once: they are read again, not lost.
 */
export const ORDER_FIELDS = [
  'id,display_id,custom_display_id,status,version,is_draft_order,currency_code,email,locale,customer_id,sales_channel_id',
  'created_at,updated_at,canceled_at,payment_status,fulfillment_status,total',
  '*items,*items.tax_lines,*items.adjustments,*items.detail,*shipping_methods,*shipping_methods.tax_lines,*shipping_methods.adjustments',
  '*shipping_address,*billing_address,*credit_lines,*returns',
  '*payment_collections,*payment_collections.payments,*payment_collections.payments.captures,*payment_collections.payments.refunds',
  '*fulfillments,*fulfillments.items,*fulfillments.labels',
].join(',')

export const SHIPPING_FIELDS = 'id,status,updated_at,*items,*items.detail,*fulfillments,*fulfillments.items,*fulfillments.labels'

export const VARIANT_FIELDS = [
  'id,sku,barcode,title,manage_inventory,allow_backorder,product_id,*product,*prices',
  '*inventory_items,*inventory_items.inventory,*inventory_items.inventory.location_levels',
].join(',')
