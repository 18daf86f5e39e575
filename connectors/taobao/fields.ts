/**
 * What lists are asked for of a trade: all they can show that is of use. The gateway returns only what is named. The five
 * receiver fields with `created` must be among them, or no recipient id (oaid) comes.
 */
export const LIST_FIELDS = [
  'tid,type,status,created,pay_time,modified,consign_time,end_time',
  'payment,total_fee,discount_fee,adjust_fee,post_fee,order_tax_fee,received_payment,credit_card_fee',
  'step_trade_status,step_paid_fee,shipping_type,mark_desc,has_buyer_message,seller_flag',
  'buyer_nick,buyer_open_uid,oaid,receiver_name,receiver_country,receiver_state,receiver_city,receiver_district,receiver_town',
  'receiver_address,receiver_zip,receiver_mobile,receiver_phone,orders,service_orders',
].join(',')

/** The same and what only the call for a single trade shows: notes, names of reductions, the fee for cash on delivery, a promised day. */
export const TRADE_FIELDS = `${LIST_FIELDS},buyer_message,seller_memo,promotion_details,buyer_cod_fee,cod_status,send_time`

export const REFUND_FIELDS =
  'refund_id,tid,oid,status,order_status,created,modified,refund_fee,payment,total_fee,num,has_good_return,good_status,reason,refund_phase,refund_version,title,sku,outer_id,sid,company_name'

/** Without naming the types, trades of any other type are silently left out. */
export const TRADE_TYPES =
  'fixed,auction,guarantee_trade,auto_delivery,ec,cod,step,independent_simple_trade,independent_shop_trade,fenxiao,o2o_offlinetrade,pre_auth_type,nopaid'
