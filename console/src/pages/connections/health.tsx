import type { ReactElement } from 'react'
import type { Connection } from '../../api/connections.ts'
import { formatClock, formatSpan } from '../../format/time.ts'
import type { Language } from '../../format/time.ts'
import { useWords } from '../../i18n/use-words.ts'
import type { Params } from '../../i18n/use-words.ts'
import { Status } from '../../ui/status.tsx'
import type { StatusKind } from '../../ui/status.tsx'

const order: readonly Connection['health']['kind'][] = ['failed', 'attention', 'late', 'waiting', 'paused', 'ok']

/** Worst first, so that the row that needs a person is on top. */
export const byHealth = (a: Connection, b: Connection): number =>
  order.indexOf(a.health.kind) - order.indexOf(b.health.kind) || a.name.localeCompare(b.name)

/** Seconds and instants become words here, because only the console knows the reader's language and zone. */
const readable = (params: Connection['health']['params'], language: Language, streamWord: (id: string) => string): Params => {
  const words: Record<string, string | number | null> = {}
  for (const [name, value] of Object.entries(params)) {
    if (/_?seconds$/.test(name) && value !== null) words[name] = formatSpan(Number(value) * 1000, language)
    else if (/^at$|_at$|^since$|^until$/.test(name) && typeof value === 'string') words[name] = formatClock(value, Date.now())
    else if (name === 'stream' && typeof value === 'string') words[name] = streamWord(value)
    else words[name] = name === 'count' ? Number(value) : value
  }
  return words
}

const kinds: Readonly<Record<Connection['health']['kind'], StatusKind>> = {
  ok: 'ok',
  late: 'late',
  attention: 'attention',
  failed: 'failed',
  paused: 'paused',
  waiting: 'waiting',
}

/** The state as a sentence: what happened, whether data is safe, what comes next. */
export const HealthSentence = ({ connection }: { readonly connection: Connection }): ReactElement => {
  const { language, label, sentence } = useWords()
  const { health } = connection
  const params = readable(health.params, language, (id) => label('stream', id))
  const text = sentence('health', health.code, params) ?? connection.state_reason ?? ''
  return (
    <div className="col">
      <Status kind={kinds[health.kind]}>{sentence('healthTitle', health.code) ?? label('healthTitle', health.kind)}</Status>
      {text !== '' && <span className="t2 s12 health-text">{text}</span>}
    </div>
  )
}

/** Sweeps and listings are read rarely on purpose; what people ask is how old the newest order may be. */
const orderLag = (connection: Connection): number | undefined => {
  const lags = connection.streams.flatMap((stream) => (stream.lag_seconds === null ? [] : [{ id: stream.id, lag: stream.lag_seconds }]))
  const orders = lags.find((one) => one.id === 'orders')
  return orders?.lag ?? (lags.length === 0 ? undefined : Math.max(...lags.map((one) => one.lag)))
}

/** How old the newest thing we are sure to have read is. */
export const Lag = ({ connection }: { readonly connection: Connection }): ReactElement => {
  const { language } = useWords()
  const lag = orderLag(connection)
  const tone = { failed: 'bad', late: 'warn', attention: '', waiting: 't3', paused: 't3', ok: '' }[connection.health.kind]
  return <span className={`m5 nw ${tone}`}>{lag === undefined ? '—' : formatSpan(lag * 1000, language)}</span>
}
