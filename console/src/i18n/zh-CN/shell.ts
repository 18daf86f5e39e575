/** 框架用语：导航、顶栏、状态词，以及各页共用的词。 */
export const shell = {
  nav: {
    label: '页面', daily: '日常', orders: '订单', failures: '异常', stock: '库存', effects: '外发', setUp: '配置与核对',
    connections: '连接', listings: '商品绑定', files: '文件', system: '系统', settings: '设置', lookUp: '查单', skip: '跳到正文',
  },
  top: { crumbs: '当前位置', new: '新建', ask: '订单去哪了？单号、运单号、手机尾号', askLabel: '订单去哪了？按任意编号查找' },
  role: { admin: '管理员', ops: '运营', support: '客服', finance: '财务', viewer: '只读' },
  account: { menu: '{{name}} 的账户', light: '浅色主题', dark: '深色主题', signOut: '退出登录' },
  outbound: {
    running: '外发运行中', stopped: '外发已停止', stop: '停止全部外发', resume: '恢复外发',
    stopTitle: '停止全部外发？', resumeTitle: '恢复外发？', nowStopped: '全部外发已停止', resumed: '外发已恢复',
    stopText: '所有连接会立即停止库存和发货回传。{{waiting}} 项等待中的写入留在队列里；已经在路上的会等到结果，不会中断。订单照常接收。',
    resumeText: '{{waiting}} 项等待中的写入会按各渠道的速率重新发往已启用的连接。期间变化过的库存只发最新值。',
    bandRunning: '{{armed}} 个连接已启用，{{readonly}} 个只读，{{paused}} 个暂停。库存与发货只发往已启用的连接。',
    bandStopped: '{{by}} 停止：“{{reason}}”。{{waiting}} 项排队等待，订单照常接收。',
  },
  common: {
    back: '返回', close: '关闭', cancel: '取消', save: '保存', undo: '撤销', copy: '复制', copied: '已复制', copyValue: '复制 {{value}}', retry: '再试一次', refresh: '刷新',
    loading: '加载中', more: '更多', moreOf: '{{name}} 的更多操作', loadMore: '显示更多', open: '打开', all: '全部', none: '无', yes: '是', no: '否', search: '搜索', clear: '清除', add: '添加', remove: '移除',
    reason: '原因', reasonPlaceholder: '原因（必填，写入审计）', reasonNeeded: '请先填写原因',
    notLoaded: '{{what}}没有加载出来', noAnswer: '系统没有应答。', intakeGoesOn: '订单仍在正常接收。', errorId: '错误编号', page: '这个页面',
    forbidden: '你没有查看权限', forbiddenHint: '你的角色或连接范围不包含此内容，可请管理员调整。',
    noPage: '没有这个页面', toOrders: '去订单页', stale: '实时更新中断。', staleSince: '页面显示的数据时间：', updated: '{{time}} 更新', asOf: '截至', notAvailable: '不适用',
    sandbox: '沙盒', details: '详情', connection: '连接', optional: '选填', noMatch: '没有匹配的结果', noMatchHint: '去掉一个筛选条件可看到更多。', clearFilters: '清除筛选', total: '共 {{count}} 条',
  },
  status: {
    ok: '正常', progress: '进行中', waiting: '等待', held: '挂起', late: '延迟', attention: '需留意', failed: '失败', doubt: '结果未知', drift: '差异', oversell: '可能超卖',
    paused: '已暂停', cancelled: '已取消', cancelRequested: '申请取消', readonly: '只读', armed: '已启用', running: '外发运行中', stopped: '外发已停止', sandbox: '沙盒',
  },
  keys: {
    title: '快捷键', ask: '订单去哪了？', search: '搜索本页', move: '下移、上移', select: '选择', range: '连续选择', panel: '打开侧栏', page: '打开整页', replay: '重放',
    close: '先关闭，再清除', go: '去订单、连接、异常、库存', sheet: '本表', single: '启用单字母快捷键',
  },
  login: {
    title: '登录', name: '用户名', password: '密码', submit: '登录', wrong: '用户名或密码不正确。', blocked: '尝试次数过多，请 {{seconds}} 秒后再试。', unreachable: '系统没有应答，请确认它正在运行。',
    first: '第一次使用？管理员密码由启动命令打印过一次。', required: '请填写用户名和密码。', tagline: '每一单都到，只到一次，有账可查。',
  },
} as const
