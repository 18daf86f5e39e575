/** 系统代码的用语。没有用语的代码原样显示。 */
export const codes = {
  disposition: { applied: '已应用', superseded: '已取代', duplicate: '重复', held: '挂起', ignored: '按规则忽略', unprocessed: '处理中' },
  hold: {
    'sku-unbound': 'SKU 未绑定', 'address-incomplete': '地址不完整', 'totals-mismatch': '金额不平', 'discount-mismatch': '优惠分摊不符', 'payment-mismatch': '付款不符', 'lines-missing': '没有商品行', 'quantity-invalid': '数量不合', 'cancel-requested': '申请取消', manual: '人工挂起',
    'waits-for-read': '等待向渠道完整读取', 'mapping-crashed': '映射失败', 'value-refused': '有值被拒', 'status-unmapped': '状态未映射', 'payment-status-unmapped': '付款状态未映射', 'refund-status-unmapped': '退款状态未映射', 'shipment-status-unmapped': '发货状态未映射', 'payload-unreadable': '原文无法读取', 'document-unreadable': '原文无法读取', 'number-unreadable': '数字无法读取', 'time-unreadable': '时间无法读取', 'value-missing': '缺少一个值', 'type-unexpected': '值的类型不符', 'document-key-missing': '缺少单据编号', 'not-armed': '连接未启用外发', deleted: '渠道已删除', refunded: '已退款',
  },
  failure: { 'mapping-failed': '原文无法理解', 'ack-rejected': 'ERP 拒收', timeout: '未按时应答', 'not-applied': '写入未生效', 'not-there-yet': '渠道尚未可见' },
  failureHelp: {
    'sku-unbound': '渠道在售的规格在这里没有 SKU。相关订单已挂起，原文完整保留。绑定后重放即可。', 'address-incomplete': '地址缺少内容，订单已挂起。请在渠道改正后重取，或解除挂起。', 'totals-mismatch': '这些订单的各部分加起来不等于总额，已按原样挂起，没有抹零。',
    'payment-mismatch': '渠道标为已付款，但款项不足，订单已挂起。', 'mapping-crashed': '这些原文无法映射，已原样保留，修好映射后可以重放。', 'status-unmapped': '渠道使用了未映射的状态，系统从不猜测。',
  },
  operation: { normalise: '标准化', pull: '拉取', 'push-stock': '发送库存', 'push-shipment': '回传发货', cancel: '取消决定', acknowledge: 'ERP 确认', webhook: 'Webhook', fetch: '取单', listings: '读取商品' },
  source: { poll: '轮询', hook: 'Webhook', fetch: '取单', backfill: '补拉', file: '文件', manual: '人工' },
  fact: {
    placed: '已下单', paid: '已付款', ingested: '已接入', normalised: '已标准化', validated: '已校验', approved: '已审核', allocated: '已锁库', released: '已下发', picked: '已拣货', packed: '已打包', shipped: '已出库', channel_confirmed: '平台已回传', in_transit: '运输中', out_for_delivery: '派送中', received: '已签收', cancel_requested: '申请取消', cancelled: '已取消',
  },
  factSource: { channel: '渠道', hub: '系统', user: '人工', erp: 'ERP' },
  refundKind: { refund: '退款', cancellation: '取消', return: '退货', adjustment: '调整' },
  refundState: { requested: '已申请', approved: '已同意', done: '已完成', rejected: '已拒绝' },
  ack: { accepted: '{{consumer}} 已确认', rejected: '{{consumer}} 拒收' },
  purpose: { support: '答复买家', shipping: '发货配送', fraud: '核查可疑', legal: '法律义务' },
  carrier: {
    SF: '顺丰速运', ZTO: '中通快递', YTO: '圆通速递', STO: '申通快递', YUNDA: '韵达快递', JD: '京东快递', JT: '极兔速递', EMS: '邮政 EMS', DBL: '德邦快递', DHL: 'DHL', 'DHL-DE': 'DHL 德国', UPS: 'UPS', FEDEX: '联邦快递', USPS: '美国邮政', DPD: 'DPD', GLS: 'GLS', EVRI: 'Evri', ROYALMAIL: '英国皇家邮政', POSTNL: '荷兰邮政',
    COLISSIMO: '法国邮政包裹', CANADAPOST: '加拿大邮政', AUSPOST: '澳大利亚邮政', YAMATO: '黑猫宅急便', SAGAWA: '佐川急便', CAINIAO: '菜鸟', YUNEXPRESS: '云途物流',
  },
  action: {
    'session_open': '登录', 'session_close': '退出', 'session_refused': '登录被拒', 'session_password': '修改密码', 'outbound_stop': '停止外发', 'outbound_start': '恢复外发', 'connection_check': '检查连接', 'connection_try': '试用设置', 'connection_create': '新建连接', 'connection_change': '修改连接', 'connection_remove': '移除连接', 'connection_pause': '暂停连接', 'connection_resume': '恢复连接',
    'connection_pull': '立即拉取', 'connection_backfill': '补拉历史', 'connection_arm': '启用外发', 'connection_disarm': '停止写入', 'listings_refresh': '读取商品', 'order_pii': '查看个人信息', 'order_hold': '挂起订单', 'hold_release': '解除挂起', 'job_cancel': '取消任务', 'key_create': '新建密钥', 'key_revoke': '吊销密钥',
  },
} as const
