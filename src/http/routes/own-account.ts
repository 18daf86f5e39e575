import { z } from 'zod'
import { beginSecondFactor, confirmSecondFactor, removeSecondFactor, secondFactorRoles } from '../../store/people/second-factor.ts'
import { endOtherSessions, endSession, listSessions, sessionHash } from '../../store/people/sessions.ts'
import { assertOwnPassword } from '../../store/people/users.ts'
import { done, itemsOf, line, nothing } from '../fields.ts'
import { requirePerson, spareGuesses } from '../own-account.ts'
import { Problem, notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'

const password = z.string().min(1).max(200)

const sessions = route({
  method: 'get',
  path: '/v1/sessions',
  tag: 'Session',
  summary: 'Where this person is signed in',
  scope: 'signed-in',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: itemsOf(
    z.object({
      id: z.string(),
      created_at: z.string(),
      last_seen: z.string(),
      expires_at: z.string(),
      ip: z.string().nullable(),
      agent: z.string().nullable(),
      current: z.boolean(),
    }),
  ),
  async handle({ deps, who }) {
    const { user, session } = requirePerson(who)
    return { items: await listSessions(deps.pool, user.id, sessionHash(session)) }
  },
})

const end = route({
  method: 'delete',
  path: '/v1/sessions/{id}',
  tag: 'Session',
  summary: 'Sign out elsewhere',
  scope: 'signed-in',
  audit: 'session.end',
  status: 204,
  params: z.strictObject({ id: z.string().regex(/^[0-9a-f]{24}$/) }),
  query: nothing,
  body: nothing,
  answer: z.null(),
  async handle({ deps, who, params }) {
    if (!(await endSession(deps.pool, requirePerson(who).user.id, params.id))) throw notFound('session')
    return null
  },
})

const endOthers = route({
  method: 'post',
  path: '/v1/sessions/end-others',
  tag: 'Session',
  summary: 'Sign out everywhere else',
  scope: 'signed-in',
  audit: 'session.end-others',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: z.object({ ended: z.number() }),
  async handle({ deps, who, note }) {
    const { user, session } = requirePerson(who)
    const ended = await endOtherSessions(deps.pool, user.id, sessionHash(session))
    note({ ended }, user.id)
    return { ended }
  },
})

const begin = route({
  method: 'post',
  path: '/v1/session/second-factor',
  tag: 'Session',
  summary: 'A new secret for an authenticator app; it counts once a code of it is confirmed',
  scope: 'signed-in',
  audit: 'second-factor.begin',
  secretAnswer: true,
  params: nothing,
  query: nothing,
  body: z.strictObject({ password }),
  answer: z.object({ secret: z.string(), uri: z.string() }),
  async handle({ deps, who, body, clientIp, note }) {
    const { user } = requirePerson(who)
    await spareGuesses(deps, { name: user.name, address: clientIp }, () => assertOwnPassword(deps.pool, user.id, body.password))
    note({}, user.id)
    return beginSecondFactor(deps.pool, deps.secrets, user)
  },
})

const confirm = route({
  method: 'post',
  path: '/v1/session/second-factor/confirm',
  tag: 'Session',
  summary: 'Put the second factor in force with its first code; the recovery codes are shown this once, other sessions end',
  scope: 'signed-in',
  audit: 'second-factor.add',
  secretAnswer: true,
  params: nothing,
  query: nothing,
  body: z.strictObject({ code: line(40) }),
  answer: z.object({ recovery_codes: z.array(z.string()) }),
  async handle({ deps, who, body, clientIp, note }) {
    const { user, session } = requirePerson(who)
    const input = { userId: user.id, code: body.code.trim(), now: deps.now(), keepSession: sessionHash(session) }
    const codes = await spareGuesses(deps, { name: user.name, address: clientIp }, () => confirmSecondFactor(deps.pool, deps.secrets, input))
    note({}, user.id)
    return { recovery_codes: codes }
  },
})

const removeOwn = route({
  method: 'post',
  path: '/v1/session/second-factor/remove',
  tag: 'Session',
  summary: 'Sign in without a second factor again, where no role asks for one; other sessions end',
  scope: 'signed-in',
  audit: 'second-factor.remove',
  params: nothing,
  query: nothing,
  body: z.strictObject({ password }),
  answer: done,
  async handle({ deps, who, body, clientIp, note }) {
    const { user, session } = requirePerson(who)
    await spareGuesses(deps, { name: user.name, address: clientIp }, () => assertOwnPassword(deps.pool, user.id, body.password))
    const asking = await secondFactorRoles(deps.pool)
    if (user.roles.some((role) => asking.includes(role))) throw new Problem(422, 'second-factor-required', 'Your role needs a second factor.')
    await removeSecondFactor(deps.pool, user.id, sessionHash(session))
    note({}, user.id)
    return { ok: true }
  },
})

/** What people do with their own account beside signing in and out. */
export const ownAccountRoutes: readonly Route[] = [sessions, end, endOthers, begin, confirm, removeOwn]
