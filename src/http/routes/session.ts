import { z } from 'zod'
import { audit } from '../../store/people/audit.ts'
import { closeSession, openSession, sessionHash } from '../../store/people/sessions.ts'
import { changePassword, checkLogin } from '../../store/people/users.ts'
import type { HttpDeps } from '../deps.ts'
import { connectionId, done, line, nothing } from '../fields.ts'
import { isHttps, requireOwnOrigin, sessionCookieName } from '../principal.ts'
import { Problem } from '../problem.ts'
import { Reply, type Route, route } from '../route.ts'
import { scopesOfRoles } from '../scopes.ts'

const user = z.object({
  id: z.string(),
  name: z.string(),
  roles: z.array(z.string()),
  scopes: z.array(z.string()),
  connections: z.array(connectionId).nullable(),
  must_change: z.boolean(),
})
const signedIn = z.object({ user })

const userView = (person: { id: string; name: string; roles: readonly string[]; connections: readonly string[] | null; must_change: boolean }) => ({
  user: {
    id: person.id,
    name: person.name,
    roles: person.roles,
    scopes: [...scopesOfRoles(person.roles)],
    connections: person.connections,
    must_change: person.must_change,
  },
})

/** How long a sign-in lasts at most, when nobody says. */
const SESSION_HOURS = 12

const cookie = (deps: HttpDeps, value: string, maxAge: number): string =>
  `${sessionCookieName(isHttps(deps))}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge}${isHttps(deps) ? '; Secure' : ''}`

const signIn = route({
  method: 'post',
  path: '/v1/session',
  tag: 'Session',
  summary: 'Sign in with name and password',
  scope: 'public',
  params: nothing,
  query: nothing,
  body: z.strictObject({ name: line(100), password: z.string().min(1).max(200) }),
  answer: signedIn,
  secretAnswer: true,
  async handle({ deps, body, request, clientIp }) {
    requireOwnOrigin(deps, request)
    const wait = deps.gates.logins.wait(body.name, clientIp)
    if (wait > 0) throw new Problem(429, 'rate-limited', 'Too many attempts to sign in.', { retryAfterSeconds: wait })
    const result = await checkLogin(deps.pool, body.name, body.password)
    if (!result.ok) {
      await audit(
        deps.pool,
        { actor: 'nobody', action: 'session.refused', subject: body.name, details: { reason: result.reason, ip: clientIp } },
        deps.now(),
      )
      throw new Problem(401, 'sign-in-refused', 'Name or password is not right, or the name is locked for a while.')
    }
    const hours = deps.settings.sessionHours ?? SESSION_HOURS
    const session = await openSession(deps.pool, result.user.id, { ip: clientIp, agent: request.headers.get('user-agent') ?? '' }, hours)
    await audit(
      deps.pool,
      { actor: `user:${result.user.name}`, action: 'session.open', subject: result.user.id, details: { ip: clientIp } },
      deps.now(),
    )
    return new Reply(userView(result.user), { headers: { 'set-cookie': cookie(deps, session, hours * 3600) } })
  },
})

const whoAmI = route({
  method: 'get',
  path: '/v1/session',
  tag: 'Session',
  summary: 'Who is signed in',
  scope: 'signed-in',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: z.union([
    signedIn,
    z.object({ key: z.object({ actor: z.string(), scopes: z.array(z.string()), connections: z.array(connectionId).nullable() }) }),
  ]),
  async handle({ who }) {
    if (who.user === undefined) return { key: { actor: who.actor, scopes: [...who.scopes], connections: who.connections } }
    return userView({ ...who.user, connections: who.connections, must_change: who.user.mustChange })
  },
})

const signOut = route({
  method: 'delete',
  path: '/v1/session',
  tag: 'Session',
  summary: 'Sign out',
  scope: 'signed-in',
  audit: 'session.close',
  status: 204,
  params: nothing,
  query: nothing,
  body: nothing,
  answer: z.null(),
  async handle({ deps, who }) {
    if (who.session !== undefined) await closeSession(deps.pool, who.session)
    return new Reply(null, { headers: { 'set-cookie': cookie(deps, '', 0) } })
  },
})

const newPassword = route({
  method: 'post',
  path: '/v1/session/password',
  tag: 'Session',
  summary: 'Change the own password; other sessions end',
  scope: 'signed-in',
  audit: 'session.password',
  secretAnswer: true,
  params: nothing,
  query: nothing,
  body: z.strictObject({ current: z.string().min(1).max(200), next: z.string().min(1).max(200) }),
  answer: done,
  async handle({ deps, who, body }) {
    if (who.user === undefined || who.session === undefined) throw new Problem(403, 'people-only', 'Only a signed-in person has a password.')
    await changePassword(deps.pool, { userId: who.user.id, current: body.current, next: body.next, keepSession: sessionHash(who.session) })
    return { ok: true }
  },
})

export const sessionRoutes: readonly Route[] = [signIn, whoAmI, signOut, newPassword]
