import type { Page, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { parseJson } from '../../src/kit/json.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { anonymous } from './client.ts'
import type { TopCall } from './manifest.ts'

/** The channel hands out 10 to 200 at a time and takes back as many confirmations. */
const AT_ONCE = 100
const MAX_PAGES = 20

/** Messages whose documents were handed on and are not confirmed yet, by the call they were read with. */
const unconfirmed = new WeakMap<TopCall, string[]>()

interface Readers {
  readonly fetchOrder: (call: TopCall, ids: readonly string[]) => Promise<readonly RawRecord[]>
  readonly fetchRefunds: (call: TopCall, ids: readonly string[]) => Promise<readonly RawRecord[]>
}

/**
 * Notices of the message queue, each of which only says that a trade or a refund changed, as the documents themselves.
 * Delivery is at least once: what is not confirmed comes again. Topics that concern neither are confirmed and left.
 */
export async function* pullMessages(call: TopCall, readers: Readers): AsyncGenerator<Page> {
  unconfirmed.set(call, [])
  if (!call.config.messages) {
    yield { records: [], cursor: null }
    return
  }
  const seen = new Set<string>()
  for (let page = 1; ; page++) {
    const { doc } = await anonymous(call, 'taobao.tmc.messages.consume', { quantity: AT_ONCE, group_name: call.config.messageGroup })
    const all = listField(field(doc, 'messages'), 'tmc_message')
    const fresh = all.filter((message) => !seen.has(textField(message, 'id') ?? ''))
    for (const message of fresh) seen.add(textField(message, 'id') ?? '')
    const contents = fresh.map(contentOf)
    const trades = contents.flatMap((content) => textField(content, 'tid') ?? [])
    const refunds = contents.flatMap((content) => textField(content, 'refund_id') ?? [])
    const records = [...(await readers.fetchOrder(call, trades)), ...(await readers.fetchRefunds(call, refunds))]
    unconfirmed.get(call)?.push(...fresh.flatMap((message) => textField(message, 'id') ?? []))
    const last = fresh.length === 0 || all.length < AT_ONCE || page >= MAX_PAGES
    yield { records, cursor: last ? null : { page } }
    if (last) return
  }
}

/** Confirms what was read, once its documents are safe. After a crash the channel sends it again. */
export async function commitPull(call: TopCall, stream: string): Promise<void> {
  if (stream !== 'messages') return
  const ids = unconfirmed.get(call) ?? []
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    await anonymous(call, 'taobao.tmc.messages.confirm', {
      s_message_ids: ids.slice(at, at + AT_ONCE).join(','),
      group_name: call.config.messageGroup,
    })
  }
  unconfirmed.delete(call)
}

/** The content is JSON inside a text; of one that is not, nothing can be learned and the poll brings the order. */
function contentOf(message: unknown): unknown {
  const content = textField(message, 'content')
  if (content === undefined || !/^taobao_(?:trade|refund)_/.test(textField(message, 'topic') ?? '')) return undefined
  try {
    return parseJson(content)
  } catch (error) {
    if (error instanceof ChannelError) return undefined
    throw error
  }
}
