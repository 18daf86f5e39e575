import { z } from 'zod'
import { LOCATION_KINDS, addLocation, changeLocation, listLocations, removeLocation } from '../../store/deliver/locations.ts'
import { done, itemsOf, label, nothing, visible } from '../fields.ts'
import { seesPlace } from '../places.ts'
import { requireWholeHub } from '../principal.ts'
import { Reply, type Route, route } from '../route.ts'

const row = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(LOCATION_KINDS),
  sellable: z.boolean(),
  priority: z.number(),
  owner: z.string().nullable(),
  skus: z.number(),
})
const owner = z
  .string()
  .regex(/^(key:[A-Za-z0-9_-]{1,64}|connection:[A-Za-z0-9_-]{1,64}|file|console)$/, 'must be key:<id>, connection:<id>, file or console')
const fields = {
  name: label(120),
  kind: z.enum(LOCATION_KINDS),
  sellable: z.boolean(),
  priority: z.int().min(0).max(100_000),
  owner: owner.nullable(),
}

const list = route({
  method: 'get',
  path: '/v1/locations',
  tag: 'Locations',
  summary: 'Places where goods are, in the order in which orders take from them',
  scope: 'stock:read',
  byPlace: true,
  params: nothing,
  query: nothing,
  body: nothing,
  answer: itemsOf(row),
  async handle({ deps, who }) {
    return { items: (await listLocations(deps.pool)).filter((place) => seesPlace(who, place.id)) }
  },
})

const add = route({
  method: 'post',
  path: '/v1/locations',
  tag: 'Locations',
  summary: 'Add a place; suppliers and goods on their way are not for sale unless said so',
  scope: 'stock:write',
  audit: 'location.add',
  status: 201,
  params: nothing,
  query: nothing,
  body: z.strictObject({
    id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$/, 'must be letters, digits, dots, dashes'),
    name: fields.name.optional(),
    kind: fields.kind.optional(),
    sellable: fields.sellable.optional(),
    priority: fields.priority.optional(),
    owner: fields.owner.optional(),
  }),
  answer: row,
  async handle({ deps, who, body, note }) {
    requireWholeHub(who)
    const kind = body.kind ?? 'warehouse'
    const location = {
      id: body.id,
      name: body.name ?? body.id,
      kind,
      sellable: body.sellable ?? (kind === 'warehouse' || kind === 'store'),
      priority: body.priority ?? 100,
      owner: body.owner ?? null,
    }
    await addLocation(deps.pool, location)
    note(location, body.id)
    return new Reply({ ...location, skus: 0 }, { status: 201 })
  },
})

const params = z.strictObject({ id: visible(60) })

const change = route({
  method: 'patch',
  path: '/v1/locations/{id}',
  tag: 'Locations',
  summary: 'Change a place; levels follow when it opens or closes for sale',
  scope: 'stock:write',
  audit: 'location.change',
  params,
  query: nothing,
  body: z.strictObject(fields).partial(),
  answer: done,
  async handle({ deps, who, params: { id }, body, note }) {
    requireWholeHub(who)
    await changeLocation(deps.pool, id, body)
    note(body, id)
    return { ok: true }
  },
})

const remove = route({
  method: 'delete',
  path: '/v1/locations/{id}',
  tag: 'Locations',
  summary: 'Remove a place that never held anything',
  scope: 'stock:write',
  audit: 'location.remove',
  status: 204,
  params,
  query: nothing,
  body: nothing,
  answer: z.null(),
  async handle({ deps, who, params: { id }, note }) {
    requireWholeHub(who)
    await removeLocation(deps.pool, id)
    note({}, id)
    return null
  },
})

export const locationRoutes: readonly Route[] = [list, add, change, remove]
