import type { HttpResponse } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { pickText } from '../../src/core/pick.ts'
import { readJsonArray, type JsonDocument } from '../../src/kit/json.ts'
import { send } from './client.ts'
import type { Listings, Paging } from './description.ts'
import type { RestCall } from './manifest.ts'
import { fillPath, fillQuery, type Values } from './template.ts'
import type { z } from 'zod'

/** What a list is asked for, and where it stands in its answer. */
type ListOf = Pick<z.output<typeof Listings>, 'path' | 'query' | 'items' | 'count' | 'pages' | 'paging'>

/** Where in a list one is. `next` = the channel's own word for it: a cursor, or the rest of a link. */
export interface Place {
  readonly page: number
  readonly next?: string
}

export interface ListPage {
  readonly documents: readonly JsonDocument[]
  /** How many there are, where the channel says so. */
  readonly count: number | undefined
  readonly next: Place | undefined
}

export const firstPlace = (paging: Paging): Place => ({ page: 'first' in paging ? paging.first : 0 })

/** One page of a list as the settings describe it. */
export async function readPage(call: RestCall, list: ListOf, given: { readonly place: Place; readonly values: Values }): Promise<ListPage> {
  const { place, values } = given
  const limit = call.config.pageSize
  const filled = {
    ...values,
    limit: String(limit),
    page: String(place.page),
    offset: String(place.page * limit),
    cursor: place.next,
  }
  const query = fillQuery(list.query, filled)
  const isLink = list.paging.by === 'link' && place.next !== undefined
  const response = await send(call, isLink ? { path: place.next ?? '' } : { path: fillPath(list.path, filled), query })
  const { documents, rest } = readJsonArray(response.body, list.items)
  const [count, pages] = [figure(response, rest, list.count), figure(response, rest, list.pages)]
  return { documents, count, next: nextPlace(call, { list, place, response, rest, size: documents.length, count, pages }) }
}

interface Read {
  readonly list: ListOf
  readonly place: Place
  readonly response: HttpResponse
  readonly rest: unknown
  readonly size: number
  readonly count: number | undefined
  readonly pages: number | undefined
}

function nextPlace(call: RestCall, read: Read): Place | undefined {
  const { list, place } = read
  const { paging } = list
  const page = place.page + 1
  if (paging.by === 'cursor') {
    const next = pickText(read.rest, paging.next) ?? ''
    return next === '' || next === 'false' || next === place.next ? undefined : { page, next }
  }
  if (paging.by === 'link') {
    const next = linkOf(call, read.response.headers['link'] ?? '')
    return next === undefined || next === place.next ? undefined : { page, next }
  }
  const first = 'first' in paging ? paging.first : 0
  if (read.pages !== undefined) return page - first < read.pages ? { page } : undefined
  if (read.count !== undefined) return (page - first) * call.config.pageSize < read.count ? { page } : undefined
  return read.size < call.config.pageSize ? undefined : { page }
}

/** What stands behind the base address in the link to the next page, without the key some channels repeat in it. */
function linkOf(call: RestCall, header: string): string | undefined {
  const found = /<([^>]+)>\s*;[^,]*\brel="?next"?/i.exec(header)?.[1]
  if (found === undefined) return undefined
  const base = call.config.url.replace(/\/+$/, '')
  const url = URL.canParse(found, `${base}/`) ? new URL(found, `${base}/`) : undefined
  const prefix = new URL(`${base}/`)
  if (!url || url.origin !== prefix.origin || !url.pathname.startsWith(prefix.pathname)) {
    throw new ChannelError({ kind: 'unreadable', code: 'link-elsewhere', message: 'The link to the next page does not lead below the base address.' })
  }
  if (call.config.auth.type === 'query') url.searchParams.delete(call.config.auth.name)
  return `${url.pathname.slice(prefix.pathname.length)}${url.search}`
}

function figure(response: HttpResponse, rest: unknown, where: ListOf['count']): number | undefined {
  if (where === undefined) return undefined
  const text = 'header' in where ? response.headers[where.header] : pickText(rest, where.pointer)
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined
}
