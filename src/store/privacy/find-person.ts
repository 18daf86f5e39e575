import type pg from 'pg'
import type { SecretBox } from '../envelope.ts'
import type { Visible } from '../read/scope.ts'

/** How somebody is found: by a contact in clear, or by orders that are theirs. */
export type Person = { readonly phone: string } | { readonly email: string } | { readonly orderIds: readonly string[] }

export interface PersonOrder {
  readonly id: number
  readonly connection_id: string
  readonly channel_order_no: string
  readonly placed_at: string
  /** Goods or money are still under way: the person is needed. */
  readonly open: boolean
  readonly erased: boolean
}

/** Columns of an order `o` with what was erased of it (`e`). */
export const ORDER_OF_PERSON = `o.id, o.connection_id, o.channel_order_no, o.placed_at, e.order_id is not null as erased,
       o.after_sale in ('requested', 'in_progress') or not (o.cancelled or o.closed or o.fulfilment in ('shipped', 'in_transit', 'delivered')) as open`

/** More orders than one person has; beyond it a request is made in parts. */
const MOST = 1000

/** Their orders, oldest first, at most a thousand; through keyed indexes, so that a contact is never compared in clear. */
export async function ordersOfPerson(db: Pick<pg.Pool, 'query'>, box: SecretBox, person: Person, visible: Visible): Promise<readonly PersonOrder[]> {
  const [where, value] =
    'orderIds' in person
      ? ['o.id = any($2::bigint[])', person.orderIds]
      : 'phone' in person
        ? ['p.phone = $2 and p.phone4 = $3', box.index('phone', digits(person.phone).slice(-11))]
        : ['p.email = $2', box.index('email', person.email.trim().toLowerCase())]
  const { rows } = await db.query<PersonOrder>(
    `select ${ORDER_OF_PERSON}
     from orders o left join order_parties p on p.order_id = o.id left join erasures e on e.order_id = o.id
     where ${where} and ($1::text[] is null or o.connection_id = any($1)) order by o.id limit ${MOST}`,
    [visible, value, ...('phone' in person ? [box.index('phone4', digits(person.phone).slice(-4))] : [])],
  )
  return rows
}

const digits = (phone: string): string => phone.replaceAll(/\D/g, '')
