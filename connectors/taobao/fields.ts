/**
 * What is asked for of a trade. The gateway returns only what is named. The five receiver fields with `created` must be
 * among them, or no recipient id (oaid) comes.
 */
export const TRADE_FIELDS = [
  'tid,type,status,created,pay_time,modified,consign_time,end_time,est_con_time,send_time',
  'payment,total_fee,discount_fee,adjust_fee,post_fee,buyer_cod_fee,order_tax_fee,received_payment,has_post_fee',
  'step_trade_status,step_paid_fee,cod_status,shipping_type,is_part_consign,timeout_action_time,credit_card_fee',
  'buyer_nick,buyer_open_uid,oaid,receiver_name,receiver_country,receiver_state,receiver_city,receiver_district,receiver_town',
  'receiver_address,receiver_zip,receiver_mobile,receiver_phone,has_buyer_message,buyer_message,seller_memo,seller_flag',
  'orders,promotion_details,service_orders,mark_desc,is_daixiao,alipay_no',
].join(',')

export const REFUND_FIELDS =
  'refund_id,tid,oid,status,order_status,created,modified,refund_fee,payment,total_fee,num,has_good_return,good_status,reason,refund_phase,refund_version,title,sku,outer_id,sid,company_name'

/** Without naming the types, trades of any other type are silently left out. */
export const TRADE_TYPES =
  'fixed,auction,guarantee_trade,auto_delivery,ec,cod,step,independent_simple_trade,independent_shop_trade,fenxiao,o2o_offlinetrade,pre_auth_type,nopaid'
