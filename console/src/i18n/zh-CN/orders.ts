/** 订单：列表、单个订单、发货、查找。 */
export const orders = {
  orders: {
    list: '订单列表', number: '渠道单号', statusAndReason: '状态与原因', total: '实付', placedOrDue: '下单 / 发货时限', placed: '下单', shipBy: '发货时限', searchPlaceholder: '搜索，或粘贴至多 200 个单号', searchLabel: '搜索订单或粘贴多个单号',
    views: '视图', viewName: '视图名称', saveView: '保存此视图', dropView: '删除视图 {{name}}', addFilter: '筛选', dropFilter: '移除筛选：{{name}}', export: '导出', panel: '订单', openPage: '打开整页',
    filter: { payment: '付款', fulfilment: '履约', approval: '审核', after_sale: '售后', sync: '同步', sku: 'SKU', from: '从', to: '到' },
    fresh_other: '{{count}} 条新订单', shownAll: '{{shown}} 单', shownMore: '已显示 {{shown}} 单，下面还有', selected_other: '已选 {{count}} 单', bulk: '对已选订单', selectShown: '选择已显示的全部', selectOne: '选择 {{number}}', unselect: '取消选择',
    replay: '重放…', refetch: '从渠道重取', refetched_other: '正在重取 {{count}} 单', copyIds: '复制单号', copiedIds_other: '已复制 {{count}} 个单号', linesOf_other: '{{count}} 行',
    empty: '还没有订单', emptyHint: '连接送来第一单后，会出现在这里。', pasted: '粘贴的单号', foundOf: '粘贴的 {{total}} 个单号中，{{found}} 个已找到', missing: '不在库里的单号', missingHint_other: '另外 {{count}} 个不在库里，可以直接向渠道查询。', askFor_other: '向渠道查询 {{count}} 个', copyMissing: '复制缺失单号',
  },
  order: {
    what: '订单', colon: '：', progress: '进度', nodesDone: '{{done}} / {{total}} 节点', linesAndUnits: '{{lines}} 行 {{units}} 件', units: '{{units}} 件', version: '版本 {{version}}', lines: '商品', unbound: '未绑定：{{sku}}', recipient: '收件人', erpNumber: 'ERP 单号', tracking: '运单号',
    reveal: '查看', hide: '隐藏', revealTitle: '查看个人信息？', revealText: '谁在何时为何查看会写入审计。一分钟后重新隐藏。', purpose: '用途', release: '解除挂起', releaseTitle: '解除这个挂起？', releaseText: '“{{hold}}”不再挂起此单。若下次变化时原因仍在，会再次挂起。', released: '挂起已解除', fixBinding: '去绑定 SKU',
    hold: '挂起', holdTitle: '挂起此单？', holdText: '有人解除之前，此单不会外发任何内容。', heldNow: '订单已挂起', refetched: '正在从渠道重取', reEmit: '重新下发 ERP', reEmitted: '订单已重新进入变更流',
    cancelRequested: '买家申请取消', cancelText: '订单等待处理，你的决定会回传渠道。', acceptCancel: '同意取消', rejectCancel: '拒绝取消', acceptTitle: '同意取消？', rejectTitle: '拒绝取消？', acceptText: '渠道会被告知订单已取消，占用的库存释放。', rejectText: '渠道会被告知订单将发货，挂起结束。', decided: '决定正在回传渠道',
    compare: '原文与标准', raw: '原文', rawNo: '#{{number}}', masked: '已脱敏', noRaw: '没有原文', downloadRaw: '下载原文', canonical: '标准订单', mappedBy: '映射 {{mapping}}', traceHint: '指向任一值，可看到它在原文的位置。', traceNone: '原文里没有这个值的原样：它是计算、转换或脱敏得到的。', traceFound_other: '原文中有 {{count}} 行带有此值：第 {{lines}} 行。',
    attempts: '外发与尝试', entries_other: '{{count}} 项', package: '包裹 {{number}}', receivedTimes_other: '收到原文 {{count}} 次', facts: '时间线', sameConnection: '此连接的其他订单',
  },
  ship: {
    open: '发货…', title: '发货', carrier: '快递公司', left: '未发', now: '本包裹', quantityOf: '{{title}} 的数量', submit: '提交发货', submitForced: '强制发货', done: '包裹已记录，正在回传渠道', forced: '强制', needCarrier: '请填写快递公司和运单号', needLines: '至少选择一件', needForce: '订单被挂起，发货需要确认', force: '仍要发货',
    held: '订单已挂起：', cancelled: '订单已取消。', cancelRequested: '买家申请取消。',
  },
  find: {
    hint: '单号、渠道编号、运单号、手机尾号四位、邮箱或 SKU。', answers: '查询结果', documents: '未成为订单的原文', notHere: '{{q}} 不在库里', notHereHint: '可以直接向每个已接入的渠道查询。', ask: '向渠道查询', askAnyway: '仍向渠道查询', asking: '正在向渠道查询', fetch: '取回', nobody: '没有可查询的连接。',
  },
  answer: { stored: '已在库里', held: '已收到，挂起中', ignored: '已收到，按规则忽略', 'not-received': '渠道有，我们从未收到', 'unknown-to-channel': '渠道查无此单', fault: '渠道没有应答', 'not-asked': '未查询' },
  orderState: { open: '进行中', held: '挂起', to_ship: '待发货', shipped: '已发货', cancelled: '已取消', closed: '已关闭' },
  label: {
    cancelled: '已取消', 'in-doubt': '回传未知', 'writeback-refused': '平台拒收', 'cancel-requested': '申请取消', held: '挂起', 'erp-rejected': 'ERP 拒收', refunded: '已退款', 'awaiting-payment': '待付款', 'to-ship': '待发货', 'partly-shipped': '部分发货',
    'awaiting-channel': '回传中', shipped: '已发货', 'in-transit': '运输中', delivered: '已签收', completed: '已完成', 'delivery-failed': '派送失败',
  },
  labelWhy: {
    'in-doubt': '写入没有回音，正在回读核对', 'writeback-refused': '买家暂时看不到物流', 'cancel-requested': '买家申请取消，请先处理', 'erp-rejected': 'ERP 没有接收此单', 'awaiting-channel': '已发出，等待渠道确认', 'partly-shipped': '还有未发的行',
  },
  payment: { pending: '未付款', authorised: '已授权', partially_paid: '部分付款', paid: '已付款', refund_pending: '退款中', partially_refunded: '部分退款', refunded: '已退款', voided: '已作废' },
  fulfilment: { unallocated: '未分配', allocated: '已锁库', released: '已下发', partial: '部分发货', shipped: '已出库', in_transit: '运输中', delivered: '已签收', failed: '失败' },
  approval: { new: '新', held: '挂起', review: '待审核', approved: '通过', rejected: '驳回' },
  after_sale: { none: '无', requested: '已申请', in_progress: '处理中', closed: '已结束' },
  sync: { current: '最新', writeback_pending: '回传中', writeback_failed: '回传失败', in_doubt: '结果未知' },
  node: {
    placed: '已下单', paid: '已付款', ingested: '已接入', normalised: '已标准化', validated: '已校验', approved: '已审核', allocated: '已锁库', released: '已下发', picked: '已拣货', packed: '已打包', shipped: '已出库', channel_confirmed: '平台回传', in_transit: '运输中', out_for_delivery: '派送中', received: '已签收',
  },
  nodeState: { done: '完成', next: '下一步', failed: '受阻', waiting: '未到', skipped: '跳过' },
} as const
