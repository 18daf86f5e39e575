/** What a rule of an alert may ask about: the hub as a whole, one connection, or one station of a connection's orders. */
export const ALERT_SCOPES = ['connection', 'node', 'hub'] as const
export type AlertScope = (typeof ALERT_SCOPES)[number]

interface Fact {
  readonly type: 'int' | 'double' | 'string' | 'bool'
  readonly en: string
  readonly zh: string
}

/** What a span is when it has no end: a token that never expires, a backlog that nothing works off. */
export const NEVER = 99_999_999

/** Every fact by the name conditions use, with what it means. Counts and seconds are whole numbers. */
export const ALERT_FACTS = {
  connection: {
    id: { type: 'string', en: 'Id', zh: '编号' },
    name: { type: 'string', en: 'Name', zh: '名称' },
    channel: { type: 'string', en: 'Channel', zh: '渠道' },
    state: { type: 'string', en: 'State (active, paused, needs-auth, misconfigured)', zh: '状态（active、paused、needs-auth、misconfigured）' },
    sandbox: { type: 'bool', en: 'Practice channel', zh: '是否沙盒' },
    armed: { type: 'bool', en: 'Stock or shipments are written to it', zh: '已启用外发' },
    lag_seconds: { type: 'int', en: 'Seconds since it was last read', zh: '距上次成功读取的秒数' },
    faults_in_row: { type: 'int', en: 'Failed reads in a row', zh: '连续读取失败次数' },
    quiet_seconds: { type: 'int', en: 'Seconds since its newest order', zh: '距最新订单的秒数' },
    silent: { type: 'bool', en: 'Quiet where orders always came', zh: '安静得可疑' },
    webhook_lost: { type: 'bool', en: 'Its webhook subscription is gone or broken', zh: '推送订阅丢失或异常' },
    token_days: { type: 'double', en: 'Days until its access ends', zh: '授权剩余天数' },
    waiting: { type: 'int', en: 'Documents, reads and writes that wait', zh: '排队的单据、读取与写入' },
    drain_seconds: { type: 'int', en: 'Seconds until nothing waits any more', zh: '积压清空所需秒数' },
    writes_in_doubt: { type: 'int', en: 'Writes whose outcome is not known', zh: '结果未知的外发' },
    failing_groups: { type: 'int', en: 'Open failure groups', zh: '未处理的异常组' },
    news: { type: 'int', en: 'New things in its documents that nobody acknowledged', zh: '单据中未确认的新变化' },
    documents_hour: { type: 'int', en: 'Documents of the last hour', zh: '近一小时单据数' },
    failure_rate: { type: 'double', en: 'Share of them that was held (0 to 1)', zh: '其中被挂起的比例（0 到 1）' },
    shortages: { type: 'int', en: 'Items it lists of which too many were promised', zh: '在售商品中超卖的数量' },
    late_orders: { type: 'int', en: 'Orders of a day that were listed late', zh: '一天内迟到的订单' },
    ledger_red_days: { type: 'int', en: 'Business days of the last week whose ledger is red', zh: '近一周账目为红的营业日' },
  },
  node: {
    code: { type: 'string', en: 'Station the orders wait for', zh: '订单等待的节点' },
    orders: { type: 'int', en: 'Orders that wait for it', zh: '等待的订单数' },
    stuck: { type: 'int', en: 'Orders that need a person there', zh: '需要人工处理的订单数' },
    overdue: { type: 'int', en: 'Orders past the deadline', zh: '超时的订单数' },
    oldest_minutes: { type: 'int', en: 'Minutes the oldest has waited', zh: '最久等待的分钟数' },
  },
  hub: {
    waiting: { type: 'int', en: 'Documents, reads and writes that wait', zh: '排队的单据、读取与写入' },
    drain_seconds: { type: 'int', en: 'Seconds until nothing waits any more', zh: '积压清空所需秒数' },
    shortages: { type: 'int', en: 'Items of which too many were promised', zh: '超卖的商品数' },
    writes_in_doubt: { type: 'int', en: 'Writes whose outcome is not known', zh: '结果未知的外发' },
    failing_groups: { type: 'int', en: 'Open failure groups', zh: '未处理的异常组' },
    connections_stopped: { type: 'int', en: 'Connections that stopped by themselves', zh: '自行停止的连接数' },
    privacy_requests: { type: 'int', en: 'Privacy requests of channels that wait for a decision', zh: '待决定的渠道个人信息请求' },
    privacy_days: { type: 'double', en: 'Days until the first of them is due', zh: '距其中最早到期的天数' },
    outbound_stopped: { type: 'bool', en: 'All outbound writes are stopped', zh: '外发已全部停止' },
  },
} as const satisfies Readonly<Record<AlertScope, Readonly<Record<string, Fact>>>>

/** The variables a rule of this scope has. */
export const VARIABLES: Readonly<Record<AlertScope, readonly AlertScope[]>> = {
  connection: ['connection', 'hub'],
  node: ['node', 'connection', 'hub'],
  hub: ['hub'],
}

type ValueOf<T extends Fact['type']> = T extends 'string' ? string : T extends 'bool' ? boolean : number
export type FactsOf<S extends AlertScope> = {
  readonly [K in keyof (typeof ALERT_FACTS)[S]]: ValueOf<(typeof ALERT_FACTS)[S][K] extends Fact ? (typeof ALERT_FACTS)[S][K]['type'] : never>
}
export type FactValue = string | number | boolean
/** Values of the variables of one subject. */
export type FactSet = Partial<Readonly<Record<AlertScope, Readonly<Record<string, FactValue>>>>>

/** One thing rules are judged for. */
export interface AlertSubject {
  readonly scope: AlertScope
  /** `hub`, a connection's id, or `id/station`. */
  readonly subject: string
  readonly connectionId: string | null
  readonly facts: FactSet
}

/** The meaning of a fact, as `connection.lag_seconds`; undefined for what is none. */
export function factOf(path: string): Fact | undefined {
  const [scope, name] = path.split('.')
  const known: Readonly<Record<string, Readonly<Record<string, Fact>>>> = ALERT_FACTS
  return known[scope ?? '']?.[name ?? '']
}
