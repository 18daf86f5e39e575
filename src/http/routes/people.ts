import { z } from 'zod'
import { createKey, listKeys, revokeKey } from '../../store/people/keys.ts'
import { removeSecondFactor, secondFactorRoles, setSecondFactorRoles } from '../../store/people/second-factor.ts'
import { changeUser, createUser, listUsers } from '../../store/people/users.ts'
import { connectionId, done, instant, itemsOf, label, nothing, visible } from '../fields.ts'
import { Problem, notFound } from '../problem.ts'
import { requireWholeHub } from '../principal.ts'
import { type Route, route } from '../route.ts'
import { ROLES, SCOPES } from '../scopes.ts'

const connections = z.array(connectionId).max(1000).nullable()
const key = z.looseObject({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(z.string()),
  connections: connections,
  created_at: z.string(),
  revoked_at: z.string().nullable(),
})
const keyId = z.string().regex(/^[0-9a-z]{10}$/)

const keys = route({
  method: 'get',
  path: '/v1/keys',
  tag: 'People and keys',
  summary: 'API keys, without their secrets',
  scope: 'admin',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: itemsOf(key),
  async handle({ deps, who }) {
    requireWholeHub(who)
    return { items: await listKeys(deps.pool) }
  },
})

const newKey = route({
  method: 'post',
  path: '/v1/keys',
  tag: 'People and keys',
  summary: 'Make an API key; its secret is shown this once',
  scope: 'admin',
  audit: 'key.create',
  status: 201,
  secretAnswer: true,
  params: nothing,
  query: nothing,
  body: z.strictObject({
    name: label(120),
    scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
    connections: connections.optional(),
    expires_at: instant.optional(),
  }),
  answer: z.looseObject({ ...key.shape, secret: z.string() }),
  async handle({ deps, who, body, note }) {
    requireWholeHub(who)
    if (body.expires_at !== undefined && Date.parse(body.expires_at) <= deps.now().getTime())
      throw new Problem(400, 'expiry-past', 'The key would have expired already.')
    const made = await createKey(deps.pool, {
      name: body.name,
      scopes: [...new Set(body.scopes)],
      connections: body.connections ?? null,
      expiresAt: body.expires_at,
      createdBy: who.actor,
    })
    note({ scopes: made.scopes, connections: made.connections }, made.id)
    return made
  },
})

const revoke = route({
  method: 'delete',
  path: '/v1/keys/{id}',
  tag: 'People and keys',
  summary: 'End a key at once',
  scope: 'admin',
  audit: 'key.revoke',
  status: 204,
  params: z.strictObject({ id: keyId }),
  query: nothing,
  body: nothing,
  answer: z.null(),
  async handle({ deps, who, params }) {
    requireWholeHub(who)
    if (!(await revokeKey(deps.pool, params.id))) throw notFound('key')
    return null
  },
})

const user = z.looseObject({
  id: z.string(),
  name: z.string(),
  roles: z.array(z.string()),
  connections: connections,
  locations: z.array(z.string()).nullable(),
  must_change: z.boolean(),
  second_factor_at: z.string().nullable(),
  disabled_at: z.string().nullable(),
})
const roles = z.array(z.enum(ROLES)).min(1).max(ROLES.length)
const locations = z.array(visible(60)).max(1000).nullable()
const userId = z.string().regex(/^u_[0-9a-z]{10}$/)

const users = route({
  method: 'get',
  path: '/v1/users',
  tag: 'People and keys',
  summary: 'Who may sign in',
  scope: 'admin',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: itemsOf(user),
  async handle({ deps, who }) {
    requireWholeHub(who)
    return { items: await listUsers(deps.pool) }
  },
})

const newUser = route({
  method: 'post',
  path: '/v1/users',
  tag: 'People and keys',
  summary: 'Let a person in; the password must be changed at the first sign-in',
  scope: 'admin',
  audit: 'user.create',
  status: 201,
  secretAnswer: true,
  params: nothing,
  query: nothing,
  body: z.strictObject({
    name: label(100),
    password: z.string().min(1).max(200),
    roles,
    connections: connections.optional(),
    locations: locations.optional(),
  }),
  answer: user,
  async handle({ deps, who, body, note }) {
    requireWholeHub(who)
    const made = await createUser(deps.pool, {
      name: body.name,
      password: body.password,
      roles: [...new Set(body.roles)],
      connections: body.connections ?? null,
      locations: body.locations ?? null,
      mustChange: true,
    })
    note({ name: made.name, roles: made.roles, connections: made.connections, locations: made.locations }, made.id)
    return made
  },
})

const changePerson = route({
  method: 'patch',
  path: '/v1/users/{id}',
  tag: 'People and keys',
  summary: 'Change rights, disable, or set a new first password; sessions end',
  scope: 'admin',
  audit: 'user.change',
  params: z.strictObject({ id: userId }),
  query: nothing,
  body: z.strictObject({
    roles: roles.optional(),
    connections: connections.optional(),
    locations: locations.optional(),
    disabled: z.boolean().optional(),
    password: z.string().min(1).max(200).optional(),
  }),
  answer: user,
  async handle({ deps, who, params, body, note }) {
    requireWholeHub(who)
    note({
      roles: body.roles,
      connections: body.connections,
      locations: body.locations,
      disabled: body.disabled,
      password: body.password !== undefined,
    })
    return changeUser(deps.pool, params.id, body)
  },
})

const resetFactor = route({
  method: 'post',
  path: '/v1/users/{id}/second-factor/remove',
  tag: 'People and keys',
  summary: 'Take away the second factor of somebody who lost it; their sessions end',
  scope: 'admin',
  audit: 'second-factor.reset',
  params: z.strictObject({ id: userId }),
  query: nothing,
  body: nothing,
  answer: done,
  async handle({ deps, who, params }) {
    requireWholeHub(who)
    await removeSecondFactor(deps.pool, params.id)
    return { ok: true }
  },
})

const policy = z.object({ second_factor_roles: z.array(z.string()) })

const readPolicy = route({
  method: 'get',
  path: '/v1/access-policy',
  tag: 'People and keys',
  summary: 'Which roles need a second factor',
  scope: 'admin',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: policy,
  async handle({ deps, who }) {
    requireWholeHub(who)
    return { second_factor_roles: await secondFactorRoles(deps.pool) }
  },
})

const changePolicy = route({
  method: 'patch',
  path: '/v1/access-policy',
  tag: 'People and keys',
  summary: 'Ask roles for a second factor: who has none can do nothing but add one',
  scope: 'admin',
  audit: 'access.policy',
  params: nothing,
  query: nothing,
  body: z.strictObject({ second_factor_roles: z.array(z.enum(ROLES)).max(ROLES.length) }),
  answer: policy,
  async handle({ deps, who, body, note }) {
    requireWholeHub(who)
    const roles = [...new Set(body.second_factor_roles)]
    await setSecondFactorRoles(deps.pool, roles)
    note({ second_factor_roles: roles }, 'access-policy')
    return { second_factor_roles: roles }
  },
})

export const peopleRoutes: readonly Route[] = [keys, newKey, revoke, users, newUser, changePerson, resetFactor, readPolicy, changePolicy]
