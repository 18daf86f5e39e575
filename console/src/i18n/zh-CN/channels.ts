/** 连接：健康、接入、启用外发、补拉历史。 */
export const channels = {
  connections: {
    connection: '连接', health: '健康', lag: '延迟', perHour: '订单 / 小时（24 小时）', perHourOf: '{{name}} 每小时订单', quota: '配额已用', credentials: '凭据剩余', outbound: '外发', actions: '操作',
    add: '新建连接', empty: '还没有连接', emptyHint: '接入一个渠道：马上开始读取订单；启用之前不会写入任何内容。',
    lasting: '长期有效', expired: '已过期 {{span}}', preview: '预览 {{total}} 个商品', armedStock: '已启用库存', armedShipments: '已启用发货', waitingWrites: '待外发 {{waiting}}', unknownWrites: '未知 {{unknown}}',
    pendingWrites: '待外发', confirmedHour: '近 1 小时已确认', pull: '立即拉取', pulling: '正在拉取 {{name}}', pause: '暂停', resume: '恢复', reauthorise: '重新授权', fixSettings: '修正设置', backfillMore: '补拉历史…',
    pauseTitle: '暂停 {{name}}？', pauseText: '停止拉取和外发。Webhook 仍会接收并保存。恢复后从原位置继续，不会丢单。',
    tabStatus: '状态', tabOutbound: '外发', tabBackfill: '补拉历史', tabSettings: '设置', streams: '数据流', stream: '数据流', state: '状态', watermark: '已读到', lastSuccess: '最近成功', lastRecord: '最近新单据', lastOrder: '最新一单', checkedAt: '检查于', createdAt: '创建于',
    unknownChannel: '此系统没有渠道 {{channel}}', saved: '设置已保存', remove: '移除连接', removeTitle: '移除这个连接', removeText: '停止拉取和外发，并删除已保存的凭据。订单和原文保留。', removeAsk: '移除 {{name}}？', removed: '{{name}} 已移除',
  },
  healthTitle: {
    ok: '正常', late: '延迟', attention: '需留意', failed: '失败', paused: '已暂停', waiting: '等待', 'needs-auth': '授权过期', misconfigured: '设置被拒', 'pull-failing': '拉取失败', 'first-pull': '等待首次拉取', behind: '延迟',
    'webhook-unhealthy': 'Webhook 未到达', 'effects-unknown': '结果未知', 'failures-open': '需留意', 'token-expiring': '授权即将到期', quiet: '安静得可疑',
  },
  health: {
    ok: '按时拉取，没有待处理事项。', paused: '已暂停：{{reason}}。恢复后从原位置继续。', 'needs-auth': '拉取已停止：{{reason}}。重新授权后从原位置补拉，不会丢单。',
    misconfigured: '拉取已停止：{{reason}}。修正设置后从原位置继续。', 'pull-failing': '“{{stream}}”连续失败（{{code}}）。正在重试，没读到的不会被跳过。',
    'first-pull': '已接入，即将开始首次拉取。', behind: '“{{stream}}”上次读取在 {{seconds}}前，会自动追平，不会丢单。', 'webhook-unhealthy': 'Webhook 没有到达：{{detail}}。轮询照常兜底，只是稍慢。',
    'effects-unknown_other': '{{count}} 项写入没有回音，核对读数之后才会再发。', 'failures-open_other': '有 {{count}} 个未解决的原因，拉取不受影响。', 'token-expiring': '授权将于 {{at}} 到期，请提前续期。', quiet: '比同时段通常少；渠道接口正常应答。',
  },
  fault: {
    transient: '暂时无应答', throttled: '被限流', unauthorized: '未授权', misconfigured: '设置被拒', refused: '被拒收', missing: '渠道查无此项', 'in-doubt': '结果未知', unreadable: '应答无法读取', invalid: '内容不平', held: '挂起',
  },
  capability: { pullOrders: '订单', verifyWebhook: 'Webhook', pullListings: '商品', pushInventory: '库存', pushShipment: '发货' },
  stream: { orders: '订单', refunds: '退款', open: '未完成订单', 'open-orders': '未完成订单', finished: '已完成订单', trash: '已删除订单', changed: '变更订单', webhooks: 'Webhook', listings: '商品', files: '文件' },
  wizard: {
    title: '新建连接', channels: '渠道', pick: '1 · 选择渠道', searchChannel: '搜索渠道', basics: '2 · 名称与地区', name: '名称', timezone: '时区', currency: '币种', start: '订单起始日期',
    startHelp: '更早的订单以后可以补拉。留空则用渠道默认值。', access: '3 · 访问凭据', secretsNote: '加密保存，不再显示，只留末几位。', check: '4 · 检查', runCheck: '立即检查', checkAgain: '再检查一次',
    checkText: '用这些设置询问渠道，并展示会读到什么。不保存任何内容。', checkFirst: '请先检查设置', save: '保存并开始拉取', saveText: '连接只读取；启用外发后才会写入。', sample: '{{count}} 张真实订单，保存后的样子', created: '{{name}} 已接入',
  },
  arm: {
    preview: '将要告知的内容', listing: '商品', shownNow: '现在显示', wouldSet: '将设为', change: '变化', stock: '库存', shipments: '发货', stockOn: '库存会发往这个连接。', stockOff: '下面是每个商品将被告知的数量。',
    shipmentsOn: '发货与取消决定会发往这个连接。', shipmentsOff: '下面是启用后立即发出的内容。', start_stock: '启用库存外发', stop_stock: '停止库存外发', start_shipments: '启用发货回传', stop_shipments: '停止发货回传',
    changes: { zero: '设为 0', lower: '调低', raise: '调高', same: '不变', skip: '不告知', send: '发送' }, zeroSeen_other: '我已看到 {{count}} 个商品将设为 0', confirmZeroFirst: '请先确认将设为 0 的商品',
    noListings: '还没有商品', noListingsHint: '请先读取渠道商品并绑定 SKU。', noShipments: '没有等待的发货', noShipmentsHint: '今后的发货会随时发出。', safety: '启用的就是这份清单；期间若出现新的商品或新的 0，会再次询问。',
    changed: '期间有新的商品将被告知，或有商品将设为 0。下面是新的清单，请查看后再启用。', armTitle: '启用 {{name}}？', armText: '调高 {{raise}}，调低 {{lower}}，设为 0：{{zero}}，不变 {{same}}。此后每次变化都会发出。', disarmTitle: '停止写入 {{name}}？', disarmText: '不再发出任何内容；已在路上的会等到结果。读取照常。', armed: '{{name}} 已启用', disarmed: '{{name}} 已改为只读',
  },
  armReason: { unbound: '未绑定', ignored: '已忽略', inactive: '未在售', paused: '已冻结', 'not-counted': '从未盘点', 'not-managed': '平台未管理', 'no-answer': '没有回音', blocked: '不告知', 'shown-unknown': '显示值未知', shipment: '发货', cancel: '取消决定', 'not-armed': '未启用', stopped: '外发已停止' },
  backfill: { title: '补拉一段历史', text: '重新读取这段时间内变化过的订单。已有且没变的只计数，重复执行没有风险。', from: '从', to: '到', order: '结束必须晚于开始', start: '开始补拉', running: '正在补拉', past: '以前的补拉' },
  ledger: { label: '账目', agrees: '今日账目相符', differs: '今日账目不符', since: '原始单据去向，00:00 起', received: '收到', difference: '差额 {{value}}' },
} as const
