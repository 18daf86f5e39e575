/** 文件、设置、人员、表单。 */
export const system = {
  files: {
    text: '收银、表格与供应商文件。', none: '还没有文件', noneHint: '在此上传，或让连接监视文件夹。', history: '收到的文件', name: '文件', rows: '行数', report: '去向', received: '收到', into: '导入到', drop: '把 CSV、XLSX、JSON 或 XML 文件拖到这里', choose: '选择文件', kb: '{{size}} KB', map: '字段映射', preset: '使用预设', saveMap: '为此连接保存映射', import: '导入', importing: '导入',
    twice: '同一文件导入两次没有影响：已有的行只计数。', noConnection: '文件属于“文件”渠道的连接。', previewHint: '选择文件，查看会读出什么。', documentsFound_other: '{{count}} 份单据', rowsFound_other: '{{count}} 行', problemsFound_other: '{{count}} 个问题', columnsFound_other: '{{count}} 列', row: '第 {{row}} 行', asOrders: '会成为', asRows: '原始行',
  },
  documentAs: { order: '订单', refund: '退款', return: '退货', cancellation: '取消', adjustment: '调整', ignored: '按规则忽略', held: '挂起' },
  preset: { 'generic-orders': '订单（英文表头）', 'pos-receipts': '收银小票', 'orders-zh': '订单（中文表头）', 'uci-online-retail': 'UCI Online Retail' },
  form: { more_other: '另有 {{count}} 项设置', required: '请填写', pattern: '格式不符', range: '过短、过长或超出范围', json: '还不是有效的 JSON', url: '请填写以 http:// 或 https:// 开头的完整地址' },
  settings: {
    me: '我的账户', keys: 'API 密钥', consumers: '消费方', people: '人员', sandbox: '沙盒', audit: '审计', language: '语言', theme: '主题', light: '浅色', dark: '深色', password: '密码', currentPassword: '当前密码', nextPassword: '新密码', passwordRule: '至少 {{shortest}} 个字符', changePassword: '修改密码', passwordChanged: '密码已修改，其他会话已结束', mustChange: '请先设置自己的密码。', mustChangeTitle: '设置你的密码',
    keysText: '供 ERP、WMS 和脚本使用。密钥只显示一次，系统只保存摘要。', apiDocs: 'API 文档', createKey: '新建密钥', keyName: '名称', prefix: '开头', scopes: '权限', lastUsed: '最近使用', keyActive: '有效', keyRevoked: '已吊销', noKeys: '还没有密钥', keyOnce: '请现在复制密钥，以后不再显示。', revoke: '吊销', revoked: '密钥已吊销', revokeTitle: '吊销 {{name}}？', revokeText: '使用此密钥的一方从现在起会被拒绝。',
    consumersText: '谁在读取变更流，各自确认到哪里。', consumerName: '消费方', position: '已确认到', behind: '落后', lastAck: '最近确认', noConsumers: '还没有消费方', withSandbox: '包含沙盒数据', addConsumer: '添加消费方', consumerRemoved: '消费方已移除', removeConsumer: '移除 {{name}}？', removeConsumerText: '它在变更流中的位置会被忘记，订单不受影响。',
    role: '角色', range: '连接范围', everyConnection: '全部', disabled: '已停用', firstPassword: '初始密码', addPerson: '添加人员', actor: '谁', action: '操作',
  },
  sandbox: { title_other: '{{count}} 个练习连接', text: '模拟渠道，持续产生少量订单。数据带标记，不会发给没有要求的消费方。', remove: '移除沙盒', removing: '正在移除沙盒', removeTitle: '移除沙盒？', removeText: '练习连接及其全部数据会被删除，你自己的连接不受影响。', gone: '没有沙盒' },
  scope: {
    orders_read: '读取订单，个人信息脱敏', orders_read_pii: '读取个人信息，写入审计', orders_write: '挂起、解除、决定', stock_read: '读取库存', stock_write: '写入库存', shipments_write: '发货', feed_read: '读取变更流并确认', failures_read: '读取异常', replay: '重放', connections_read: '读取连接', connections_write: '修改连接', admin: '全部',
  },
} as const
