/** 异常、重放与任务、库存、外发、商品绑定。 */
export const work = {
  failures: {
    list: '异常', detail: '所选原因', cause: '根本原因', trend: '24 小时', trendOf: '{{title}} 的走势', moneyDue: '金额 · 时限', affected: '受影响订单', atRisk: '涉及金额', none: '没有未解决的异常', noneHint: '所有单据都走完了应走的步骤。', choose: '在左侧选择一个原因', hub: '系统', regressed: '再次出现', withSubject: '{{word}}：{{subject}}', firstSeen: '首次出现',
    status: { open: '未解决', acknowledged: '已知晓', ignored: '已忽略', resolved: '已解决' }, now: { open: '重新打开', acknowledged: '已标为知晓', ignored: '已暂时忽略', resolved: '已解决' }, acknowledge: '知晓', reopen: '重新打开', ignore: '忽略至…', ignoreDays_other: '{{count}} 天后 09:00',
    fix: '1 · 修复', fixSku: '1 · 选择 SKU', fixAccess: '渠道不接受我们的凭据。请在连接设置中更新，拉取会从原位置继续。', fixEffect: '先看渠道的答复，改正原因再重发。结果未知的写入会先回读核对。', openEffects: '打开外发', fixAck: 'ERP 拒收了这些订单。在任一侧改正原因后，再次下发。', reEmit_other: '重新下发 {{count}} 单', reEmitted_other: '{{count}} 单已重新进入变更流', fixPull: '会自动重试并从原位置继续，没读到的不会被跳过。若一直如此，请查看连接。', openConnection: '打开连接', noListing: '还不认识这个商品。请先读取渠道商品，再绑定。', chooseSku: '请先选择 SKU', bindOnly: '只保存绑定', bindAndReplay: '绑定并重放', bound_other: '已绑定，{{count}} 单在等它',
    dryRun: '2 · 试运行', dryText: '用当前映射处理这个原因的全部原文，展示会改变什么。不写入任何内容。', runDry: '试运行', runAgain: '再运行一次', samples: '受影响', replayNote: '已完成的外发不会重发。取消会在一个批次内停止。',
  },
  replay: {
    title_other: '重放 {{count}} 单', text: '已保存的原文按当前映射重新处理。先出计划，不写入；再由你决定。', running: '重放', apply: '重放 {{count}}', waitForPlan: '计划还在生成', would_create: '将新建', would_change: '将改变', unchanged: '将不变', still_fail: '仍会失败',
    field: '字段', before: '之前', after: '之后', empty: '空', expired_other: '{{count}} 份原文已清除', dryDone: '试运行完成，未写入', dryRunning: '试运行：{{done}} / {{total}}',
  },
  job: { planned: '待开始', running: '进行中', done: '完成于', failed: '失败于', cancelled: '取消于', rate: '每秒 {{rate}}', left: '约剩 {{span}}', cancelNote: '取消会在一个批次内停止' },
  jobFigure: {
    unchanged: '不变', create: '新建', change: '改变', fail: '失败', created: '新建', changed: '改变', failed: '失败', expired: '已清除', seen: '读到', appended: '新增', orders: '订单', refunds: '退款', rows: '行', held: '挂起', ignored: '忽略', duplicate: '重复',
    duplicates: '重复', applied: '已应用', superseded: '已取代', bound: '已绑定', unbound: '未绑定', listings: '商品', pages: '页', inserted: '新增', updated: '更新', skipped: '跳过', refused: '拒收', connections: '连接', adjustments: '调整', cancellations: '取消', rounding: '舍入',
  },
  stock: {
    item: '商品', onHand: '实物', reserved: '预占', promisable: '可承诺', legend: '单元格：上为应显示，下为平台读数', agrees: '一致', search: '编码、条码、名称', empty: '还没有 SKU', emptyHint: '导入 SKU 主数据；商品按编码和条码自动绑定。', shownRows: '{{shown}} 个 SKU · {{connections}} 个连接', walk: '移动', why: '为什么是这个数', whyTitle: '为什么是 {{value}}',
    view: { all: '全部', drift: '有差异', oversell: '超卖风险', doubt: '结果未知', refused: '被拒收' }, unbound: '未绑定', refused: '被拒收', channelShows: '平台 {{value}}', sending: '发送中，原 {{value}}', wanted: '应显示', confirmed: '平台确认', shown: '平台现值', off: '差 {{value}}', notArmed: '此连接只读，不会被告知。',
    ledger: '变动记录', reservedDelta: '预占 {{value}}', count: '盘点', setCount: '设为盘点数', countSame: '请先输入不同的数量', counted: '{{sku}} 盘点为 {{value}}',
  },
  cellState: { unbound: '未绑定', agrees: '一致', drift: '差异', oversell: '可能超卖', doubt: '结果未知', refused: '被拒收', sending: '在路上', blocked: '不告知', readonly: '只读' },
  stockTerm: { on_hand: '实物库存', reserved: '已预占', safety: '安全库存', promisable: '可承诺', stock_share: '此连接份额', share: '此连接份额', stock_buffer: '此连接缓冲', buffer: '此连接缓冲', desired: '应显示', confirmed: '平台确认', shown: '平台现值' },
  stockCause: { count: '盘点', movement: '出入库', order: '订单', cancel: '取消', shipment: '发货', replay: '重放' },
  effects: {
    text: '对渠道的每一次写入及其结果。没有回音的写入靠回读核对，绝不盲目重发。', state: '状态', kind: '写入', allKinds: '全部写入', allConnections: '全部连接', subject: '对象', answer: '答复', tries: '次数', when: '时间', attempts_other: '{{count}} 次', setTo: '设为 {{value}}', none: '还没有外发', noneHint: '启用连接后开始写入。',
    readBack: '回读核对', retry: '重发', cancel: '放弃', retryTitle: '重发？', retryText: '以相同内容再发一次。请先改正原因，否则渠道的答复不会变。', cancelTitle: '放弃这项写入？', cancelText: '不再发送，渠道保持现状。', asked: '已提交，稍后有结果',
  },
  effectKind: { stock: '库存', shipment: '发货回传', cancel: '取消决定' },
  effectState: { pending: '等待', sending: '在路上', done: '已完成', refused: '被拒', unknown: '结果未知', cancelled: '已放弃' },
  decision: { accept: '同意', reject: '拒绝' },
  listings: {
    tabListings: '渠道商品', tabSkus: 'SKU 主数据', listing: '渠道商品', barcode: '条码', shown: '显示数', binding: '绑定', total: '商品', bound: '已绑定', unbound: '未绑定', search: '编码、条码、名称', none: '没有商品', noneHint: '从渠道读取一个连接的商品。', allBound: '全部商品已绑定', openFor: '查看商品', chooseConnection: '请先选择连接', refresh: '从渠道读取', noCode: '无编码', inactive: '未在售',
    skuOf: '{{title}} 的 SKU', pickSku: '选择 SKU', noSku: '没有这个 SKU', unbind: '解绑', ignore: '忽略', unboundNow: '绑定已解除', boundNow: '已绑定 {{sku}}', suggested: '建议', useSuggestion: '使用 {{sku}}', waitingOrders_other: '{{count}} 单等待重放', ordersWaiting_other: '{{count}} 单在等',
    refusedRows_other: '{{count}} 行被拒', importSkus: '导入 SKU', importHelp: 'CSV 或 XLSX，列名为 sku、title、barcode。编码或条码相同的商品会立即绑定。', noSkus: '还没有 SKU', noSkusHint: '导入文件，或手工添加。', skuTitle: '名称', skuAdded: '已添加 {{sku}}',
  },
  bound: { unbound: '未绑定', code: '按编码', barcode: '按条码', person: '人工', ignored: '已忽略' },
  suggestionWhy: { code: '编码相同', barcode: '条码相同' },
} as const
